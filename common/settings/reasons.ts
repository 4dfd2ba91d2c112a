/**
 * Why a method is recommended and a value is what it is: a sentence for each reason of the planner, those of values from the rows of their
 * settings. Also what would fit where nothing does.
 */
import { about, bytes, count, number, plural } from '../words/format.ts';
import { hours, lost } from './phrases.ts';
import { type PlanSettings, ROWS, type SettingReasons } from './table.ts';

type Parameters = { readonly parameters: number };
type Rows = { readonly rows: number };
type Held = { readonly labelledTokens: number; readonly capacityTokens: number };
type Memory = { readonly peakBytes: number; readonly freeBytes: number };
type Time = { readonly seconds: number; readonly wishSeconds: number };

const OF_METHODS = {
  /** The value was set by the person. */
  own: () => 'Set by you.',
  /** The run repeats another one and keeps its settings. */
  'of-run': () => 'As in the run that this one repeats.',

  // why a method is recommended
  'tiny-model': ({ parameters }: Parameters) =>
    `A model of ${count(parameters)} weights is so small that training all of them costs little, and our practice model learned at least as much that way.`,
  'adapter-enough': ({ rows }: Rows) =>
    `For ${plural(rows, 'row')} adapters learn as much as training every weight would; they need less memory and keep more of what the model knows.`,
  'much-data': ({ labelledTokens, capacityTokens }: Held) =>
    `There is much to learn: ${count(labelledTokens)} trained tokens, where adapters of rank 64 hold about ${count(capacityTokens)}.`,
  'lightest-fits': ({ peakBytes, freeBytes }: Memory) =>
    `It needs the least memory of the methods that fit: ${bytes(peakBytes)} of the ${bytes(freeBytes)} that are free.`,
  'smaller-weights': () =>
    'It holds the weights of the model in 4 bits, which is what makes it fit with room to spare.',
  'fastest-here': ({ seconds, wishSeconds }: Time) =>
    `Nothing ends within ${hours(wishSeconds)}; this is the fastest, with ${about(seconds)}.`,

  // why a method is not
  'too-big': ({ peakBytes, freeBytes }: Memory) =>
    `It needs ${bytes(peakBytes)} at least, and ${bytes(freeBytes)} are free.`,
  tight: ({ peakBytes, freeBytes }: Memory) =>
    `It would be tight: ${bytes(peakBytes)} of the ${bytes(freeBytes)} that are free.`,
  'too-slow': ({ seconds, wishSeconds }: Time) =>
    `It takes ${about(seconds)}, longer than ${hours(wishSeconds)}.`,
  'forgets-more': () =>
    'It changes every weight: it needs several times the memory and forgets more, and learns no more from this many rows.',
  'adapter-learned-less': ({ parameters }: Parameters) =>
    `Adapters have no advantage for a model of only ${count(parameters)} weights: with them our practice model sorted 86% of messages right, with every weight trained 88%, and it forgot no less.`,
  'holds-less': ({ labelledTokens, capacityTokens }: Held) =>
    `Adapters of rank 64 hold about ${count(capacityTokens)} trained tokens; there are ${count(labelledTokens)}.`,
  'not-needed': () => 'It saves memory at some cost in exactness, and there is enough memory without it.',
} as const;

type Reasons = typeof OF_METHODS & SettingReasons;

/** The numbers of each reason, which its sentence names. Shares are from 0 to 1. */
export type WhyNumbers = {
  readonly [Key in keyof Reasons]: Reasons[Key] extends () => string
    ? Record<never, never>
    : Reasons[Key] extends (numbers: infer Numbers) => string
      ? Numbers
      : never;
};

export type WhyKey = keyof WhyNumbers;

/** A reason: its key, and the numbers that its sentence names. */
export type Why = {
  readonly [Key in WhyKey]: { readonly key: Key; readonly numbers: WhyNumbers[Key] };
}[WhyKey];

const SENTENCES: Readonly<Record<string, (numbers: never) => string>> = Object.assign(
  {},
  OF_METHODS,
  ...ROWS.map(({ plan }) => plan?.reasons),
);

/** A reason in words: one or two sentences. */
export function whyWords({ key, numbers }: Why): string {
  return SENTENCES[key]!(numbers as never);
}

/** Where nothing fits: one change after which it would. */
export type Nearest =
  | { readonly kind: 'close-programs'; readonly bytes: number }
  | { readonly kind: 'method'; readonly method: PlanSettings['method']; readonly peakBytes: number }
  | {
      readonly kind: 'length';
      readonly maxLength: number;
      readonly labelledLost: number;
      readonly peakBytes: number;
    }
  | { readonly kind: 'micro-batch'; readonly tokens: number; readonly peakBytes: number }
  | { readonly kind: 'rank'; readonly rank: number; readonly peakBytes: number }
  | {
      readonly kind: 'model';
      readonly name: string;
      readonly repo: string;
      /** The model on this computer, where it is there already. */
      readonly localId: string | null;
      readonly parameters: number;
      readonly method: PlanSettings['method'];
      readonly peakBytes: number;
    };

const METHOD_NAMES: Readonly<Record<PlanSettings['method'], string>> = {
  full: 'full fine-tuning',
  lora: 'LoRA',
  qlora: 'QLoRA',
};

/** What would fit where nothing does, in a sentence. */
export function nearestWords(nearest: Nearest): string {
  switch (nearest.kind) {
    case 'close-programs':
      return `Close other programs to free ${bytes(nearest.bytes)}.`;
    case 'method':
      return `Use ${METHOD_NAMES[nearest.method]}: it needs ${bytes(nearest.peakBytes)}.`;
    case 'length':
      return `Cut rows off at ${plural(nearest.maxLength, 'token')}: it needs ${bytes(nearest.peakBytes)}, and loses ${lost(nearest.labelledLost)} of what is to be learned.`;
    case 'micro-batch':
      return `Take ${plural(nearest.tokens, 'token')} at once: it needs ${bytes(nearest.peakBytes)}, and learns as well.`;
    case 'rank':
      return `Lower the rank to ${number(nearest.rank)}: it needs ${bytes(nearest.peakBytes)}.`;
    case 'model':
      return `Choose a smaller model: ${nearest.name} (${count(nearest.parameters)}) would need about ${bytes(nearest.peakBytes)}.`;
  }
}
