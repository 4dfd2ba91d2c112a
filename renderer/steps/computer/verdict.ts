/** What the measured figures of a computer mean for a beginner: how large a model, how long, and what is in the way. */
import type { ComputerFacts } from '../../../preload/contract.ts';
import { largestModel, roundedModel } from '../model/fit.ts';

export interface ComputerVerdict {
  /** Weights of the largest model that trains comfortably in the memory that is free now, by method. */
  readonly lora: number;
  readonly full: number;
  /** Seconds for the example below; null before the speed is measured. */
  readonly seconds: number | null;
}

/** A small model and a usual set of rows: 1,000 of 150 tokens, three times. */
export const EXAMPLE = { parameters: 135e6, rows: 1000, tokens: 150, epochs: 3 } as const;
/** Operations for a token and weight with LoRA: two forward, two for the gradient of the values; adapters hardly count. */
const FLOPS_PER_WEIGHT = 4;
/** Of the speed of bare matrix products, a whole step reaches about this (docs/log.md: 75 % of its time is products). */
const REACHED = 0.75;

export function verdictOf(facts: ComputerFacts): ComputerVerdict {
  const { parameters, rows, tokens, epochs } = EXAMPLE;
  const work = FLOPS_PER_WEIGHT * parameters * rows * tokens * epochs;
  return {
    lora: roundedModel(largestModel(facts.freeMemory, 'lora')),
    full: roundedModel(largestModel(facts.freeMemory, 'full')),
    seconds: facts.speed === null ? null : work / (facts.speed.flops * REACHED),
  };
}

export type ComputerProblem = 'battery' | 'disk' | 'memory' | 'memory-used' | 'slow';

const GB = 1e9;

/** What may get in the way, the gravest first. */
export function problemsOf(facts: ComputerFacts): ComputerProblem[] {
  const { totalMemory, freeMemory, freeDisk, onBattery, speed } = facts;
  const isUsedUp = totalMemory >= 4 * GB && freeMemory < totalMemory / 4;
  const all: readonly [ComputerProblem, boolean][] = [
    ['memory', totalMemory < 4 * GB],
    ['memory-used', isUsedUp],
    ['disk', freeDisk !== null && freeDisk < 5 * GB],
    ['battery', onBattery === true],
    ['slow', speed !== null && speed.flops < 20e9],
  ];
  return all.filter(([, applies]) => applies).map(([problem]) => problem);
}
