import { say } from '../../words/language.ts';
import type { ExtraPack } from '../pack.ts';

export const tensorflow = {
  product: 'TensorFlow',
  file: 'tensorflow-pack.json',
  called: () => say`the TensorFlow pack`,
  title: 'TensorFlow pack',
  about: 'tensorflow, TensorFlow’s library for --executor tfjs (0.2 GB, Linux x64)',
  next: 'Train with it: --executor tfjs',
} as const satisfies ExtraPack;
