import type { ExecutorTraits } from '../../settings/executor.ts';
import { say } from '../../words/language.ts';

export const tfjs = {
  title: 'TensorFlow.js',
  keepsHalves: false,
  sharesWeights: true,
  isApart: true,
  way: 'tfjs-cuda',
  halfRefusal: () => say`{precision} f16 needs the executor ort; TensorFlow.js computes in float32`,
} as const satisfies ExecutorTraits;
