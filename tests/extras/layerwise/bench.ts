import type { BenchExtra } from '../bench-extra.ts';

const FLAG = '--layerwise-update';

export const bench: BenchExtra = {
  train: ['--method', 'full', FLAG],
  fullSettings: [
    [FLAG],
    [FLAG, '--optimizer', 'adamw-8bit'],
    [FLAG, '--optimizer', 'adamw-8bit', '--master-bits', '16'],
  ],
  plannedWays: [{ layerwiseUpdate: true, recompute: 'block' }],
};
