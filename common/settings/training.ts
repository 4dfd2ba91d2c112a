/** How long a run trains and at which rates, what its optimizer does, and what it mixes in against forgetting. */
import { count, number as inWords, percent, plural, rateText } from '../words/format.ts';
import { fraction, hours, passes } from './phrases.ts';
import { choice, number, path, setting, texts, whole } from './row.ts';

/** So many tokens may be added, and so many characters may each have. */
const MOST_NEW_TOKENS = 1024;
const LONGEST_NEW_TOKEN = 200;

/** What the sentences of reasons name. */
type Shortened = { epochs: number; usual: number; wishSeconds: number };
type Batch = { accumulation: number; batchTokens: number; steps: number };

export const newTokens = setting('newTokens', 'Data', {
  type: texts,
  about: 'text that becomes one token with weights of its own; may be repeated',
  value: 'TEXT',
  flag: 'new-token',
  alsoCalled: [
    'new-tokens',
    'add-tokens',
    'added-tokens',
    'special-tokens',
    'additional-special-tokens',
    'trainable-token-indices',
    'extra-tokens',
  ],
  repeats: true,
  // what the tokenizer says to them is decided in main/engine/data/tokens/new-tokens.ts
  allowed: (given: string | readonly string[] | undefined) => {
    const all = [given ?? []].flat();
    const twice = all.find((one, i) => all.indexOf(one) !== i);
    const spaced = all.find((one) => one.trim() !== one);
    const long = all.find((one) => one.length > LONGEST_NEW_TOKEN);
    const shown = (one: string) => JSON.stringify(one.slice(0, 60));
    return [
      twice !== undefined && `{newTokens} has ${shown(twice)} twice`,
      spaced !== undefined &&
        `{newTokens} takes texts without white space at their ends; got ${shown(spaced)}`,
      long !== undefined &&
        `{newTokens} takes texts of at most ${LONGEST_NEW_TOKEN} characters; got ${long.length}`,
      all.length > MOST_NEW_TOKENS &&
        `{newTokens} takes at most ${MOST_NEW_TOKENS} tokens; got ${all.length}`,
    ];
  },
  settle: (value: string | string[] | undefined) => [value ?? []].flat(),
  resumed: (value: readonly string[]) => value.length > 0,
  words: { name: 'New tokens', about: 'texts that become one token each, with weights of their own' },
});

export const MIXED_IN = [
  newTokens,
  setting('replay', 'Data', {
    type: number(0, 0.9),
    default: 0,
    about: 'share of general rows mixed in, against forgetting; 0.1 is usual',
    value: 'SHARE',
    alsoCalled: ['rehearsal', 'mix', 'mix-general', 'replay-ratio'],
    resumed: (value: number) => value > 0,
  }),
  setting('replayData', 'Files', {
    type: path,
    about: "rows to mix in; else the model's replay.jsonl, or its own answers",
    value: 'FILE',
    alsoCalled: ['replay-file', 'general-data'],
    allowed: (value: string | undefined, { replay }) =>
      value !== undefined &&
      replay === 0 &&
      '{replayData} is mixed in by {replay}, which is 0: say how much, such as 0.1',
  }),
] as const;

