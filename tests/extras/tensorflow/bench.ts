import type { BenchExtra } from '../bench-extra.ts';

export const bench: BenchExtra = {
  train: ['--executor', 'tfjs', '--max-steps', '1'],
  ways: { 'TensorFlow.js': ['--executor', 'tfjs'] },
};
