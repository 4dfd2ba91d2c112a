/** What a run measures, saves and says, and what computes it. */
import { choice, number, setting, texts, toggle, whole } from './row.ts';

/** So many prompts of the person's own may be asked while a model is trained. */
const MOST_PROMPTS = 3;
const GROUP = 'Evaluation and saving';

export const assess = setting('assess', GROUP, {
  type: toggle,
  default: true,
  about: 'compare with the untouched model at the end: what it learned and forgot',
  alsoCalled: ['assessment', 'report', 'verdict'],
  blends: true,
});

export const EVALUATION = [
  setting('evalEvery', GROUP, {
    type: whole(1, 1_000_000_000, { word: 'auto' }),
    default: 'auto',
    about: 'steps between evaluations; auto: about four an epoch, ten steps apart or more',
    value: 'N|auto',
    alsoCalled: ['eval-steps', 'val-every', 'steps-per-eval'],
    words: {
      about:
        'steps between two measurements of the held-out rows; auto is about four an epoch, at least ten steps apart',
    },
  }),
  setting('earlyStopping', GROUP, {
    type: whole(0, 1_000_000),
    default: 0,
    about: 'end after this many evaluations without a lower held-out loss; 0: never',
    alsoCalled: ['patience', 'early-stop', 'early-stopping-patience'],
    allowed: (value: number, { heldOut, evalData }) =>
      value > 0 &&
      heldOut === 0 &&
      evalData === undefined &&
      '{earlyStopping} watches the held-out loss, but {heldOut} is 0 and there is no {evalData}',
  }),
  setting('keepBest', GROUP, {
    type: toggle,
    default: true,
    about: 'write the weights of the lowest held-out loss if clearly better than the last',
    alsoCalled: ['load-best-model-at-end', 'save-best'],
  }),
  setting('saveEverySteps', GROUP, {
    type: whole(1, 1_000_000_000),
    about: 'write a checkpoint every N steps',
    alsoCalled: ['save-steps', 'save-every', 'checkpoint-every', 'checkpoint-steps'],
  }),
  setting('saveEveryMinutes', GROUP, {
    type: number(0, 100_000),
    default: 5,
    about: 'write a checkpoint every N minutes; 0 for never',
  }),
  setting('keepCheckpoints', GROUP, {
    type: whole(1, 10_000),
    default: 2,
    about: 'newest checkpoints that are kept',
    alsoCalled: ['save-total-limit', 'checkpoints'],
  }),
  setting('samplePrompts', GROUP, {
    type: texts,
    about: 'your own prompt that the model answers at every evaluation; up to three',
    value: 'TEXT',
    flag: 'sample-prompt',
    alsoCalled: ['sample-prompts', 'prompt', 'prompts', 'sample'],
    repeats: true,
    allowed: (value: string | readonly string[] | undefined) => {
      const { length } = [value ?? []].flat();
      return (
        length > MOST_PROMPTS &&
        `{samplePrompts} takes at most ${MOST_PROMPTS} prompts, because each takes time; got ${length}`
      );
    },
    settle: (value: string | string[] | undefined) => [value ?? []].flat(),
    ownPlace: true,
  }),
  assess,
  setting('logEvery', GROUP, {
    type: whole(1, 1_000_000),
    default: 1,
    about: 'report every Nth step',
    alsoCalled: ['logging-steps', 'log-steps', 'steps-per-report'],
  }),
] as const;

export const seed = setting('seed', 'Machine', {
  type: whole(0, 0xffffffff),
  default: 42,
  about: 'seed of everything random; the same seed repeats the same run',
  resumed: true,
});

const rescue = setting('rescue', 'Machine', {
  type: toggle,
  default: true,
  about: 'go on by itself with settings that take less, where memory or a device fails',
  alsoCalled: ['auto-rescue', 'recover', 'retry', 'oom-retry'],
});

/** The devices as a plan and the application call them. */
export const DEVICE_NAMES = {
  cpu: 'the processor',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  dml: 'DirectML',
} as const;

/** What every command that computes has. */
export const COMPUTED_BY = [
  setting('threads', 'Machine', {
    type: whole(1, 1024),
    about: 'threads to compute with; results repeat to the bit at the same number',
    fallback: 'physical cores',
    alsoCalled: ['num-threads', 'workers', 'cpus', 'jobs'],
    settle: (value: number | undefined, _, { cores }) => value ?? cores(),
    blends: true,
  }),
  setting('executor', 'Machine', {
    type: choice('ort', 'reference', 'tfjs'),
    default: 'ort',
    about: 'what computes: onnxruntime, TensorFlow.js, or plain loops (for checking)',
    alsoCalled: ['backend', 'engine', 'tensorflow', 'tensorflow-js'],
    blends: true,
    words: { name: 'Computed by', values: { ort: 'onnxruntime', tfjs: 'TensorFlow.js' } },
    plan: {
      // what executors are called is for the engine to know
      read: (given) => (typeof given === 'string' ? given : undefined),
      reasons: {
        'device-choice': ({ reason }: { reason: string }) => reason,
        'executor-usual': () =>
          'It comes with Fettle. Another one is taken where it was measured to be faster here.',
      },
    },
  }),
  setting('device', 'Machine', {
    type: choice('auto', 'cpu', 'webgpu', 'cuda', 'dml'),
    default: 'auto',
    about: 'the processor, or a graphics card through WebGPU, CUDA or DirectML (dml)',
    alsoCalled: ['provider', 'gpu', 'accelerator', 'execution-provider'],
    blends: true,
    words: { name: 'Compute on', values: DEVICE_NAMES },
    plan: { values: ['cpu', 'webgpu', 'cuda', 'dml'] },
  }),
] as const;

/** What a saved run has and nobody sets. */
const WRITTEN = [
  setting('deviceWhy', 'Machine', {
    type: { kind: 'text', most: 2000, mayBeEmpty: true },
    flag: false,
    about: 'that `auto` has become the device beside it, and why',
    words: { name: 'Why this device' },
  }),
  setting('blend.of', 'Blend', {
    type: { kind: 'path' },
    required: true,
    flag: false,
    about: 'the run whose result this one lies nearer to, instead of being trained',
    ownPlace: true,
    words: { name: 'Blended from' },
  }),
  setting('blend.strength', 'Blend', {
    type: number(0, 1),
    required: true,
    flag: false,
    about: 'how much of what that run has changed is kept',
    ownPlace: true,
    words: { name: 'Share kept in the blend' },
  }),
] as const;

export const MACHINE = [rescue, seed, ...COMPUTED_BY, ...WRITTEN] as const;
