/**
 * Which settings suit a model and its rows: the starting point that the wizard proposes, with the reason for each. What the
 * person sets wins over it. The figures for the practice model are those that docs/log.md found good.
 */
import type { DataChoice, DoctorReport, LocalModel } from '../../preload/contract.ts';
import { reasons } from '../text/wizard-plan.ts';
import type { Goal } from './wizard-steps.ts';

export type Method = 'lora' | 'full';

export interface Situation {
  readonly model: Pick<LocalModel, 'source' | 'parameters'> | null;
  readonly method: Method;
  /** Rows that can be trained on; null while that is not known. */
  readonly rows: number | null;
  /** Whether held-out rows come in a file of their own. */
  readonly hasHeldOut: boolean;
  readonly lengths: DoctorReport['lengths'] | null;
}

export interface Recommendation {
  /** By the names of run.json, `lora.rank` with a dot. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly reasons: readonly string[];
}

/** What the practice model needs whatever the rows: it reads 256 tokens and learns at a high rate. */
const PRACTICE: Readonly<Record<Method, Readonly<Record<string, unknown>>>> = {
  lora: { 'lora.rank': 16, learningRate: 1e-3, weightDecay: 0.1, epochs: 5, maxLength: 256 },
  full: { learningRate: 2e-4, epochs: 4, maxLength: 256 },
};

/** The method that is proposed for a model: LoRA, but for the practice model, which learned more and forgot no more with all weights trained. */
export function bestMethod(model: Situation['model']): Method {
  return model?.source === 'practice' ? 'full' : 'lora';
}

/** Highest learning rates by the number of weights: small models take larger steps, and an adapter ten times those of all weights. */
const RATES: readonly { readonly below: number; readonly lora: number; readonly full: number }[] = [
  { below: 500e6, lora: 5e-4, full: 5e-5 },
  { below: 4e9, lora: 2e-4, full: 2e-5 },
  { below: Number.POSITIVE_INFINITY, lora: 1e-4, full: 1e-5 },
];

/** Passes over the rows: few rows must be seen more often, many need it once. */
const EPOCHS: readonly { readonly below: number; readonly epochs: number }[] = [
  { below: 200, epochs: 5 },
  { below: 2_001, epochs: 3 },
  { below: 10_001, epochs: 2 },
  { below: Number.POSITIVE_INFINITY, epochs: 1 },
];

const LENGTHS = [128, 256, 512, 1024] as const;
/** With fewer rows than this, a tenth is too little to measure on. */
const FEW_ROWS = 100;

/** The usual highest learning rate for a method and a size of model. */
export function usualRate(model: Situation['model'], method: Method): number {
  if (model?.source === 'practice') return Number(PRACTICE[method].learningRate);
  const parameters = model?.parameters ?? 1e9;
  return RATES.find(({ below }) => parameters < below)![method];
}

/** The usual number of passes over that many rows. */
export function usualEpochs(rows: number | null): number {
  return EPOCHS.find(({ below }) => (rows ?? 1_000) < below)!.epochs;
}

/** The smallest usual limit that no row exceeds, at most 1,024 tokens: longer rows cost memory. */
export function usualLength(lengths: Situation['lengths']): number | null {
  if (lengths === null || !lengths.counted) return null;
  return LENGTHS.find((limit) => lengths.most <= limit) ?? LENGTHS.at(-1)!;
}

/** The limit on tokens of a row before the rows have been counted. */
export function lengthLimit(model: Situation['model']): number {
  return model?.source === 'practice' ? Number(PRACTICE.lora.maxLength) : 1024;
}

export function recommend(situation: Situation): Recommendation {
  const { model, method, rows, hasHeldOut } = situation;
  if (model?.source === 'practice')
    return {
      settings: { method, ...PRACTICE[method] },
      reasons: [reasons.practice],
    };
  const learningRate = usualRate(model, method);
  const epochs = usualEpochs(rows);
  const maxLength = usualLength(situation.lengths);
  const isSmall = rows !== null && rows < FEW_ROWS && !hasHeldOut;
  return {
    settings: {
      ...{ method, learningRate, epochs },
      ...(method === 'lora' && { 'lora.rank': 16 }),
      ...(maxLength !== null && { maxLength }),
      ...(isSmall && { heldOut: 0.2 }),
    },
    reasons: [
      reasons.rate(learningRate, model?.parameters ?? null, method),
      ...(rows === null ? [] : [reasons.epochs(epochs, rows)]),
      ...(maxLength === null ? [] : [reasons.length(maxLength, situation.lengths!.most)]),
      ...(isSmall ? [reasons.heldOut] : []),
    ],
  };
}

/** Goals that the rows of a sample show; the first one best. */
const SHOWS: Readonly<Record<string, readonly Goal[]>> = {
  'support-messages': ['sort', 'format'],
  'support-answers': ['style', 'knowledge'],
  'formal-tone': ['style'],
  'humorous-tone': ['character', 'style'],
  'plain-language': ['style'],
  'product-descriptions': ['format', 'style'],
  'continued-text': ['continue'],
};

/** How well a sample suits a goal: 0 best, larger is worse, null not at all. */
export function suits(sample: string, goal: Goal | undefined): number | null {
  const place = goal === undefined ? -1 : (SHOWS[sample] ?? []).indexOf(goal);
  return place < 0 ? null : place;
}

/** Samples whose rows say what to do only together with a system message. */
const SYSTEM: Readonly<Record<string, string>> = { 'support-messages': 'Sort the messages of customers.' };

/** How a sample data set is read. */
export function sampleChoice(sample: { readonly name: string; readonly path: string }): DataChoice {
  const system = SYSTEM[sample.name];
  return { paths: [sample.path], ...(system !== undefined && { system }) };
}
