/** How long a run trains and at which rates, what its optimizer does, and what it mixes in against forgetting. */
import { number as inWords, percent, plural, rateText } from '../words/format.ts';
import { said, say } from '../words/language.ts';
import { isOverPairs } from './objective.ts';
import { BY_RULES, fraction, hours, passes } from './phrases.ts';
import {
  type Beside,
  choice,
  isMixed,
  number,
  path,
  RENDERED,
  refusalsIn,
  setting,
  texts,
  toggle,
  whole,
} from './row.ts';

/** So many tokens may be added, and so many characters may each have. */
const MOST_NEW_TOKENS = 1024;
const LONGEST_NEW_TOKEN = 200;

/** What the sentences of reasons name. */
type Shortened = { epochs: number; usual: number; wishSeconds: number };
type Batch = { accumulation: number; batchTokens: number; steps: number };

export const newTokens = setting('newTokens', 'Data', {
  type: { ...texts, spaced: true },
  about: 'text that becomes one token with its own weights; can be repeated',
  elsewhere: {
    to: 'none',
    refused: (value: readonly string[]) =>
      value.length > 0 && say`{newTokens} can be trained on this computer only`,
  },
  value: 'TEXT',
  flag: 'new-token',
  alsoCalled: ['special-tokens', 'additional-special-tokens', 'trainable-token-indices'],
  repeats: true,
  // what the tokenizer says to them is decided in main/engine/load/ready-model.ts
  allowed: (given: string | readonly string[] | undefined) => {
    const all = [given ?? []].flat();
    const twice = all.find((one, i) => all.indexOf(one) !== i);
    const spaced = all.find((one) => one.trim() !== one);
    const long = all.find((one) => one.length > LONGEST_NEW_TOKEN);
    const quote = (one: string) => JSON.stringify(one.slice(0, 60));
    return [
      twice !== undefined && say`{newTokens} contains ${quote(twice)} twice`,
      spaced !== undefined && say`{newTokens} can’t begin or end with spaces; got ${quote(spaced)}`,
      long !== undefined &&
        say`{newTokens} takes texts of at most ${LONGEST_NEW_TOKEN} characters; got ${long.length}`,
      all.length > MOST_NEW_TOKENS &&
        say`{newTokens} takes at most ${MOST_NEW_TOKENS} tokens; got ${all.length}`,
    ];
  },
  settle: (value: string | string[] | undefined) => [value ?? []].flat(),
  resumed: (value: readonly string[]) => value.length > 0,
  words: { name: 'New tokens', about: 'words that the model should read as one token' },
});

const LOOKS = { look: 'three rates', usual: 'off' } as const;

/** What stands against trying learning rates: their losses must tell what is learned, and the run begin again as if they had not been tried. */
const lookRefusals = (beside: Beside): string[] =>
  refusalsIn([
    isOverPairs(beside) &&
      say`{look} compares how answers are learned, and {objective} ${beside.objective!} compares answers.`,
    beside.cannotLook ?? false,
    isMixed(beside) && say`{look} doesn’t work with {precision} f16.`,
  ]);

/** Whether learning rates can be tried before such a run. */
export const mayLook = (beside: Beside): boolean => lookRefusals(beside).length === 0;

