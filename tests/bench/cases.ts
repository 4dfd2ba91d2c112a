/** What `npm run bench` measures: a table of cases, each with contenders that take turns. The first one is what ratios are to. */

import * as extras from '../extras/bench.ts';
import type { BenchExtra } from '../extras/bench-extra.ts';
import {
  assessed,
  bareTrained,
  checked,
  evaluated,
  llamaCpp,
  profiled,
  python,
  savedAndResumed,
  started,
  trained,
  tried,
} from './commands.ts';
import type { FigureName, Figures } from './figures.ts';
import { type Inputs, PAIRS, SHORT_HELD_OUT, SHORT_ROWS, TOOL_ROWS } from './inputs.ts';

export interface Contender {
  readonly name: string;
  run(): Promise<Figures>;
}

/** What all cases are measured with. */
export interface Setting {
  readonly model: string;
  readonly threads: number;
  /** Steps of a trial; the first one doesn't count. */
  readonly steps: number;
  /** Smaller amounts, to see that everything runs. */
  readonly isQuick: boolean;
  readonly inputs: Inputs;
  /** Python with the packages of peers/requirements.txt and the model as a folder; null: without peers. */
  readonly peers: { readonly python: string; readonly model: string } | null;
}

export interface Case {
  readonly about: string;
  readonly figures: readonly FigureName[];
  contenders(setting: Setting): Promise<readonly Contender[]>;
}

const EXTRAS = Object.values<BenchExtra>(extras);
const EXTRA_WAYS: Readonly<Record<string, readonly string[]>> = Object.assign(
  {},
  ...EXTRAS.map(({ ways }) => ways),
);

/** Ways to train, by the flags of `fettle train`: a precision or an executor is a row. One that is not here says so in the table. */
const WAYS: Readonly<Record<string, readonly string[]>> = {
  float32: ['--precision', 'f32'],
  int8: ['--precision', 'int8'],
  'by default': [],
  'by default, beginnings apart': ['--no-share-beginnings'],
  'float32, beginnings apart': ['--precision', 'f32', '--no-share-beginnings'],
  'QLoRA 8 bits': ['--method', 'qlora', '--bits', '8', '--precision', 'f32'],
  'QLoRA 4 bits': ['--method', 'qlora', '--bits', '4'],
  'QLoRA int8': ['--method', 'qlora', '--bits', '8', '--precision', 'int8'],
  OpenVINO: ['--executor', 'openvino'],
  ...EXTRA_WAYS,
};
const WAYS_OF_PEOPLE = [
  ...[
    'by default',
    'by default, beginnings apart',
    'float32',
    'float32, beginnings apart',
    'int8',
    'OpenVINO',
  ],
];
const USUAL_WAYS = ['float32', 'int8', 'QLoRA 8 bits', 'QLoRA 4 bits', 'OpenVINO'];

/** Tokens of a step where a case says nothing else. */
const TOKENS = 1024;
const STEP_FIGURES = [
  'tokensPerSecond',
  'stepSeconds',
  'tokensPerProcessorSecond',
  'wattHours',
  'tokensPerWattHour',
  'peakBytes',
  'predictedBytes',
  'firstStepSeconds',
  'loss',
] as const;

interface Training {
  readonly model: string;
  readonly data: string;
  readonly length: number;
  readonly tokens?: number;
}

function flagsOf({ threads, steps }: Setting, { model, data, length, tokens = TOKENS }: Training): string[] {
  return [
    ...['--model', model, '--data', data, '--max-length', String(length), '--held-out', '0'],
    ...['--tokens-per-micro-batch', String(tokens), '--gradient-accumulation', '1', '--seed', '1'],
    ...['--rank', '16', '--threads', String(threads), '--max-steps', String(steps), '--device', 'cpu'],
    ...['--schedule', 'constant', '--warmup-steps', '0', '--learning-rate', '2e-4', '--weight-decay', '0'],
  ];
}

