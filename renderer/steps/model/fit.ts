/** Whether what a model needs fits into the memory that is free now; the rule is that of the plan (main/plan/fit.ts). */
import type { RangedFigure } from '../../../preload/contract.ts';

export type Fit = 'good' | 'warn' | 'bad';

/** Up to this share of the free memory a training is comfortable, where the whole range of its need fits. */
const COMFORTABLE = 0.75;

export function fitOf({ value, high }: RangedFigure, free: number): Fit {
  if (value > free) return 'bad';
  return value <= COMFORTABLE * free && high <= free ? 'good' : 'warn';
}
