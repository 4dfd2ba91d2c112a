/** A price of a run with made-up figures, for tests of what is done with it. */
import type { RunPrice, Work } from '../../common/protocol/protocol.ts';

/** The work of a graph with one product of `flops` floating point operations. */
export function madeUpWork(flops: number): Work {
  return {
    products: flops > 0 ? [{ batch: 1, rows: 1, inner: 1, columns: flops / 2, count: 1 }] : [],
    moved: [],
    exponentials: 0,
    nodes: 0,
  };
}

/** A run of `steps` steps with `batches` micro-batches of `flops` each, and nothing else to do, of a model with so many `parameters`. */
export function madeUpPrice({
  steps = 10,
  flops = 2e9,
  batches = 1,
  weightBytes = 4000,
  parameters = 1000,
} = {}): RunPrice {
  return {
    ...{ executor: 'ort', threads: 2, weightBytes, steps },
    textbook: {
      ...{ method: 'lora', parameters, trained: 10, layers: 1, width: 8, heads: 2, rowLength: 8 },
      ...{ optimizer: 'adamw', recompute: 'none' },
    },
    memory: {
      ...{ trainedBytes: 40, gradientBytes: 40, optimizerBytes: 80 },
      ...{ activationBytes: 4000, logitBytes: 1000, heapBytes: 500, sessionBytes: 500, mappings: 2 },
    },
    work: {
      ...{
        gradient: madeUpWork(flops),
        update: madeUpWork(0),
        updateRuns: 0,
        evaluation: null,
        batchesPerStep: batches,
      },
      ...{
        evaluationBatches: 0,
        evaluations: 0,
        evaluationTokens: 0,
        assessmentTokens: null,
        writtenBytes: 0,
      },
    },
  };
}
