/**
 * Why a method is recommended and a value is what it is: a sentence for each reason of the planner, those of values from the rows of their
 * settings. Also what would fit where nothing does.
 */

import { ofRow } from '../values.ts';
import { about, bytes, count, number, plural } from '../words/format.ts';
import { said, say } from '../words/language.ts';
import { hours, lost } from './phrases.ts';
import { type PlanSettings, ROWS, type SettingReasons } from './table.ts';

type Parameters = { readonly parameters: number };
type Rows = { readonly rows: number };
type Held = { readonly labelledTokens: number; readonly capacityTokens: number };
type Memory = { readonly peakBytes: number; readonly freeBytes: number };
type Quicker = { readonly seconds: number; readonly otherSeconds: number };
type Time = { readonly seconds: number; readonly wishSeconds: number };

const OF_METHODS = {
  /** The value was set by the person. */
  own: () => say`Set by you.`,
  /** The run repeats another one and keeps its settings. */
  'of-run': () => say`As in the run that you repeat.`,

  // why a method is recommended
  'tiny-model': (_: Parameters) => say`Small enough to train fully.`,
  'adapter-enough': (_: Rows) => say`Learns as much, and forgets less.`,
  'much-data': (_: Held) => say`Your data holds more than a small adapter can learn.`,
  'lightest-fits': ({ peakBytes, freeBytes }: Memory) =>
    say`It needs the least memory: ${bytes(peakBytes)} of ${bytes(freeBytes)} free.`,
  'smaller-weights': () => say`It keeps the model in 4 bits, so it fits with room to spare.`,
  'much-quicker': ({ seconds, otherSeconds }: Quicker) =>
    say`Takes ${about(seconds)}. LoRA would take ${about(otherSeconds)} and learn little more.`,
  'quicker-than-full': ({ seconds, otherSeconds }: Quicker) =>
    say`Takes ${about(seconds)}. Full fine-tuning could learn more of your data, in ${about(otherSeconds)}.`,
  'whole-in-time': () => say`Finishes in time with all your rows. LoRA would have to be cut short.`,
  'fastest-here': ({ seconds, wishSeconds }: Time) =>
    seconds > wishSeconds
      ? say`Nothing finishes within ${hours(wishSeconds)}. This is the fastest: ${about(seconds)}.`
      : say`Nothing is sure to finish within ${hours(wishSeconds)}. This is the fastest: ${about(seconds)}.`,

  // why a method is not
  'too-big': ({ peakBytes, freeBytes }: Memory) =>
    say`Needs at least ${bytes(peakBytes)}, and ${bytes(freeBytes)} is free.`,
  tight: ({ peakBytes, freeBytes }: Memory) =>
    say`Would be tight: ${bytes(peakBytes)} of ${bytes(freeBytes)} free.`,
  'too-slow': ({ seconds, wishSeconds }: Time) =>
    seconds > wishSeconds
      ? say`Takes ${about(seconds)}, longer than ${hours(wishSeconds)}.`
      : say`Takes ${about(seconds)}, and may take longer than ${hours(wishSeconds)}.`,
  'much-slower': ({ seconds }: Pick<Time, 'seconds'>) =>
    say`Takes ${about(seconds)}, and learns little more.`,
  'full-slower': ({ seconds }: Pick<Time, 'seconds'>) =>
    say`Could learn more of your data, but takes ${about(seconds)}.`,
  'would-be-shortened': () => say`Has to be cut short to finish in time.`,
  'forgets-more': () => say`Needs several times the memory, forgets more and learns no more from your rows.`,
  'adapter-learned-less': (_: Parameters) =>
    say`Saves little with a model this small, and learned slightly less in tests.`,
  'holds-less': ({ labelledTokens, capacityTokens }: Held) =>
    say`Can hold about ${count(capacityTokens)} tokens of answers, and your rows have ${count(labelledTokens)}.`,
  'not-needed': () => say`Saves memory that you don’t need to save, and is slightly less exact.`,
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
  return ofRow(SENTENCES[key], numbers)!;
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

const METHODS: Readonly<Record<PlanSettings['method'], string>> = {
  full: 'full fine-tuning',
  lora: 'LoRA',
  qlora: 'QLoRA',
};

/** What would fit where nothing does, in a sentence. */
export function nearestWords(nearest: Nearest): string {
  const needed = bytes('peakBytes' in nearest ? nearest.peakBytes : nearest.bytes);
  switch (nearest.kind) {
    case 'close-programs':
      return say`Close other programs to free ${needed}.`;
    case 'method':
      return say`Use ${said(METHODS[nearest.method])}: it needs ${needed}.`;
    case 'length':
      return say`Shorten rows to ${plural(nearest.maxLength, 'token')}: it needs ${needed} and loses ${lost(nearest.labelledLost)} of what is learned.`;
    case 'micro-batch':
      return say`Take ${plural(nearest.tokens, 'token')} at once: it needs ${needed} and learns as well.`;
    case 'rank':
      return say`Lower the rank to ${number(nearest.rank)}: it needs ${needed}.`;
    case 'model':
      return say`Choose a smaller model: ${nearest.name} (${count(nearest.parameters)}) needs about ${needed}.`;
  }
}
