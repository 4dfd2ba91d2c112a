/** What the benchmarks try of extras. */
export { bench as blend } from './blend/bench.ts';
export { bench as layerwise } from './layerwise/bench.ts';
export { bench as tfjs } from './tensorflow/bench.ts';