export const STEPS = [
  setting('epochs', 'Training', {
    type: number(0.001, 100_000),
    about: 'times to go through the rows; a fraction is allowed',
    fallback: '3, or as many as --max-steps needs',
    alsoCalled: ['num-epochs', 'num-train-epochs'],
    settle: (value: number | undefined, { maxSteps }): number | undefined =>
      value === undefined && maxSteps === undefined ? 3 : value,
    words: { usual: '3, or as many as are needed for the number of steps that is set' },
    plan: {
      text: (value: number, { steps, maxSteps }) =>
        maxSteps !== undefined && steps !== undefined && steps >= maxSteps
          ? plural(steps, 'step')
          : inWords(value, fraction(value)),
      control: { step: 1 },
      reasons: {
        'epochs-rows': ({ epochs, rows }: { epochs: number; rows: number }) =>
          `${plural(epochs, 'pass', 'passes')} over ${plural(rows, 'row')}: few rows must be seen more often, many less.`,
        'epochs-tiny': ({ epochs, rows }: { epochs: number; rows: number }) =>
          `${plural(epochs, 'pass', 'passes')} over ${plural(rows, 'row')}: a very small model needs to see them more often.`,
        'epochs-time': ({ epochs, usual, wishSeconds }: Shortened) =>
          epochs < 1
            ? `Only ${percent(epochs)} of the rows in place of ${passes(usual)}, to end within ${hours(wishSeconds)}.`
            : `${passes(epochs)} in place of ${inWords(usual, fraction(usual))}, to end within ${hours(wishSeconds)}.`,
      },
    },
  }),
  setting('maxSteps', 'Training', {
    type: whole(1, 1_000_000_000),
    about: 'end after this many steps (with --epochs: at whichever comes first)',
    alsoCalled: ['steps', 'iters', 'num-steps', 'iterations'],
    words: { about: 'end after this many steps, or at the end of the epochs where that is sooner' },
    plan: { isLimit: true },
  }),
  setting('learningRate', 'Training', {
    type: number(1e-12, 10),
    about: 'highest learning rate of the schedule',
    value: 'RATE',
    fallback: '2e-4 for lora, 2e-5 for full',
    alsoCalled: ['lr', 'rate'],
    settle: (value: number | undefined, { method }) => value ?? (method === 'full' ? 2e-5 : 2e-4),
    words: { usual: '2e-4 for adapters, 2e-5 for full fine-tuning' },
    plan: {
      text: (value: number) => rateText(value),
      control: { step: 1e-5 },
      reasons: {
        'rate-tiny': ({ rate }: { rate: number }) =>
          `${rateText(rate)} was best for a model this small when we measured it.`,
        'rate-adapter': ({ rate, parameters }: { rate: number; parameters: number }) =>
          `${rateText(rate)} is usual for adapters at ${count(parameters)} weights, about ten times the rate for all weights; smaller models take larger steps.`,
        'rate-full': ({ rate, parameters }: { rate: number; parameters: number }) =>
          `${rateText(rate)} is usual for all weights at ${count(parameters)}; smaller models take larger steps.`,
      },
    },
  }),
  setting('schedule', 'Training', {
    type: choice('constant', 'linear', 'cosine'),
    default: 'cosine',
    about: 'how the learning rate falls after the warm-up',
    alsoCalled: ['lr-schedule', 'lr-scheduler-type', 'scheduler'],
    words: {
      values: { constant: 'stays as it is', linear: 'in a straight line', cosine: 'in a curve (cosine)' },
    },
  }),
  setting('warmupRatio', 'Training', {
    type: number(0, 1),
    default: 0.03,
    about: 'share of the steps in which the learning rate rises from 0',
    value: 'SHARE',
    rival: 'warmupSteps',
    words: { name: 'Warm-up' },
    plan: {
      text: (value: number, { warmupSteps }) =>
        warmupSteps === undefined ? `${percent(value)} of the steps` : plural(warmupSteps, 'step'),
      reasons: {
        'warmup-usual': ({ ratio }: { ratio: number; steps: number }) =>
          `The rate rises over the first ${percent(ratio)} of the steps, as is usual.`,
        'warmup-short': ({ ratio, steps }: { ratio: number; steps: number }) =>
          `With only ${plural(steps, 'step')} it takes ${percent(ratio)} of them to rise gently.`,
      },
    },
  }),
  setting('warmupSteps', 'Training', {
    type: whole(0, 1_000_000_000),
    about: 'the same as a number of steps; wins over the share',
    alsoCalled: ['warmup'],
    plan: { isLimit: true },
  }),
  setting('gradientAccumulation', 'Training', {
    type: whole(1, 65536),
    default: 1,
    about: 'micro-batches of a step: larger batches in the same memory',
    alsoCalled: ['gradient-accumulation-steps', 'grad-accum', 'accumulate', 'accumulation'],
    resumed: true,
    words: { name: 'Micro-batches of a step' },
    plan: {
      text: (value: number) => plural(value, 'micro-batch', 'micro-batches'),
      control: { step: 1 },
      reasons: {
        'accumulation-one': ({ batchTokens, steps }: { batchTokens: number; steps: number }) =>
          `A step learns from ${plural(batchTokens, 'token')}, which makes ${steps === 1 ? 'one step' : `about ${inWords(steps)} steps`}.`,
        'accumulation-batch': ({ accumulation, batchTokens, steps }: Batch) =>
          `${inWords(accumulation)} micro-batches make a step of ${plural(batchTokens, 'token')}: a calmer direction, and still about ${plural(steps, 'step')}.`,
      },
    },
  }),
] as const;

export const UPDATE = [
  setting('weightDecay', 'Training', {
    type: number(0, 10),
    about: 'weight decay of AdamW',
    fallback: '0 for lora, 0.01 for full',
    settle: (value: number | undefined, { method }) => value ?? (method === 'full' ? 0.01 : 0),
    words: { usual: '0 for adapters, 0.01 for full fine-tuning' },
    plan: {
      reasons: {
        'decay-adapter': (_: { decay: number }) => 'Adapters are small and need none.',
        'decay-full': ({ decay }: { decay: number }) => `A little (${decay}) keeps weights from growing.`,
        'decay-tiny': ({ decay }: { decay: number }) =>
          `${decay}, as it was when we measured the best run of adapters on a model this small.`,
      },
    },
  }),
  setting('stayClose', 'Training', {
    type: number(0, 10_000),
    default: 0,
    about: 'pull back to where the weights began, against forgetting; 10 is gentle',
    alsoCalled: ['l2-sp', 'anchor', 'regularise', 'keep-close', 'ewc'],
    resumed: (value: number) => value > 0,
    words: {
      name: 'Stay close to the original',
      about: 'how strongly weights are pulled back to where they began, against forgetting; 10 is gentle',
    },
  }),
  setting('beta1', 'Training', {
    type: number(0, 0.999999),
    default: 0.9,
    about: "AdamW's memory of the gradient",
    words: { about: 'how long AdamW remembers the gradient: 0.9 is about ten steps' },
  }),
  setting('beta2', 'Training', {
    type: number(0, 0.9999999),
    default: 0.999,
    about: "AdamW's memory of the squared gradient",
    words: {
      about: 'how long AdamW remembers the square of the gradient: 0.999 is about a thousand steps',
    },
  }),
  setting('eps', 'Training', {
    type: number(1e-20, 1),
    default: 1e-8,
    about: "AdamW's epsilon",
    words: { name: 'Epsilon', about: 'a very small number that keeps AdamW from dividing by zero' },
  }),
  setting('maxGradNorm', 'Training', {
    type: number(0, 1e9),
    default: 1,
    about: 'longest gradient; longer ones are scaled down; 0 for no limit',
    alsoCalled: ['clip', 'grad-clip', 'clip-grad-norm', 'max-norm'],
    words: { name: 'Longest gradient' },
  }),
] as const;
