/** What a run measures, saves and says, and what computes it. */
import { say } from '../words/language.ts';
import { EXECUTOR_NAMES, EXECUTORS, type ExecutorName } from './executors.ts';
import { type Beside, choice, HERE, number, RENDERED, setting, texts, toggle, whole } from './row.ts';

/** What the executors are called. */
const TITLES = Object.fromEntries(EXECUTOR_NAMES.map((name) => [name, EXECUTORS[name].title])) as Record<
  ExecutorName,
  string
>;

/** So many prompts of the person's own may be asked while a model is trained. */
const MOST_PROMPTS = 3;
const GROUP = 'Evaluation and saving';

export const assess = setting('assess', GROUP, {
  type: toggle,
  default: true,
  about: 'compare with the base model at the end',
  elsewhere: { to: `${HERE.to}, when the result is back` },
  words: { name: 'Final comparison', about: 'shows what the model learned and forgot' },
  untrained: true,
});

export const thorough = setting('thorough', GROUP, {
  type: toggle,
  default: false,
  about: 'compare on everything; otherwise aim at a fifth of the training time',
  elsewhere: HERE,
  words: {
    name: 'Thorough comparison',
    about: 'asks every question; otherwise it takes about half as long as the training',
  },
  settle: (value: boolean) => value || undefined,
  untrained: true,
});

export const EVALUATION = [
  setting('evalEvery', GROUP, {
    type: whole(1, 1_000_000_000, { word: 'auto' }),
    default: 'auto',
    about: 'steps between evaluations; auto: one to four per epoch, a tenth of the time',
    elsewhere: { to: 'train.py: held-out loss over eval.jsonl' },
    value: 'N|auto',
    alsoCalled: ['eval-steps', 'steps-per-eval'],
    words: {
      name: 'Test every',
      about: 'steps between two tests; automatic is one to four per epoch',
      values: { auto: 'automatic' },
    },
  }),
  setting('earlyStopping', GROUP, {
    type: whole(0, 1_000_000),
    default: 0,
    about: 'stop after this many evaluations without a lower held-out loss; 0: never',
    elsewhere: { to: 'train.py' },
    alsoCalled: ['patience', 'early-stopping-patience'],
    allowed: (value: number, { heldOut, evalData }) =>
      value > 0 &&
      heldOut === 0 &&
      evalData === undefined &&
      say`{earlyStopping} needs held-out rows, but {heldOut} is 0 and there is no {evalData}`,
    words: { name: 'Early stopping', about: 'stops after this many tests without improvement; 0 is never' },
  }),
  setting('keepBest', GROUP, {
    type: toggle,
    default: true,
    about: 'keep the weights with the lowest held-out loss, if clearly better',
    elsewhere: { to: 'train.py; an interval of 95% decides there, too' },
    words: { name: 'Keep best', about: 'keeps the best version, if clearly better than the last' },
    alsoCalled: ['load-best-model-at-end'],
  }),
  setting('saveEverySteps', GROUP, {
    type: whole(1, 1_000_000_000),
    about: 'save a checkpoint every N steps',
    elsewhere: { to: 'train.py' },
    words: { name: 'Steps between saves', about: 'how often progress is saved' },
    alsoCalled: ['save-steps', 'save-every'],
  }),
  setting('saveEveryMinutes', GROUP, {
    type: number(0, 100_000),
    default: 5,
    about: 'save a checkpoint every N minutes; 0: never',
    elsewhere: { to: 'train.py' },
    words: { name: 'Minutes between saves', about: 'how often progress is saved; 0 is never' },
  }),
  setting('keepCheckpoints', GROUP, {
    type: whole(1, 10_000),
    default: 2,
    about: 'newest checkpoints to keep',
    elsewhere: { to: 'save_total_limit' },
    words: { name: 'Checkpoints kept', about: 'older saves are deleted' },
    alsoCalled: ['save-total-limit'],
  }),
  setting('samplePrompts', GROUP, {
    type: texts,
    about: 'your own prompt, answered at every evaluation; up to three',
    elsewhere: { to: 'run.json: rendered to token ids, answered at each evaluation' },
    words: { name: 'Your prompts' },
    value: 'TEXT',
    flag: 'sample-prompt',
    alsoCalled: ['prompt', 'prompts'],
    repeats: true,
    allowed: (value: string | readonly string[] | undefined) => {
      const { length } = [value ?? []].flat();
      return (
        length > MOST_PROMPTS && say`{samplePrompts} takes at most ${MOST_PROMPTS} prompts; got ${length}`
      );
    },
    settle: (value: string | string[] | undefined) => [value ?? []].flat(),
    ownPlace: true,
  }),
  assess,
  thorough,
  setting('logEvery', GROUP, {
    type: whole(1, 1_000_000),
    default: 1,
    about: 'report every Nth step',
    elsewhere: { to: 'train.py' },
    words: { name: 'Report every', about: 'steps between two points of a curve' },
    alsoCalled: ['logging-steps', 'log-steps', 'steps-per-report'],
  }),
] as const;

