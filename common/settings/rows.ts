/** How rows become batches: their longest, how many tokens at once, what is learned of them, which are held out. */
import { number as inWords, percent, plural } from '../words/format.ts';
import { lost } from './phrases.ts';
import { type Beside, choice, number, setting, toggle, whole } from './row.ts';

const USUAL_TOKENS = 1024;

/** What a limit cuts off, and what a shorter one than usual costs; shares are from 0 to 1. */
type Cut = { maxLength: number; rowsCut: number; labelledLost: number };
type Shorter = { maxLength: number; usual: number; labelledLost: number };

/** Tokens of a micro-batch where nobody has said how many: of one row at least. */
export function defaultMicroBatch(length: number): number {
  return Math.max(USUAL_TOKENS, length);
}

function lengthOf({ maxLength: given, tokensPerMicroBatch: tokens }: Beside): number {
  return given ?? Math.min(USUAL_TOKENS, tokens ?? USUAL_TOKENS);
}

export const maxLength = setting('maxLength', 'Data', {
  type: whole(8, 1_048_576),
  about: 'tokens of a row; longer rows are cut off and counted',
  fallback: '1024',
  alsoCalled: ['row-length', 'max-seq-length', 'max-tokens', 'context', 'cutoff-len'],
  settle: (_: number | undefined, beside) => lengthOf(beside),
  resumed: true,
  words: { name: 'Length limit' },
  plan: {
    text: (value: number) => plural(value, 'token'),
    control: { step: 64 },
    lighter: [
      {
        rung: 80,
        degrees: [{ why: 'length-memory', short: 'shorter rows' }],
        costsQuality: true,
      },
    ],
    reasons: {
      'length-all': ({ maxLength: limit, longest }: { maxLength: number; longest: number }) =>
        `Nothing is cut off: your longest row has ${plural(longest, 'token')}, and ${inWords(limit)} are taken at once.`,
      'length-most': ({ rowsCut, labelledLost }: Cut) =>
        `${plural(rowsCut, 'long row')} would need much memory and ${rowsCut === 1 ? 'is' : 'are'} cut off; that loses ${lost(labelledLost)} of what is learned.`,
      'length-limit': ({ maxLength: limit, rowsCut, labelledLost }: Cut) =>
        `The model reads ${plural(limit, 'token')}: ${plural(rowsCut, 'row')} ${rowsCut === 1 ? 'is' : 'are'} cut off there, and ${lost(labelledLost)} of what is to be learned is lost.`,
      'length-text': ({ maxLength: limit }: { maxLength: number }) =>
        `Running text is divided into pieces of ${plural(limit, 'token')}; nothing is lost.`,
      'length-usual': ({ maxLength: limit }: { maxLength: number }) =>
        `${plural(limit, 'token')} are usual while rows have not been counted.`,
      'length-memory': ({ maxLength: limit, usual, labelledLost }: Shorter) =>
        `Rows end at ${plural(limit, 'token')} in place of ${inWords(usual)}, so that it fits into the memory; that loses ${lost(labelledLost)} of what is learned.`,
      'length-time': ({ maxLength: limit, usual, labelledLost }: Shorter) =>
        `Rows end at ${plural(limit, 'token')} in place of ${inWords(usual)}, so that it ends in time; that loses ${lost(labelledLost)} of what is learned.`,
    },
  },
});

export const tokensPerMicroBatch = setting('tokensPerMicroBatch', 'Data', {
  type: whole(8, 1_048_576),
  about: 'tokens that go through the model at once; sets the memory needed',
  fallback: '1024, or --max-length where that is more',
  alsoCalled: ['batch-size', 'micro-batch-size', 'batch', 'per-device-train-batch-size'],
  allowed: (value: number | undefined, beside) =>
    value !== undefined &&
    value < lengthOf(beside) &&
    `{tokensPerMicroBatch} is ${value}, but a row may have {maxLength} ${lengthOf(beside)} tokens and must fit; lower {maxLength} or raise {tokensPerMicroBatch}`,
  settle: (value: number | undefined, beside) => value ?? defaultMicroBatch(lengthOf(beside)),
  resumed: true,
  words: { name: 'Tokens at once', usual: '1,024, or the length limit where that is more' },
  plan: {
    text: (value: number) => plural(value, 'token'),
    control: { step: 64 },
    lighter: [{ rung: 0, degrees: [{ why: 'micro-memory', short: 'fewer tokens at once' }] }],
    reasons: {
      'micro-usual': ({ tokens }: { tokens: number }) =>
        `${plural(tokens, 'token')} keep the computer busy; more would only need more memory.`,
      'micro-longest': ({ tokens }: { tokens: number; maxLength: number }) =>
        `A whole row must go through at once, so it is ${plural(tokens, 'token')}.`,
      'micro-memory': ({ tokens, usual }: { tokens: number; usual: number }) =>
        `${plural(tokens, 'token')} in place of ${inWords(usual)}, so that it fits into the memory. That costs no quality: more of them are taken together in a step.`,
    },
  },
});