export const MIXED_IN = [
  newTokens,
  setting('replay', 'Data', {
    type: number(0, 0.9),
    default: 0,
    about: 'share of general text mixed in, against forgetting; 0.1 is usual',
    elsewhere: {
      to: `${RENDERED.to}, general ones among them`,
      isOpen: true,
      refused: (value: number, { replayData }) =>
        value > 0 &&
        replayData === undefined &&
        say`{replay} needs {replayData} where it is trained elsewhere`,
    },
    value: 'SHARE',
    fallback: BY_RULES,
    resumed: (value: number) => value > 0,
    plan: {
      anyway: [0],
      text: (value: number) => say`${percent(value)} of the rows`,
      reasons: {
        'replay-forgets': ({ lost }: { lost: number }) =>
          say`Without general rows the model would probably forget ${percent(lost)} of what it knew. It answers 120 short questions for them, once. Of categories they cost a point or two.`,
        'replay-few': () => say`With few rows, categories are learned better without general ones.`,
        'replay-little': () => say`Little is forgotten without general rows.`,
        'replay-unmeasured': () => say`What general rows are worth beside such rows wasn’t tested.`,
      },
    },
  }),
  setting('replayData', 'Files', {
    type: path,
    about: "general text to mix in; otherwise the model's own",
    elsewhere: RENDERED,
    words: { name: 'General text' },
    value: 'FILE',
    allowed: (value: string | undefined, { replay }) =>
      value !== undefined &&
      replay === 0 &&
      say`{replayData} needs {replay}: set the share to mix in, such as 0.1`,
  }),
] as const;

/** Learning to prefer takes smaller steps (docs/defaults.md). */
function usualRate(beside: Beside): number {
  if (isOverPairs(beside)) return beside.method === 'full' ? 1e-6 : 5e-5;
  return beside.method === 'full' ? 2e-5 : 2e-4;
}

