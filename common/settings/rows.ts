/** How rows become batches: their longest, how many tokens at once, what is learned of them, which are held out. */
import { number as inWords, percent, plural } from '../words/format.ts';
import { said, say } from '../words/language.ts';
import { lost } from './phrases.ts';
import { type Beside, choice, number, RENDERED, setting, toggle, whole } from './row.ts';

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
  about: 'longest row in tokens; longer rows are cut off',
  elsewhere: RENDERED,
  fallback: '1024',
  alsoCalled: ['max-seq-length', 'max-tokens', 'context', 'cutoff-len'],
  settle: (_: number | undefined, beside) => lengthOf(beside),
  resumed: true,
  words: { name: 'Length limit', about: 'longest row in tokens; longer rows are cut off' },
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
      'length-all': ({ longest }: { maxLength: number; longest: number }) =>
        say`Your longest row has ${plural(longest, 'token')}, so nothing is cut off.`,
      'length-most': ({ rowsCut, labelledLost }: Cut) =>
        say`Cuts off ${plural(rowsCut, 'long row')} to save memory, and loses ${lost(labelledLost)} of what is learned.`,
      'length-limit': ({ maxLength: limit, rowsCut, labelledLost }: Cut) =>
        say`The model reads at most ${plural(limit, 'token')}. This cuts off ${plural(rowsCut, 'row')} and loses ${lost(labelledLost)} of what is learned.`,
      'length-text': ({ maxLength: limit }: { maxLength: number }) =>
        say`Long text is split into pieces of ${plural(limit, 'token')}, and nothing is lost.`,
      'length-usual': ({ maxLength: limit }: { maxLength: number }) =>
        say`${plural(limit, 'token')} are usual until your rows are counted.`,
      'length-memory': ({ maxLength: limit, usual, labelledLost }: Shorter) =>
        say`Rows end at ${plural(limit, 'token')} instead of ${inWords(usual)} to save memory, which loses ${lost(labelledLost)} of what is learned.`,
      'length-time': ({ maxLength: limit, usual, labelledLost }: Shorter) =>
        say`Rows end at ${plural(limit, 'token')} instead of ${inWords(usual)} to finish in time, which loses ${lost(labelledLost)} of what is learned.`,
    },
  },
});

export const tokensPerMicroBatch = setting('tokensPerMicroBatch', 'Data', {
  type: whole(8, 1_048_576),
  about: 'tokens processed at once; decides the memory needed',
  elsewhere: { to: 'steps.jsonl: at most so many tokens in a process at once' },
  fallback: '1024, or --max-length if that is more',
  alsoCalled: ['batch-size', 'micro-batch-size', 'batch', 'per-device-train-batch-size'],
  allowed: (value: number | undefined, beside) =>
    value !== undefined &&
    value < lengthOf(beside) &&
    say`{tokensPerMicroBatch} is ${value}, but {maxLength} is ${lengthOf(beside)} and a row must fit; lower {maxLength} or raise {tokensPerMicroBatch}`,
  settle: (value: number | undefined, beside) => value ?? defaultMicroBatch(lengthOf(beside)),
  resumed: true,
  words: {
    name: 'Tokens at once',
    about: 'fewer need less memory; what is learned stays the same',
    usual: '1,024, or the length limit if that is more',
  },
  plan: {
    text: (value: number) => plural(value, 'token'),
    control: { step: 64 },
    lighter: [{ rung: 0, degrees: [{ why: 'micro-memory', short: 'fewer tokens at once' }] }],
    reasons: {
      'micro-usual': ({ tokens }: { tokens: number }) =>
        say`${plural(tokens, 'token')} keep the computer busy. More would only need more memory.`,
      'micro-step': ({ tokens }: { tokens: number }) =>
        say`Each step learns from ${plural(tokens, 'token')}: few rows teach more in many small steps.`,
      'micro-longest': ({ tokens }: { tokens: number; maxLength: number }) =>
        say`The longest row must fit, so it is ${plural(tokens, 'token')}.`,
      'micro-memory': ({ tokens, usual }: { tokens: number; usual: number }) =>
        say`${plural(tokens, 'token')} instead of ${inWords(usual)} to save memory, with the same result.`,
    },
  },
});

/** Halvings of what goes through the model at once: below an eighth the time goes into starting each part. */
const MOST_HALVINGS = 3;

const splitMicroBatch = setting('splitMicroBatch', 'Data', {
  type: whole(1, 65536),
  default: 1,
  about: 'parts of a micro-batch: less memory, same result',
  elsewhere: { to: 'steps.jsonl: each micro-batch in so many parts' },
  alsoCalled: ['auto-find-batch-size'],
  words: {
    name: 'Micro-batch parts',
    about: 'more parts need less memory; the result stays the same',
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
        how: say`with at most ${most} tokens at once instead of ${tokensAtOnce}`,
        sameNumbers: !drops,
        why: drops
          ? say`dropout drops other values, but each step has the same rows`
          : say`each step has the same rows, only fewer at a time`,
      };
    },
  },
});

export const trainOn = setting('trainOn', 'Data', {
  type: choice('answers', 'all'),
  default: 'answers',
  about: 'tokens to learn: the answers, or all',
  elsewhere: { to: 'labels of -100 where a token is not learned' },
  alsoCalled: ['train-on-inputs'],
  resumed: true,
  words: {
    name: 'What is learned',
    about: 'only the answers, or the questions too',
    values: { answers: 'the answers', all: 'everything' },
  },
});

