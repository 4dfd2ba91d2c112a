/** What the fake API pretends to have: computer, models, runs with curves that look like training. Made up, seeded, never shipped. */
import type {
  CatalogModel,
  ComputerFacts,
  Conversation,
  Download,
  Draft,
  HostInfo,
  Job,
  LocalModel,
  PackNow,
  RunCurves,
  RunDetails,
  Serving,
  Settings,
  TargetSpec,
  Updates,
} from '../../../common/api/contract.ts';
import { rate } from '../../../main/engine/eval/assess/statistics.ts';
import { fakeMore, fakeSamples } from './data.ts';
import { oneEncoder } from './encoders.ts';
import { fakeHardware } from './hardware.ts';
import { FAKE_LIBRARIES } from './libraries.ts';
import { fakeMeasured } from './rates.ts';
import { fakeTarget } from './targets.ts';

const HOUR = 3_600_000;

/** The time so many hours before `now`. */
type Ago = (hours: number) => string;
const agoFrom =
  (now: number): Ago =>
  (hours) =>
    new Date(now - hours * HOUR).toISOString();

/** Repeats for the same index: numbers between 0 and 1. */
export const noise = (index: number) => {
  const x = Math.sin(index * 12.9898) * 43758.5453;
  return x - Math.floor(x);
};

const factsAt = (iso: Ago): ComputerFacts => ({
  processor: 'AMD Ryzen 7 5800U',
  cores: 8,
  threads: 16,
  totalMemory: fakeHardware.memory.total,
  freeMemory: fakeHardware.memory.available,
  freeDisk: fakeHardware.disk.free,
  system: 'Ubuntu 24.04',
  graphics: [{ name: 'AMD Radeon Graphics', memory: null }],
  onBattery: false,
  hardware: fakeHardware,
  ...fakeMeasured(iso(26)),
});

const info: HostInfo = {
  kind: 'web',
  version: '0.1.0',
  platform: 'linux-x64',
  dataFolder: '/home/mo/.local/share/fettle',
  dialogs: false,
  keepsSecrets: false,
  notifies: true,
  versions: { node: '24.21.0', 'onnxruntime-node': '1.30.0', 'better-sqlite3': '13.2.0' },
  storeNotice: null,
  repository: 'https://github.com/fettle/fettle',
};

const settings: Settings = {
  theme: 'system',
  language: 'system',
  allSettings: false,
  pricePerKwh: 0.32,
  currency: 'EUR',
  watts: 45,
  cardPrices: {},
  keepAwake: true,
  notify: true,
  hubMirror: null,
  proxy: null,
  offline: false,
  checkUpdates: true,
};

const localAt = (iso: Ago): LocalModel[] => [
  {
    id: 'practice',
    name: 'Practice model',
    family: 'llama',
    format: 'safetensors',
    path: '/app/resources/practice-model',
    parameters: 4_196_608,
    bytes: 8_393_216,
    licence: 'Apache-2.0',
    source: 'practice',
    repo: null,
    revision: null,
    hasChatTemplate: true,
    added: iso(300),
    available: true,
  },
  {
    id: 'smollm2',
    name: 'SmolLM2 135M Instruct',
    family: 'llama',
    format: 'safetensors',
    path: '/home/mo/.local/share/fettle/models/SmolLM2-135M-Instruct',
    parameters: 134.5e6,
    bytes: 269e6,
    licence: 'Apache-2.0',
    source: 'hub',
    repo: 'HuggingFaceTB/SmolLM2-135M-Instruct',
    revision: '7e27bd9f95328f0f3b08261d1252705110c806f8',
    hasChatTemplate: true,
    added: iso(70),
    available: true,
  },
  {
    id: 'qwen-file',
    name: 'Qwen2.5 0.5B Instruct',
    family: 'qwen2',
    format: 'gguf',
    path: '/media/stick/qwen2.5-0.5b-instruct-q8_0.gguf',
    parameters: 494e6,
    bytes: 531e6,
    licence: 'Apache-2.0',
    source: 'file',
    repo: null,
    revision: null,
    hasChatTemplate: true,
    added: iso(20),
    available: false,
  },
];

