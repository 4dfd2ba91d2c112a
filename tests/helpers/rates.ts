/** Made-up results of a benchmark, for tests that need some and do not measure. */
import type { MatmulRate, MeasuredRates, StepRate } from '../../common/protocol/protocol.ts';

/** Inner size, columns, and the speed of such a product over that of the middle one. */
const LAYERS = [
  [256, 256, 0.6],
  [256, 1024, 0.8],
  [576, 576, 0.9],
  [576, 1536, 1],
  [2048, 2048, 1.2],
] as const;

/** LoRA steps that took so long, each of ten times the operations of the one before: 1e10, 1e11 and 1e12. */
export function timedSteps(...seconds: readonly number[]): StepRate[] {
  return seconds.map((took, i) => ({
    ...{ width: [256, 576, 2048][i]!, tokens: 512, trainedWeights: 1e5, seconds: took },
    work: {
      products: [{ batch: 1, rows: 1000, inner: 1000, columns: 1000, count: 5 * 10 ** i }],
      ...{ moved: [], exponentials: 0, nodes: 100, outputBytes: 0, runs: 1 },
    },
  }));
}

/** A processor whose float32 products of middling size run at `flops` operations a second, on so many threads. */
export function madeUpRates(flops: number, threads = 4): MeasuredRates {
  const rate = (type: MatmulRate['type'], [inner, columns, share]: (typeof LAYERS)[number], times = 1) => ({
    ...{ type, batch: 1, rows: 1024, inner, columns, flops: flops * share * times },
  });
  return {
    devices: [
      {
        ...{ device: 'cpu', executor: 'ort', threads, softmaxElements: 4e8, nodeSeconds: 4e-6 },
        matmul: [
          ...LAYERS.map((layer) => rate('float32', layer)),
          rate('int8', LAYERS[3], 1.6),
          rate('int4', LAYERS[3], 0.9),
        ],
        elementwise: [
          { bytes: 2 ** 18, bytesPerSecond: 6e10 },
          { bytes: 2 ** 26, bytesPerSecond: 1.8e10 },
        ],
      },
    ],
    memoryBytesPerSecond: 1.7e10,
    diskBytesPerSecond: 2.1e9,
    diskReadFrom: 'disk',
  };
}