/** The flags of a full fine-tuning: it has no rank. */
function fullFlags(setting: Setting, training: Training): string[] {
  const flags = flagsOf(setting, training);
  flags.splice(flags.indexOf('--rank'), 2, '--method', 'full');
  return flags.with(flags.indexOf('2e-4'), '2e-5');
}

const wayOf = (name: string, flags: readonly string[]): Contender => ({
  name: `Fettle ${name}`,
  run: () => trained([...flags, ...WAYS[name]!]),
});

function steps(
  about: string,
  training: (setting: Setting) => Training | Promise<Training>,
  ways = USUAL_WAYS,
): Case {
  return {
    about,
    figures: STEP_FIGURES,
    async contenders(setting) {
      const flags = flagsOf(setting, await training(setting));
      return ways.map((way) => wayOf(way, flags));
    },
  };
}

/** TRL and PEFT on the same rows: packed to rows of `TOKENS`, or as many rows side by side as hold about as many tokens. */
async function trl(
  { peers, inputs, model, threads, steps }: Setting,
  { data, length }: Training,
  heldOut?: string,
): Promise<Contender[]> {
  if (!peers) return [];
  const rows = await inputs.tokenised(model, data, length);
  const others = heldOut ? ['--held-out', await inputs.tokenised(model, heldOut, length)] : [];
  const common = [
    '--model',
    peers.model,
    '--rows',
    rows,
    '--threads',
    String(threads),
    '--steps',
    String(steps),
  ];
  return ['float32', 'bfloat16'].flatMap((dtype) =>
    [true, false].map((isPacked) => ({
      name: `TRL + PEFT ${dtype}${isPacked ? ', packed' : ''}`,
      run: () =>
        python(peers.python, 'trl_sft.py', [
          ...[...common, ...others, '--dtype', dtype],
          ...['--length', String(isPacked ? TOKENS : length)],
          ...(isPacked
            ? ['--packing', '--batch', '1']
            : ['--batch', String(Math.max(1, Math.round(TOKENS / length)))]),
        ]),
    })),
  );
}

/** Rows as people have them, by each way that a person may take, against TRL with PEFT on the same rows. */
function rowsOfPeople(about: string, training: (setting: Setting) => Training): Case {
  return {
    about,
    figures: STEP_FIGURES,
    async contenders(setting) {
      const flags = flagsOf(setting, training(setting));
      const others = await trl(setting, training(setting));
      return [...others, ...WAYS_OF_PEOPLE.map((way) => wayOf(way, flags))];
    },
  };
}

/** A bare loop in PyTorch over Fettle's own micro-batches, only labelled rows in the head. */
async function bareLoop(setting: Setting, { data }: Training, ...more: string[]): Promise<Contender[]> {
  const { peers, inputs, model, threads, steps } = setting;
  if (!peers) return [];
  const batches = await inputs.packed(model, data, TOKENS, steps);
  const args = [
    '--model',
    peers.model,
    '--batches',
    batches,
    '--threads',
    String(threads),
    '--head',
    'labelled',
  ];
  return [
    {
      name: ['PyTorch', 'bare loop', ...more.filter((word) => !word.startsWith('-'))].join(', '),
      run: () => bareTrained(peers.python, [...args, ...more, '--json']),
    },
  ];
}

const longPrompts = ({ model, inputs }: Setting): Training => ({
  model,
  data: inputs.longPrompts(),
  length: 512,
});
const textsOf =
  (length: number) =>
  ({ model, inputs }: Setting): Training => ({
    ...{ model, data: inputs.texts(length), length },
    tokens: Math.max(length, TOKENS),
  });

let peak = Number.NaN;
const WAYS_TO_RECOMPUTE = ['none', 'attention', 'third', 'half', 'block'];
/** What saves memory in a full fine-tuning. */
const FULL_SETTINGS: readonly (readonly string[])[] = [
  [],
  ['--optimizer', 'adamw-8bit'],
  ['--recompute', 'attention', '--optimizer', 'adamw-8bit'],
  ['--recompute', 'block'],
  ['--recompute', 'block', '--optimizer', 'adamw-8bit'],
  ['--recompute', 'block', '--master-bits', '16'],
  ['--recompute', 'block', '--optimizer', 'adamw-8bit', '--master-bits', '16'],
  ...EXTRAS.flatMap(({ fullSettings }) => fullSettings ?? []),
];