export const STEPS = [
  setting('epochs', 'Training', {
    type: number(0.001, 100_000),
    about: 'passes through the rows; fractions are allowed',
    elsewhere: { to: 'steps.jsonl: the rows of each step' },
    fallback: `${BY_RULES}, or as many as --max-steps needs`,
    alsoCalled: ['num-epochs', 'num-train-epochs'],
    settle: (value: number | undefined, { maxSteps }): number | undefined =>
      value === undefined && maxSteps === undefined ? 3 : value,
    words: { about: 'passes through your rows', usual: BY_RULES },
    plan: {
      text: (value: number, { steps, maxSteps }) =>
        maxSteps !== undefined && steps !== undefined && steps >= maxSteps
          ? plural(steps, 'step')
          : inWords(value, fraction(value)),
      control: { step: 1 },
      reasons: {
        'epochs-rows': ({ epochs, rows }: { epochs: number; rows: number }) =>
          say`${plural(epochs, 'pass', 'passes')} over ${plural(rows, 'row')}: fewer rows need more passes.`,
        'epochs-tiny': ({ epochs, rows }: { epochs: number; rows: number }) =>
          say`${plural(epochs, 'pass', 'passes')} over ${plural(rows, 'row')}: a very small model needs more passes.`,
        'epochs-enough': ({ epochs }: { epochs: number }) =>
          say`${plural(epochs, 'pass', 'passes')}: such answers were learned by then in tests.`,
        'epochs-time': ({ epochs, usual, wishSeconds }: Shortened) =>
          epochs < 1
            ? say`Only ${percent(epochs)} of the rows instead of ${passes(usual)}, to finish within ${hours(wishSeconds)}.`
            : say`${passes(epochs)} instead of ${inWords(usual, fraction(usual))}, to finish within ${hours(wishSeconds)}.`,
        'epochs-late': ({ epochs, usual, wishSeconds }: Shortened) =>
          say`${passes(epochs)} instead of ${inWords(usual, fraction(usual))}, and even that may take longer than ${hours(wishSeconds)}.`,
      },
    },
  }),
  setting('maxSteps', 'Training', {
    type: whole(1, 1_000_000_000),
    about: 'end after this many steps, or after --epochs if that is sooner',
    elsewhere: { to: 'steps.jsonl' },
    alsoCalled: ['steps', 'iters', 'num-steps', 'iterations'],
    words: { name: 'Step limit', about: 'ends training after this many steps' },
    plan: { isLimit: true },
  }),
  setting('learningRate', 'Training', {
    type: number(1e-12, 10),
    about: 'highest learning rate',
    elsewhere: { to: 'learning_rate' },
    value: 'RATE',
    fallback: BY_RULES,
    alsoCalled: ['lr'],
    settle: (value: number | undefined, beside) => value ?? usualRate(beside),
    words: { about: 'how much each step changes the model; 2e-4 is 0.0002', write: rateText },
    plan: {
      control: { step: 1e-5 },
      reasons: {
        'rate-tiny': ({ rate }: { rate: number }) =>
          say`${rateText(rate)} worked best in tests of models this small.`,
        'rate-tiny-few': ({ rate, steps }: { rate: number; steps: number }) =>
          say`${rateText(rate)}: with only ${plural(steps, 'step')} a very small model needs a higher rate.`,
        'rate-adapter': ({ rate }: { rate: number; parameters: number }) =>
          say`${rateText(rate)} is usual for adapters on a model of this size.`,
        'rate-preference': ({ rate }: { rate: number; parameters: number }) =>
          say`${rateText(rate)}: learning to prefer takes smaller steps than learning answers.`,
        'rate-full': ({ rate }: { rate: number; parameters: number }) =>
          say`${rateText(rate)} is usual for full fine-tuning of a model of this size.`,
      },
    },
  }),
  setting('look', 'Training', {
    type: toggle,
    default: false,
    about: 'first try three learning rates in a tenth of the time, and take the best',
    elsewhere: {
      to: 'none',
      isOpen: true,
      differs: (value: boolean | undefined) =>
        value === true && say`{look}: no rates are tried there; the usual one is taken.`,
    },
    fallback: BY_RULES,
    // a plan may come to settings with which it can't be; only who names it has to know
    settle: (value: boolean, beside) => (value && mayLook(beside)) || undefined,
    unused: (value: unknown, settled) => {
      const [why] = value === true ? lookRefusals(settled) : [];
      return why === undefined ? null : ([why, say`Leave out {look}, or that.`] as const);
    },
    words: {
      name: 'Try rates first',
      about: 'tries three learning rates before the run, in at most a tenth of the time, and takes the best',
    },
    plan: {
      values: [true, false],
      anyway: [false],
      text: (value: boolean) => said(value ? LOOKS.look : LOOKS.usual),
      control: {
        options: [
          { value: true, key: 'look', label: LOOKS.look },
          { value: false, key: 'usual', label: LOOKS.usual },
        ],
        hint: 'Worth it where the usual rate was never tested on such models and rows.',
      },
      reasons: {
        'look-unsure': () => say`No rate was tested on such a model and such rows, so three are tried first.`,
        'look-measured': () => say`The usual rate was tested on such a model and such rows.`,
        'look-own': () => say`The learning rate is set.`,
        'look-short': ({ steps }: { steps: number }) =>
          say`With ${plural(steps, 'step')}, a tenth of the run is too little to compare rates.`,
        'look-cannot': () => say`Rates can’t be compared in a few steps of such a run.`,
      },
    },
  }),
  setting('schedule', 'Training', {
    type: choice('constant', 'linear', 'cosine'),
    default: 'cosine',
    about: 'how the learning rate falls after warm-up',
    elsewhere: { to: 'lr_scheduler_type' },
    alsoCalled: ['lr-scheduler-type'],
    words: {
      values: { constant: 'constant', linear: 'straight line', cosine: 'curve (cosine)' },
    },
  }),
  setting('warmupRatio', 'Training', {
    type: number(0, 1),
    default: 0.03,
    fallback: BY_RULES,
    about: 'share of steps in which the learning rate rises from 0',
    elsewhere: { to: 'warmup_steps' },
    value: 'SHARE',
    rival: 'warmupSteps',
    words: { name: 'Warm-up' },
    plan: {
      text: (value: number, { warmupSteps }) =>
        warmupSteps === undefined ? say`${percent(value)} of the steps` : plural(warmupSteps, 'step'),
      reasons: {
        'warmup-usual': ({ ratio }: { ratio: number; steps: number }) =>
          say`The learning rate rises over the first ${percent(ratio)} of the steps, as usual.`,
        'warmup-short': ({ ratio, steps }: { ratio: number; steps: number }) =>
          say`With only ${plural(steps, 'step')}, a longer warm-up of ${percent(ratio)} is gentler.`,
      },
    },
  }),
  setting('warmupSteps', 'Training', {
    type: whole(0, 1_000_000_000),
    about: 'warm-up as a number of steps; wins over --warmup-ratio',
    elsewhere: { to: 'warmup_steps' },
    alsoCalled: ['warmup'],
    words: { name: 'Warm-up steps', about: 'warm-up as a number of steps instead of a share' },
    plan: { isLimit: true },
  }),
  setting('gradientAccumulation', 'Training', {
    type: whole(1, 65536),
    default: 1,
    fallback: BY_RULES,
    about: 'micro-batches per step: larger batches in the same memory',
    elsewhere: { to: 'steps.jsonl; the processes share the rows of a step' },
    resumed: true,
    words: { name: 'Micro-batches per step', about: 'larger batches in the same memory' },
    plan: {
      text: (value: number) => plural(value, 'micro-batch', 'micro-batches'),
      control: { step: 1 },
      reasons: {
        'accumulation-one': ({ batchTokens, steps }: { batchTokens: number; steps: number }) =>
          say`Each step learns from ${plural(batchTokens, 'token')}, which makes ${plural(steps, 'step')}.`,
        'accumulation-batch': ({ accumulation, batchTokens, steps }: Batch) =>
          say`${inWords(accumulation)} micro-batches make steps of ${plural(batchTokens, 'token')}: steadier, and still ${plural(steps, 'step')}.`,
      },
    },
  }),
] as const;