const entry = (
  repo: string,
  family: string,
  parameters: number,
  more: Partial<CatalogModel> = {},
): CatalogModel => ({
  repo,
  name: (repo.split('/')[1] ?? repo).replaceAll('-', ' '),
  family,
  parameters,
  bytes: parameters * 2,
  licence: 'Apache-2.0',
  licenceInWords: 'Free to use, change and sell, with a notice of where it is from.',
  languages: 'mostly English',
  goodFor: 'short answers, sorting, rewriting',
  skills: [],
  gated: false,
  localId: null,
  ...more,
});

const catalog: CatalogModel[] = [
  entry('HuggingFaceTB/SmolLM2-135M-Instruct', 'llama', 134.5e6, { localId: 'smollm2' }),
  entry('HuggingFaceTB/SmolLM2-360M-Instruct', 'llama', 361.8e6),
  entry('Qwen/Qwen2.5-0.5B-Instruct', 'qwen2', 494e6, { languages: '29 languages', skills: ['tools'] }),
  entry('Qwen/Qwen3-0.6B', 'qwen3', 596e6, { languages: '119 languages', skills: ['tools', 'thinking'] }),
  entry('openai-community/gpt2', 'gpt2', 124.4e6, { licence: 'MIT', goodFor: 'continuing a text' }),
  entry('meta-llama/Llama-3.2-1B-Instruct', 'llama', 1.236e9, {
    gated: true,
    licence: 'Llama 3.2',
    licenceInWords: 'Free for most uses; the makers want an account and a consent first.',
  }),
];

const downloads: Download[] = [
  {
    id: 'd1',
    repo: 'HuggingFaceTB/SmolLM2-360M-Instruct',
    revision: 'main',
    state: 'running',
    bytes: 312e6,
    totalBytes: 724e6,
    bytesPerSecond: 11.2e6,
    secondsLeft: 37,
    problem: null,
    modelId: null,
  },
  {
    id: 'd2',
    repo: 'Qwen/Qwen3-0.6B',
    revision: null,
    state: 'failed',
    bytes: 12e6,
    totalBytes: 1.5e9,
    bytesPerSecond: null,
    secondsLeft: null,
    problem: {
      code: 'no-network',
      message: 'Downloading model.safetensors of Qwen/Qwen3-0.6B failed: the connection was cut.',
      hint: "Check the connection, or set your network's proxy in Settings. The download resumes where it stopped.",
    },
    modelId: null,
  },
];

const NAMES = ['Support messages', 'Product descriptions', 'Formal tone', 'Plain language', 'Humorous tone'];
const MODELS = ['smollm2', 'practice', 'qwen-file'];

/** A training of SmolLM2 135M: steps in all and done, and how fast it goes. */
const STEPS = 152;
const STEPS_DONE = 64;
const EVAL_EVERY = 38;
const ASKED_ROWS = 100;
export const STEP_TOKENS = 1024;
export const TOKENS_PER_SECOND = 520;
export const STEP_SECONDS = STEP_TOKENS / TOKENS_PER_SECOND;

/** The score, and what word counts get; of every third run nobody has measured it. */
function scoresOf(index: number): Pick<RunDetails, 'score' | 'rival'> {
  if (index % 3 === 2) return {};
  const of = (right: number) => ({ name: 'known' as const, rows: ASKED_ROWS, ...rate(right, ASKED_ROWS) });
  const [ours, its] = [60 + Math.round(noise(index) * 38), 70 + Math.round(noise(index + 3) * 24)];
  const lead = (ours - its) / ASKED_ROWS;
  const around = { value: lead, low: lead - 0.08, high: lead + 0.08 };
  return { score: of(ours), rival: { name: 'counter', score: of(its), lead: around, seconds: 0.8 } };
}

