import type { BenchExtra } from '../bench-extra.ts';

export const bench: BenchExtra = {
  made: (run) => ['blend', '--run', run, '--strength', '0.5', '--no-assess', '--json'],
};