export const UPDATE = [
  setting('weightDecay', 'Optimizer', {
    type: number(0, 10),
    about: 'weight decay of AdamW',
    elsewhere: { to: 'weight_decay' },
    fallback: BY_RULES,
    settle: (value: number | undefined, { method }) => value ?? (method === 'full' ? 0.01 : 0),
    words: { about: 'keeps weights from growing' },
    plan: {
      reasons: {
        'decay-adapter': (_: { decay: number }) => say`Adapters are small and need none.`,
        'decay-full': ({ decay }: { decay: number }) =>
          say`A little (${inWords(decay, 3, 0)}) keeps weights from growing.`,
        'decay-tiny': ({ decay }: { decay: number }) =>
          say`${inWords(decay, 3, 0)} worked best in tests of models this small.`,
      },
    },
  }),
  setting('stayClose', 'Optimizer', {
    type: number(0, 10_000),
    default: 0,
    about: 'pull towards the original weights, against forgetting; 10 is gentle',
    elsewhere: {
      to: '0',
      refused: (value: number) => value > 0 && say`{stayClose} can be trained on this computer only`,
    },
    resumed: (value: number) => value > 0,
    words: {
      name: 'Stay close',
      about: 'keeps weights near the original, against forgetting; 10 is gentle',
    },
  }),
  setting('beta1', 'Optimizer', {
    type: number(0, 0.999999),
    default: 0.9,
    about: "AdamW's memory of the gradient",
    elsewhere: { to: 'adam_beta1' },
    words: { about: 'how long gradients are remembered; 0.9 is about ten steps' },
  }),
  setting('beta2', 'Optimizer', {
    type: number(0, 0.9999999),
    default: 0.999,
    about: "AdamW's memory of the squared gradient",
    elsewhere: { to: 'adam_beta2' },
    words: {
      about: 'how long squared gradients are remembered; 0.999 is about a thousand steps',
    },
  }),
  setting('eps', 'Optimizer', {
    type: number(1e-20, 1),
    default: 1e-8,
    about: "AdamW's epsilon",
    elsewhere: { to: 'adam_epsilon' },
    words: { name: 'Epsilon', about: 'tiny number that prevents division by zero' },
  }),
  setting('maxGradNorm', 'Optimizer', {
    type: number(0, 1e9),
    default: 1,
    about: 'longest gradient; longer ones are scaled down; 0: no limit',
    elsewhere: { to: 'max_grad_norm' },
    alsoCalled: ['grad-clip', 'clip-grad-norm'],
    words: { name: 'Gradient limit', about: 'longer gradients are scaled down; 0 is no limit' },
  }),
] as const;