/** Run number `index`, 0 the newest; the first is the one that is going on. */
function fakeRun(index: number, iso: Ago): RunDetails {
  const state =
    (['running', 'done', 'done', 'stopped', 'done', 'failed', 'interrupted'] as const)[index % 7] ?? 'done';
  const running = index === 0;
  const seconds = running ? STEPS_DONE * STEP_SECONDS : 30 + Math.round(noise(index + 7) * 4000);
  const began = iso(running ? seconds / 3600 : index * 9 + 0.1);
  const model = localAt(iso).find(({ id }) => id === MODELS[index % MODELS.length])!;
  const done = state === 'done';
  return {
    id: `run-${index}`,
    name: `${NAMES[index % NAMES.length]} ${index === 0 ? '' : index + 1}`.trim(),
    state: running ? 'running' : state === 'running' ? 'done' : state,
    model: model.name,
    data: `${(NAMES[index % NAMES.length] ?? '').toLowerCase().replace(' ', '-')}.jsonl`,
    method: index % 5 === 4 ? 'full' : 'lora',
    learned: done ? ((['yes', 'partly', 'no', 'yes'] as const)[index % 4] ?? null) : null,
    forgot: done ? ((['nothing', 'little', 'much'] as const)[index % 3] ?? null) : null,
    ...(done && scoresOf(index)),
    bestLoss: heldOutLossAt(running ? EVAL_EVERY : STEPS, index),
    seconds,
    created: began,
    tags: index % 4 === 1 ? ['shop', 'second try'] : [],
    folder: `/home/mo/.local/share/fettle/runs/run-${index}`,
    modelId: model.id,
    notes: '',
    prompts: ['My parcel is broken.', 'Where is my invoice?'],
    config: {
      model: model.path,
      data: '/app/resources/samples/support-messages.jsonl',
      method: 'lora',
      lora: { rank: 16, alpha: 32, dropout: 0 },
      learningRate: index % 2 ? 2e-3 : 1e-3,
      epochs: 3,
      maxLength: 256,
      seed: 42,
      system: 'Sort the messages of customers.',
    },
    machine: { processor: 'AMD Ryzen 7 5800U', threads: 16, totalMemory: 32e9 },
    versions: { fettle: '0.1.0', node: '24.21.0' },
    dataHash: 'e08b6398cbfac4acd1448fea99372ce3',
    modelHash: '031d49f152fee90ed6a174dda5fc59d6',
    executor: 'ort',
    started: began,
    ended: running ? null : iso(index * 9 + 0.1 - seconds / 3600),
    step: running ? STEPS_DONE : STEPS,
    steps: STEPS,
    start: null,
    done: null,
    verdict: null,
    problem:
      state === 'failed'
        ? {
            code: 'loss',
            message: 'The loss is not a number any more.',
            hint: 'Halve the learning rate and start again.',
          }
        : null,
    checkpoints: [{ step: EVAL_EVERY, path: `checkpoints/${EVAL_EVERY}`, bytes: 1.4e6 }],
    exports: [],
    bytes: 4.2e6,
    from: null,
    target: null,
    binned: null,
  };
}

/** The losses and the rate at a step, from 1; `seed`, the number of the run, makes another curve. */
export const lossAt = (step: number, seed = 0) =>
  3.2 * Math.exp(-(step - 1) / 30) + 0.3 + (noise(step - 1 + seed) - 0.5) * 0.35;
const heldOutLossAt = (step: number, seed = 0) => (3 * Math.exp(-step / 28) + 0.42) * (1 + 0.5 * noise(seed));
export const rateAt = (step: number) =>
  2e-3 * Math.min(1, step / 6) * 0.5 * (1 + Math.cos((Math.PI * (step - 1)) / STEPS));

/** Curves of a run up to a step; `isDpo`: over better and worse answers. */
export function fakeCurves(steps = STEPS, seed = 0, isDpo = false): RunCurves {
  const step = Array.from({ length: steps }, (_, index) => index + 1);
  const at = (each: (index: number) => number) => step.map((_, index) => each(index));
  return {
    step,
    loss: step.map((each) => (isDpo ? dpoLossAt(each) + 0.1 * (noise(each) - 0.5) : lossAt(each, seed))),
    learningRate: step.map(rateAt),
    tokensPerSecond: at((i) => TOKENS_PER_SECOND * (0.9 + 0.2 * noise(i))),
    memoryBytes: at((i) => 1.31e9 + Math.min(i, 20) * 4e6),
    recorded: steps,
    evals: step
      .filter((each) => each % EVAL_EVERY === 0)
      .map((each) => {
        const loss = isDpo ? dpoLossAt(each) : heldOutLossAt(each, seed);
        return {
          ...{ step: each, loss, perplexity: Math.exp(loss), labelledTokens: 900, best: true },
          ...(isDpo && { preference: preferenceAt(each) }),
        };
      }),
  };
}