export const CASES = {
  headline: {
    about:
      'LoRA r16 on all linear layers, answers only behind long prompts, against TRL with PEFT on the same rows',
    figures: STEP_FIGURES,
    async contenders(setting) {
      const training = longPrompts(setting);
      const flags = flagsOf(setting, training);
      return [
        ...(await trl(setting, training)),
        ...(await bareLoop(setting, training)),
        ...['float32', 'int8', 'QLoRA 8 bits', 'QLoRA 4 bits', 'QLoRA int8', 'OpenVINO'].map((way) =>
          wayOf(way, flags),
        ),
      ];
    },
  },
  'rows-sorting': rowsOfPeople('short rows behind an instruction of 200 tokens', ({ model, inputs }) => ({
    ...{ model, data: inputs.instructed(), length: 512 },
  })),
  'rows-tools': rowsOfPeople('calls of tools, with schemas', ({ model }) => ({
    ...{ model, data: TOOL_ROWS, length: 512 },
  })),
  'rows-emails': rowsOfPeople('long e-mails', ({ model, inputs }) => ({
    ...{ model, data: inputs.emails(), length: 1024 },
  })),
  'steps-256': steps('rows of 256 tokens, all learned', textsOf(256)),
  'steps-1024': steps('rows of 1,024 tokens, all learned', textsOf(1024)),
  'steps-4096': steps('rows of 4,096 tokens, all learned', textsOf(4096)),
  packed: steps('short rows packed, answers only', ({ model }) => ({ model, data: SHORT_ROWS, length: 256 })),
  'qwen3-0.6b': steps('random weights in the shape of Qwen3 0.6B', async ({ inputs }) => ({
    ...{ model: await inputs.shaped('qwen3-0.6b'), data: inputs.texts(256), length: 256, tokens: 256 },
  })),
  'llama-1b': steps('random weights in the shape of Llama 3.2 1B', async ({ inputs }) => ({
    ...{ model: await inputs.shaped('llama-1b'), data: inputs.texts(256), length: 256, tokens: 256 },
  })),
  ...Object.fromEntries(
    Object.keys(EXTRA_WAYS).map((way) => [
      way.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
      steps(`${way} beside onnxruntime`, textsOf(256), ['float32', way]),
    ]),
  ),
  full: {
    about: 'full fine-tuning against PyTorch in float32',
    figures: STEP_FIGURES,
    async contenders(setting) {
      const training = longPrompts(setting);
      const flags = fullFlags(setting, training);
      return [
        ...(await bareLoop(setting, training, '--method', 'full')),
        ...['float32', 'int8', 'OpenVINO'].map((way) => wayOf(way, flags)),
      ];
    },
  },
  preference: {
    about: 'DPO with LoRA r16 on all linear layers, against TRL with PEFT on the same pairs',
    figures: ['pairsPerSecond', ...STEP_FIGURES],
    async contenders(setting) {
      const { model, peers, threads, steps } = setting;
      const flags = [...flagsOf(setting, { model, data: PAIRS, length: 256 }), '--objective', 'dpo'];
      const args = ['--model', peers?.model ?? '', '--pairs', PAIRS, '--batch', '8'];
      return [
        ...['asked in each step', 'asked before'].flatMap((name) =>
          peers
            ? [
                {
                  name: `TRL + PEFT, reference ${name}`,
                  run: () =>
                    python(peers.python, 'trl_dpo.py', [
                      ...[...args, '--threads', String(threads), '--steps', String(steps)],
                      ...(name === 'asked before' ? ['--precompute'] : []),
                    ]),
                },
              ]
            : [],
        ),
        ...['by default', 'float32', 'int8'].map((way) => wayOf(way, flags)),
      ];
    },
  },
  'full-memory': {
    about: 'what saves memory in full fine-tuning: the table of memory.md',
    figures: ['peakBytes', 'predictedBytes', 'stepSeconds', 'loss'],
    async contenders(setting) {
      const flags = fullFlags(setting, textsOf(1024)(setting));
      return FULL_SETTINGS.map((more) => ({
        name: more.length === 0 ? 'plain' : `\`${more.join(' ')}\``,
        run: () => trained([...flags, ...more]),
      }));
    },
  },
  recompute: {
    about: 'activations kept and computed again, beside weights of 32, 8 and 4 bits: the tables of memory.md',
    figures: ['peakBytes', 'predictedBytes', 'stepSeconds', 'loss'],
    async contenders(setting) {
      const flags = flagsOf(setting, textsOf(1024)(setting));
      return ['float32', 'QLoRA 8 bits', 'QLoRA 4 bits'].flatMap((way) =>
        WAYS_TO_RECOMPUTE.map((recompute) => ({
          name: `${way}, \`${recompute}\``,
          run: () => trained([...flags, ...WAYS[way]!, '--recompute', recompute]),
        })),
      );
    },
  },
  halves: {
    about: 'weights in the 16 bits of their files beside float32: the figures of memory.md',
    figures: ['peakBytes', 'predictedBytes', 'stepSeconds', 'loss'],
    async contenders(setting) {
      const model = await setting.inputs.withLayers(30, 'bf16');
      const flags = flagsOf(setting, { ...textsOf(1024)(setting), model });
      return ['none', 'block'].flatMap((recompute) =>
        [[], ['--bits', '16']].map((bits) => ({
          name: `${bits.length > 0 ? '16 bits' : 'float32'}, \`${recompute}\``,
          run: () => trained([...flags, ...bits, '--recompute', recompute]),
        })),
      );
    },
  },
  evaluate: {
    about: 'loss of held-out rows, packed, against one row at a time in PyTorch',
    figures: ['tokensPerSecond', 'loss', 'seconds', 'peakBytes'],
    async contenders({ model, inputs, threads, peers }) {
      const flags = [
        '--model',
        model,
        '--data',
        SHORT_HELD_OUT,
        '--max-length',
        '256',
        '--threads',
        String(threads),
      ];
      const rows = peers && (await inputs.tokenised(model, SHORT_HELD_OUT, 256));
      const args = ['--model', peers?.model ?? '', '--rows', rows ?? '', '--threads', String(threads)];
      return [
        ...(peers
          ? [{ name: 'PyTorch, a row at a time', run: () => python(peers.python, 'pytorch_eval.py', args) }]
          : []),
        {
          name: 'Fettle, a row at a time',
          run: () =>
            evaluated([...flags, '--split', 'all', '--no-packing', '--tokens-per-micro-batch', '256']),
        },
        { name: 'Fettle', run: () => evaluated([...flags, '--split', 'all']) },
      ];
    },
  },
  generate: {
    about:
      'reading a prompt of 256 tokens and generating 64, float32, against llama.cpp with the same weights',
    figures: ['decodePerSecond', 'prefillPerSecond', 'peakBytes'],
    async contenders({ model, inputs, threads }) {
      const asked = { model, threads, prompt: 256, generated: 64 };
      const file = await inputs.floatGguf(model);
      return [
        { name: 'llama.cpp', run: () => llamaCpp({ ...asked, file }) },
        ...[1, 16].map((batch) => ({
          name: `Fettle, ${batch === 1 ? 'one sequence' : `${batch} sequences`}`,
          run: () => tried('decode', { ...asked, batch }),
        })),
      ];
    },
  },
  start: {
    about:
      'from the command to the end of the first step: a first start, with weights to convert, and a later one',
    figures: ['firstStepSeconds'],
    async contenders(setting) {
      const flags = flagsOf(
        { ...setting, steps: 1 },
        { model: setting.model, data: SHORT_ROWS, length: 256 },
      );
      return [true, false].map((isCold) => ({
        name: isCold ? 'cold' : 'warm',
        run: () => started(flags, isCold),
      }));
    },
  },
  data: {
    about: 'reading rows into tokens, and checking them',
    figures: ['bytesPerSecond', 'rowsPerSecond', 'seconds', 'peakBytes'],
    async contenders({ model, inputs, threads, isQuick }) {
      const data = inputs.many(isQuick ? 5_000 : 100_000);
      return [
        { name: 'tokenising', run: () => tried('tokenise', { model, data, threads }) },
        { name: 'checking', run: () => checked(data) },
        { name: 'checking, with tokens', run: () => checked(data, model) },
      ];
    },
  },
  assess: {
    about: 'assessment of a run at its usual budget',
    figures: ['seconds', 'secondsPerRow'],
    async contenders(setting) {
      const flags = flagsOf(setting, { model: setting.model, data: SHORT_ROWS, length: 256 });
      flags.splice(flags.indexOf('--held-out'), 2, '--held-out', '20');
      return [{ name: 'Fettle', run: () => assessed(flags) }];
    },
  },
  checkpoint: {
    about: 'writing a checkpoint, and resuming from it',
    figures: ['checkpointSeconds', 'resumeSeconds'],
    async contenders(setting) {
      const training = { model: setting.model, data: SHORT_ROWS, length: 256 };
      const lora = flagsOf(setting, training);
      return [
        ['LoRA', lora],
        ['full', fullFlags(setting, training)],
      ].map(([name, flags]) => ({
        name: name as string,
        run: () => savedAndResumed(withoutSteps(flags as string[])),
      }));
    },
  },
  profile: {
    about:
      'share of a step by operation, and its arithmetic as a share of the measured float32 product (MFU)',
    figures: ['utilisation', 'flopsPerSecond', 'tokensPerSecond', 'stepSeconds'],
    async contenders(setting) {
      const flags = withoutSteps(flagsOf(setting, longPrompts(setting)));
      return [
        {
          name: 'onnxruntime’s float32 product',
          run: async () => {
            const figures = await tried('product', { threads: setting.threads });
            peak = figures.flopsPerSecond!;
            return figures;
          },
        },
        ...['float32', 'int8', 'QLoRA 4 bits'].map((way) => ({
          name: `Fettle ${way}`,
          run: () => profiled([...flags, ...WAYS[way]!], () => peak),
        })),
      ];
    },
  },
  'growth-tokens': growth('tokens of a step, in rows of 256', [256, 512, 1024, 2048], (setting, tokens) => ({
    ...textsOf(256)(setting),
    tokens,
  })),
  'growth-length': growth(
    'tokens of a row, 2,048 a step',
    [128, 256, 512, 1024, 2048],
    (setting, length) => ({
      ...textsOf(length)(setting),
      tokens: 2048,
    }),
  ),
  'growth-layers': growth(
    'layers of SmolLM2’s shape, 512 tokens a step',
    [6, 12, 18, 24, 30],
    async (setting, layers) => ({
      ...{
        model: await setting.inputs.withLayers(layers),
        data: setting.inputs.texts(256),
        length: 256,
        tokens: 512,
      },
    }),
  ),
} satisfies Record<string, Case>;

export type CaseName = keyof typeof CASES;

function withoutSteps(flags: readonly string[]): string[] {
  const at = flags.indexOf('--max-steps');
  return [...flags.slice(0, at), ...flags.slice(at + 2)];
}

/** The time of a step for each of `sizes`: a plot of performance.md. */
function growth(
  about: string,
  sizes: readonly number[],
  training: (setting: Setting, size: number) => Training | Promise<Training>,
): Case {
  return {
    about,
    figures: ['stepSeconds', 'tokensPerSecond', 'peakBytes', 'predictedBytes'],
    async contenders(setting) {
      const contenders: Contender[] = [];
      for (const size of sizes) {
        const flags = flagsOf(setting, await training(setting, size));
        contenders.push({ name: String(size), run: () => trained(flags) });
      }
      return contenders;
    },
  };
}
