/** Learning-rate schedules as Transformers counts them: step 0 of a warm-up has rate 0. */
export type ScheduleName = 'constant' | 'linear' | 'cosine';

export interface Schedule {
  readonly name: ScheduleName;
  readonly peak: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
}

/** The learning rate that step `step` (from 0) uses. */
export function learningRateAt({ name, peak, warmupSteps, totalSteps }: Schedule, step: number): number {
  if (step < warmupSteps) return (peak * step) / warmupSteps;
  const progress = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
  switch (name) {
    case 'constant':
      return peak;
    case 'linear':
      return peak * Math.max(0, 1 - progress);
    case 'cosine':
      return peak * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
  }
}