/** Begins at ln 2, where neither answer is preferred. */
const dpoLossAt = (step: number) => Math.LN2 * Math.exp(-step / 60);
const preferenceAt = (step: number) => ({
  accuracy: 1 - 0.5 * Math.exp(-step / 40),
  margin: 2.4 * (1 - Math.exp(-step / 70)),
  ...{ chosen: -18 - step / 40, rejected: -21 - step / 8 },
});

/** A training that goes on, where `more` says nothing else. */
export const fakeJob = (id: string, more: Partial<Job>): Job => ({
  id,
  kind: 'train',
  runId: 'run-0',
  name: 'Support messages',
  state: 'running',
  startAt: null,
  doing: '',
  fraction: STEPS_DONE / STEPS,
  step: STEPS_DONE,
  steps: STEPS,
  secondsLeft: (STEPS - STEPS_DONE) * STEP_SECONDS,
  problem: null,
  ...more,
});

const draftsAt = (iso: Ago): Draft[] => [
  {
    id: 'draft-1',
    updated: iso(2),
    content: { name: 'Answers in our tone', step: 'data', goal: 'style', modelId: 'smollm2' },
  },
];

export interface WorldOptions {
  readonly now?: number;
  readonly runs?: number;
  /** Nothing goes on by itself: a training takes no steps and the computer's figures do not change. */
  readonly still?: boolean;
}

/** Packs before any download. */
const ABSENT: Readonly<Record<PackNow['name'], PackNow>> = {
  openvino: {
    ...{ name: 'openvino', state: 'absent', bytes: 0, downloadBytes: 59e6, diskBytes: 93e6 },
    ...{ bytesPerSecond: null, secondsLeft: null, problem: null, test: null },
    contents: 'OpenVINO 2026.4.1',
    licences: [
      { name: 'Apache-2.0', url: 'https://github.com/openvinotoolkit/openvino/blob/master/LICENSE' },
    ],
  },
  ...(Object.fromEntries(Object.values(FAKE_LIBRARIES).map(({ pack }) => [pack.name, pack])) as Record<
    Exclude<PackNow['name'], 'openvino'>,
    PackNow
  >),
};

/** A fresh world that calls may change. */
export function fakeWorld({ now = Date.now(), runs = 400, still = false }: WorldOptions = {}) {
  const iso = agoFrom(now);
  return {
    still,
    iso,
    facts: factsAt(iso),
    info,
    settings: { ...settings },
    updates: { ask: false, newer: null } as Updates,
    local: localAt(iso),
    catalog,
    encoders: oneEncoder,
    downloads: [...downloads],
    drafts: draftsAt(iso),
    serving: null as Serving | null,
    /** What extras keep, by their names. */
    extras: {} as Record<string, unknown>,
    conversations: [] as readonly Conversation[],
    packs: { ...ABSENT },
    targets: [fakeTarget] as readonly TargetSpec[],
    samples: [...fakeSamples],
    more: fakeMore,
    /** Methods are compared so often; after that no answer comes. */
    comparisons: Number.POSITIVE_INFINITY,
    jobs: [
      fakeJob('job-1', {}),
      fakeJob('job-2', {
        runId: 'run-3',
        name: 'Plain language 4',
        state: 'waiting',
        fraction: null,
        step: null,
        secondsLeft: null,
      }),
      fakeJob('job-3', {
        runId: 'run-4',
        kind: 'export',
        name: 'Humorous tone 5',
        state: 'scheduled',
        startAt: iso(-5),
        fraction: null,
        step: null,
      }),
    ],
    runs: Array.from({ length: runs }, (_, index) => fakeRun(index, iso)),
    binned: new Set<string>(),
  };
}

export type FakeWorld = ReturnType<typeof fakeWorld>;