/** Halvings of what goes through the model at once: below an eighth the time goes into starting each part. */
const MOST_HALVINGS = 3;

const splitMicroBatch = setting('splitMicroBatch', 'Data', {
  type: whole(1, 65536),
  default: 1,
  about: 'parts that a micro-batch is computed in: less memory, the same numbers',
  alsoCalled: ['split-batch', 'micro-batch-parts', 'auto-find-batch-size'],
  words: {
    about: 'parts that go through the model one after the other: less memory, the same result',
  },
  rescue: {
    rung: 10,
    next: ({ method, lora, splitMicroBatch: now = 1 }, { tokensAtOnce, leastTokensAtOnce, tries }) => {
      if (tokensAtOnce === null || leastTokensAtOnce === null || tokensAtOnce <= leastTokensAtOnce)
        return null;
      if (tries >= MOST_HALVINGS) return null;
      const parts = 2 * now;
      const most = Math.max(leastTokensAtOnce, Math.floor(tokensAtOnce / 2));
      const drops = method !== 'full' && (lora?.dropout ?? 0) > 0;
      return {
        changes: { splitMicroBatch: parts },
        how: `with at most ${most} tokens at once instead of ${tokensAtOnce} (each micro-batch in ${parts} parts)`,
        sameNumbers: !drops,
        why: drops
          ? 'dropout draws other values for parts than for whole micro-batches. The rows of each step are the same'
          : 'each step adds up the gradients of the same rows as before, only fewer of them at a time',
      };
    },
  },
});

export const trainOn = setting('trainOn', 'Data', {
  type: choice('answers', 'all'),
  default: 'answers',
  about: 'tokens that the loss counts: answers of the assistant, or all',
  alsoCalled: ['train-on-inputs', 'completion-only', 'assistant-only'],
  resumed: true,
  words: { name: 'What is learned', values: { answers: 'the answers', all: 'everything' } },
});

export const packing = setting('packing', 'Data', {
  type: toggle,
  default: true,
  about: 'put several short rows side by side; they do not see each other',
  resumed: true,
});

export const heldOut = setting('heldOut', 'Data', {
  type: number(0, 1_000_000_000),
  about: 'rows held out to measure on: a share up to 0.9, or a number; 0 for none',
  fallback: '0.1',
  value: 'SHARE',
  alsoCalled: ['test-size', 'val-size', 'validation-split', 'eval-split'],
  allowed: (value: number | undefined) =>
    value !== undefined &&
    value > 0.9 &&
    (value < 1 || !Number.isInteger(value)) &&
    `{heldOut} must be a share of the rows from 0 to 0.9, or a whole number of rows; got ${value}`,
  settle: (value: number | undefined, { evalData }) => value ?? (evalData === undefined ? 0.1 : 0),
  resumed: true,
  words: { name: 'Held out' },
  plan: {
    nullable: true,
    text: (value: number | null) => {
      if (value === null) return 'a file of its own';
      return value <= 0.9 ? `${percent(value)} of the rows` : plural(value, 'row');
    },
    reasons: {
      'held-out-tenth': (_: { rows: number }) => 'A tenth of the rows is kept apart to measure on.',
      'held-out-fifth': ({ rows }: { rows: number }) =>
        `A fifth of the rows is kept apart: of ${plural(rows, 'row')}, a tenth would be too little to measure on.`,
      'held-out-most': ({ rows, of }: { rows: number; of: number }) =>
        `${plural(rows, 'row')} of ${inWords(of)} are kept apart: more would make measuring slower and hardly better.`,
      'held-out-file': () => 'You have given rows of their own to measure on.',
    },
  },
});

export const onBadRow = setting('onBadRow', 'Data', {
  type: choice('stop', 'skip'),
  default: 'stop',
  about: 'what to do at an unreadable row: stop, or skip and count it',
  resumed: true,
  words: { values: { stop: 'stop', skip: 'skip it and count it' } },
});

export const BATCHES = [
  maxLength,
  tokensPerMicroBatch,
  splitMicroBatch,
  trainOn,
  packing,
  heldOut,
  onBadRow,
] as const;