export const seed = setting('seed', 'Machine', {
  type: whole(0, 0xffffffff),
  default: 42,
  about: 'random seed; the same seed repeats the same run',
  elsewhere: { to: 'order of the rows, first values of the adapters, and seed' },
  resumed: true,
});

const rescue = setting('rescue', 'Machine', {
  type: toggle,
  default: true,
  about: 'continue with lighter settings if memory or a device fails',
  elsewhere: { to: 'none: a failed job says what to change' },
});

/** The devices as a plan and the application call them. */
export const DEVICE_NAMES = {
  cpu: 'processor',
  webgpu: 'WebGPU',
} as const;

const FORMER_DEVICES: readonly unknown[] = ['cuda', 'dml'];

/** Whether saved settings name a device of earlier versions. */
export const isFormerDevice = (device: unknown): boolean => FORMER_DEVICES.includes(device);

/** Settings of earlier versions: a device that is gone is chosen again. */
export function withoutFormerDevice<Given extends Readonly<Record<string, unknown>>>(settings: Given): Given {
  if (!isFormerDevice(settings.device)) return settings;
  const { device: _, ...others } = settings;
  return others as Given;
}

export const threads = setting('threads', 'Machine', {
  type: whole(1, 1024),
  about: 'threads to use; the same number repeats results exactly',
  elsewhere: HERE,
  fallback: 'physical cores',
  alsoCalled: ['num-threads'],
  settle: (value: number | undefined, _, { cores }) => value ?? cores(),
  untrained: true,
});

/** The engines among which Fettle chooses by itself. */
const CHOSEN_AMONG: readonly unknown[] = ['ort', 'openvino', 'ggml'] satisfies ExecutorName[];

/** Settings of another run, as a wish: a device that is gone, or that Fettle chose, is chosen again, and its engine with it. */
export function withoutChoice(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { deviceWhy, ...settings } = withoutFormerDevice(given);
  if (deviceWhy === undefined) return settings;
  const { device: _, executor, ...others } = settings;
  // any other engine is a person's
  return executor === undefined || CHOSEN_AMONG.includes(executor) ? others : { ...others, executor };
}

/** What every command that computes has. */
export const COMPUTED_BY = [
  threads,
  setting('executor', 'Machine', {
    type: choice(...EXECUTOR_NAMES),
    default: 'ort',
    about: 'engine that computes: OpenVINO in bfloat16, the others in float32',
    elsewhere: { to: `${HERE.to}; there PyTorch` },
    alsoCalled: ['backend'],
    untrained: true,
    words: {
      name: 'Engine',
      values: {
        ...TITLES,
        // of a run that another computer has trained
        pytorch: 'PyTorch',
      },
    },
    plan: {
      // what executors are called is for the engine to know
      read: (given) => (typeof given === 'string' ? given : undefined),
      reasons: {
        'device-choice': ({ reason }: { reason: string }) => reason,
        'executor-usual': () =>
          say`It comes with Fettle. Others are used if they were measured to be faster here.`,
      },
    },
  }),
  setting('device', 'Machine', {
    type: choice('auto', 'cpu', 'webgpu'),
    default: 'auto',
    about: 'processor, or card through WebGPU or ggml (vulkan:1)',
    elsewhere: { to: `${HERE.to}; there all cards, or the processor` },
    alsoCalled: ['gpu'],
    untrained: true,
    words: { name: 'Runs on', values: { auto: 'automatic', ...DEVICE_NAMES } },
    plan: { values: ['cpu', 'webgpu'] },
  }),
  setting('card', 'Machine', {
    type: { kind: 'text', most: 200 },
    fallback: 'the best that it sees',
    about: 'with ggml: the card, as `fettle devices` calls it; cpu: the processor',
    elsewhere: HERE,
    untrained: true,
    settle: (value: string | undefined, { executor }: Beside) => (hasCards(executor) ? value : undefined),
    unused: (_: unknown, { executor }: Beside) =>
      hasCards(executor)
        ? null
        : ([
            say`{card} names a graphics card for ggml, and here ${executor ?? 'ort'} computes.`,
            say`Leave out {card}, or choose {executor} ggml.`,
          ] as const),
    words: { name: 'Graphics card', about: 'which of several ggml computes on, by its name' },
  }),
] as const;

/** Whether it finds graphics cards of its own, of which one can be named. */
function hasCards(executor: string | undefined): boolean {
  return executor === 'ggml';
}

/** What a saved run has and nobody sets. */
const WRITTEN = [
  setting('deviceWhy', 'Machine', {
    type: { kind: 'text', most: 2000, mayBeEmpty: true },
    flag: false,
    about: 'why this device was chosen',
    elsewhere: HERE,
    words: { name: 'Why this device' },
  }),
  // always there: a saved run without it is an older one
  setting('inSections', 'Data', {
    type: toggle,
    default: true,
    flag: false,
    about: 'tokenise rows of large files while they train, section by section',
    elsewhere: RENDERED,
    words: { name: 'Large files in sections' },
  }),
] as const;

export const MACHINE = [rescue, seed, ...COMPUTED_BY, ...WRITTEN] as const;

/** How a model is served where nobody says otherwise. */
export const ENDPOINT = { type: 'f16', port: 4887, contextSize: 4096, atOnce: 16 } as const;