export const thinking = setting('thinking', 'Data', {
  type: choice('train', 'keep', 'leave-out'),
  default: 'train',
  about: 'thinking in answers: learn it, keep it before the answer, or leave it out',
  elsewhere: { to: 'labels of -100 where a token is not learned' },
  alsoCalled: ['enable-thinking', 'reasoning-content'],
  settle: (value: 'train' | 'keep' | 'leave-out') => (value === 'train' ? undefined : value),
  resumed: true,
  plan: { isLimit: true },
  words: {
    name: 'Thinking',
    about: 'what happens to thinking before an answer',
    values: { train: 'learned', keep: 'kept, not learned', 'leave-out': 'left out' },
  },
});

export const packing = setting('packing', 'Data', {
  type: toggle,
  default: true,
  about: 'put short rows side by side, which is faster; they don’t see each other',
  elsewhere: { to: 'steps.jsonl: which rows go together; there they lie side by side, padded' },
  words: { name: 'Packing', about: 'puts short rows side by side, which is faster' },
  resumed: true,
});

const MOST_HELD_OUT = 1000;
/** What is held out of `rows` rows where nothing is said: a tenth, but no more than make a mean sure, since each evaluation reads them all. */
export const usualHeldOut = (rows: number): number => (rows > 10 * MOST_HELD_OUT ? MOST_HELD_OUT : 0.1);

const BEGINNINGS = { shared: 'computed once for several rows', own: 'computed for each row' } as const;

export const shareBeginnings = setting('shareBeginnings', 'Data', {
  type: toggle,
  default: false,
  about: 'compute what all rows begin with, such as instructions, once in a micro-batch',
  elsewhere: { to: 'none: each row computes its own beginning' },
  settle: (value: boolean) => value || undefined,
  resumed: true,
  words: {
    name: 'Shared beginnings',
    about: 'computes what all rows begin with, such as instructions, once for several rows',
  },
  plan: {
    values: [true, false],
    anyway: [false],
    usual: () => ({ value: true, why: 'beginnings-shared' }),
    text: (value: boolean) => said(value ? BEGINNINGS.shared : BEGINNINGS.own),
    control: {
      options: [
        { value: true, key: 'shared', label: BEGINNINGS.shared },
        { value: false, key: 'own', label: BEGINNINGS.own },
      ],
    },
    reasons: {
      'beginnings-shared': () =>
        say`What all rows begin with, such as instructions, is computed once for several rows. What is learned stays the same.`,
    },
  },
});

export const heldOut = setting('heldOut', 'Data', {
  type: number(0, 1_000_000_000),
  about: 'held-out rows: a share up to 0.9, or a number; 0: none',
  elsewhere: RENDERED,
  fallback: `0.1, at most ${MOST_HELD_OUT} rows`,
  value: 'SHARE',
  alsoCalled: ['test-size', 'val-size', 'validation-split'],
  allowed: (value: number | undefined) =>
    value !== undefined &&
    value > 0.9 &&
    (value < 1 || !Number.isInteger(value)) &&
    say`{heldOut} must be a share from 0 to 0.9, or a whole number of rows; got ${value}`,
  settle: (value: number | undefined, { evalData }) => value ?? (evalData === undefined ? undefined : 0),
  resumed: true,
  words: {
    name: 'Test rows',
    about: 'rows kept for testing: a share such as 0.1, or a number',
    usual: 'a tenth, at most 1,000 rows',
  },
  plan: {
    nullable: true,
    text: (value: number | null) => {
      if (value === null) return say`a separate file`;
      return value <= 0.9 ? say`${percent(value)} of the rows` : plural(value, 'row');
    },
    reasons: {
      'held-out-tenth': (_: { rows: number }) => say`A tenth of your rows is kept for testing.`,
      'held-out-fifth': ({ rows }: { rows: number }) =>
        say`A fifth is kept for testing, because a tenth of ${plural(rows, 'row')} would be too few.`,
      'held-out-most': ({ rows, of }: { rows: number; of: number }) =>
        say`${plural(rows, 'row')} of ${inWords(of)} are enough for testing.`,
      'held-out-file': () => say`You chose a separate file for testing.`,
    },
  },
});

export const onBadRow = setting('onBadRow', 'Data', {
  type: choice('stop', 'skip'),
  default: 'stop',
  about: 'what to do with unreadable rows: stop, or skip and count them',
  elsewhere: RENDERED,
  resumed: true,
  words: {
    name: 'Unreadable rows',
    about: 'what to do with rows that cannot be read',
    values: { stop: 'stop', skip: 'skip and count' },
  },
});

export const BATCHES = [
  maxLength,
  tokensPerMicroBatch,
  splitMicroBatch,
  trainOn,
  thinking,
  packing,
  shareBeginnings,
  heldOut,
  onBadRow,
] as const;

/** Columns in which Fettle writes about a row begin so. */
export const ABOUT_PREFIX = 'fettle_';
/** Where an answer is from: the person's own row, or a model that answered in the person's place. */
export const ORIGIN = 'fettle_origin';
/** Who looked at the answer of a model and confirmed or changed it. */
export const CONFIRMED = 'fettle_confirmed';
/** The example that a model wrote the text of the row as a variation of. */
export const VARIES = 'fettle_varies';
/** `yes` where an answer stops before its end, which then isn't learned. */
export const UNFINISHED = 'fettle_unfinished';
export const TEACHER = 'teacher';
export const PERSON = 'person';
