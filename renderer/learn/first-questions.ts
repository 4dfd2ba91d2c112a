/** What the calculators ask at first: the textbook's case, which is also what the application answers to an empty question (a test). */
export const FIRST_MEMORY = {
  billions: 7,
  method: 'full',
  format: 'fp16',
  optimizer: 'adamw',
  masterWeights: false,
  rank: 16,
  targets: 'all',
  batch: 0,
  length: 1024,
  recompute: 'none',
} as const;

export const FIRST_TIME = {
  billions: 7,
  method: 'full',
  rows: 10_000,
  tokensPerRow: 500,
  epochs: 3,
  percentOfPeak: 40,
  recompute: false,
} as const;
