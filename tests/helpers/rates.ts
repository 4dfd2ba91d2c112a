/** Made-up results of a benchmark, for tests that need some and do not measure. */
import type { MatmulRate, MeasuredRates } from '../../main/engine/protocol.ts';

const LAYERS = [
  [256, 256],
  [256, 1024],
  [576, 576],
  [576, 1536],
  [2048, 2048],
] as const;

/** A processor whose float32 products all run at `flops` operations a second, on so many threads. */
export function madeUpRates(flops: number, threads = 4): MeasuredRates {
  const rate = (type: MatmulRate['type'], [inner, columns]: readonly [number, number], share = 1) => ({
    ...{ type, batch: 1, rows: 1024, inner, columns, flops: flops * share },
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
