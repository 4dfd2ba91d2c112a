/**
 * The settings of a run as a person reads them: names, what they mean, their values. What the engine says of a setting is written for
 * the command line, where `lora`, `maxSteps` and `int` are what one types; where the application shows it, it is said again here.
 */

import type {
  PlanOptimizer,
  PlanPrecision,
  PlanQuant,
  PlanRecompute,
  SettingInfo,
} from '../../common/api/contract.ts';
import { number, rateText } from '../../common/words/format.ts';

export const RECOMPUTES: Readonly<Record<PlanRecompute, string>> = {
  none: 'off',
  attention: 'attention',
  third: 'every third layer',
  half: 'every second layer',
  block: 'all layers',
};

export const OPTIMIZERS: Readonly<Record<PlanOptimizer, string>> = {
  adamw: 'AdamW',
  'adamw-8bit': 'AdamW in 8 bits',
};

export const QUANTS: Readonly<Record<PlanQuant, string>> = {
  int: 'even steps',
  nf4: 'NF4',
};

export const PRECISIONS: Readonly<Record<PlanPrecision, string>> = {
  f32: '32 bits',
  f16: '16 bits, with loss scaling',
};

export const MASTERS = { 32: '32 bits', 16: '16 bits, rounded by chance' } as const;

/** Values of settings that are one of a few, by the names of run.json. */
const VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  recompute: RECOMPUTES,
  optimizer: OPTIMIZERS,
  quant: QUANTS,
  precision: { auto: 'Fettle chooses', ...PRECISIONS },
  masterBits: MASTERS,
  bits: { 4: '4 bits', 8: '8 bits', 16: '16 bits, as in the model’s files' },
  schedule: { constant: 'stays as it is', linear: 'in a straight line', cosine: 'in a curve (cosine)' },
  trainOn: { answers: 'the answers', all: 'everything' },
  onBadRow: { stop: 'stop', skip: 'skip it and count it' },
};

/** What a setting means, where the words of the command line would not be understood here. */
const ABOUTS: Readonly<Record<string, string>> = {
  bits: 'how the weights that are not trained are kept: 4 or 8 bits with QLoRA, 16 with LoRA where the model’s files have 16',
  quant: 'the 16 values that weights of 4 bits can have: NF4 is smaller and a little slower',
  doubleQuant: 'round the scales of rounded weights, too, to 8 bits (QLoRA)',
  'lora.alpha': 'how strongly the adapter counts: its output is multiplied by alpha divided by the rank',
  'lora.targets':
    'matrices of each layer that get an adapter: all-linear for all of them, or their names in the model’s files, such as q_proj,v_proj',
  'lora.layers':
    'which layers get adapters, by number or from the end; the first one is 0: 8-15, or 0,4,8-11, or last-4',
  'lora.rsLora': 'divide alpha by the square root of the rank, and not by the rank',
  'lora.dora': 'train how long the weights of each output are apart from where they point',
  newTokens: 'texts that become one token each, with weights of their own',
  maxSteps: 'end after this many steps, or at the end of the epochs where that is sooner',
  precision: 'numbers in which matrices are multiplied; 16 bits are for graphics cards that can do it',
  recompute: 'what is computed again in place of being kept, to save memory',
  optimizer: 'in 8 bits its two numbers for each trained weight take 2 bytes together, and not 8',
  masterBits: 'full fine-tuning: how all weights are kept from step to step',
  layerwiseUpdate:
    'full fine-tuning: update each layer as soon as its gradient is known, so that only one layer has gradients at a time',
  stayClose: 'how strongly weights are pulled back to where they began, against forgetting; 10 is gentle',
  beta1: 'how long AdamW remembers the gradient: 0.9 is about ten steps',
  beta2: 'how long AdamW remembers the square of the gradient: 0.999 is about a thousand steps',
  eps: 'a very small number that keeps AdamW from dividing by zero',
  splitMicroBatch: 'parts that go through the model one after the other: less memory, the same result',
  evalEvery:
    'steps between two measurements of the held-out rows; auto is about four an epoch, at least ten steps apart',
};

/** Defaults that depend on other settings, or are a word. */
const DEFAULTS: Readonly<Record<string, string>> = {
  bits: '4 bits with QLoRA, 32 else',
  epochs: '3, or as many as are needed for the number of steps that is set',
  learningRate: '2e-4 for adapters, 2e-5 for full fine-tuning',
  weightDecay: '0 for adapters, 0.01 for full fine-tuning',
  tokensPerMicroBatch: '1,024, or the length limit where that is more',
  'lora.alpha': 'twice the rank',
};

/** Names that do not read well by themselves. */
const NAMES: Readonly<Record<string, string>> = {
  'lora.rank': 'Rank',
  rank: 'Rank',
  tokensPerMicroBatch: 'Tokens at once',
  gradientAccumulation: 'Micro-batches of a step',
  warmupRatio: 'Warm-up',
  heldOut: 'Held out',
  executor: 'Computed by',
  device: 'Compute on',
  deviceWhy: 'Why this device',
  'blend.of': 'Blended from',
  'blend.strength': 'Share kept in the blend',
  recompute: 'Compute again',
  'lora.alpha': 'Alpha',
  'lora.dropout': 'Dropout',
  'lora.targets': 'Layers',
  'lora.layers': 'Which layers',
  'lora.rsLora': 'Rank-stabilised LoRA',
  'lora.dora': 'DoRA',
  newTokens: 'New tokens',
  eps: 'Epsilon',
  maxGradNorm: 'Longest gradient',
  maxLength: 'Length limit',
  stayClose: 'Stay close to the original',
  trainOn: 'What is learned',
  bits: 'Quantisation',
  masterBits: 'Master weights',
  layerwiseUpdate: 'Layer-wise update',
  quant: 'Values of 4 bits',
  doubleQuant: 'Double quantisation',
};

/** `saveEveryMinutes` as people read it: Save every minutes. */
export function settingName(name: string): string {
  const words = name.replace(/([A-Z]|\d+)/g, ' $1').toLowerCase();
  return NAMES[name] ?? `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** What a setting means, in half a sentence. */
export function settingAbout({ name, about }: Pick<SettingInfo, 'name' | 'about'>): string {
  return ABOUTS[name] ?? about;
}

/** Its default in words. */
export function settingDefault({ name, fallback }: Pick<SettingInfo, 'name' | 'fallback'>): string {
  return DEFAULTS[name] ?? valueWords(name, fallback);
}

/** A value of a setting in words: a choice by its name, a rate as rates are written, `true` as on. */
export function valueWords(name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (name === 'learningRate' && Number.isFinite(Number(value))) return rateText(Number(value));
  return VALUES[name]?.[String(value)] ?? String(value);
}

/** Which values a number may have; empty where there is no limit worth a word. */
export function rangeWords({ kind, min, max }: Pick<SettingInfo, 'kind' | 'min' | 'max'>): string {
  if (min === null || (kind !== 'number' && kind !== 'integer')) return '';
  const isOpen = max === null || max >= 1e6;
  // the least number that the engine takes is there to rule out 0
  if (min > 0 && min < 1e-3) return isOpen ? 'above 0' : `above 0, at most ${short(max)}`;
  return isOpen ? `at least ${short(min)}` : `${short(min)} to ${short(max)}`;
}

function short(value: number): string {
  return Number.isInteger(value) ? number(value) : String(value);
}
