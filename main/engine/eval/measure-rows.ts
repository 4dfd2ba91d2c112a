/**
 * The loss of every row by itself. A mean says how well a model does; only the rows say how sure that is, for rows and
 * not tokens are what was drawn at random.
 */
import type { DeviceTensor } from '../exec/executor.ts';
import { batchFeeds, evaluationStep } from '../train/step-graphs.ts';
import type { MeasureOptions } from './measure.ts';

/** Sums by row of the store, in ascending order of rows. */
export interface RowLosses {
  /** [n] indices into the store. */
  readonly rows: Uint32Array;
  /** [n] sum of the negative log-likelihood over the row's labelled tokens, in nats. */
  readonly nll: Float64Array;
  /** [n] labelled tokens. */
  readonly labelled: Uint32Array;
}

/** Measures every row of the batching once with `trained` in place. Throws the reason of `stop` when it is aborted. */
export async function measureRows(
  { executor, model, weights, method, batching }: MeasureOptions,
  trained: Readonly<Record<string, DeviceTensor>>,
  {
    stop,
    onProgress,
  }: { readonly stop?: AbortSignal; readonly onProgress?: (fraction: number) => void } = {},
): Promise<RowLosses> {
  const plan = batching.plan(0);
  const program = await executor.compile(evaluationStep(model, method, batching.shape(0)).graph, { weights });
  const nll = new Float64Array(plan.samples.length);
  const labelled = new Uint32Array(plan.samples.length);
  try {
    for (let index = 0; index < plan.batches; index++) {
      stop?.throwIfAborted();
      onProgress?.(index / plan.batches);
      const batch = await batching.batch(0, index);
      const { outputs } = await program.run({ ...batchFeeds(model, batch), ...trained });
      for (let i = 0; i < batch.labelledCount; i++) {
        const at = batch.rows[i]!;
        const packedRow = index * plan.rowsPerBatch + Math.floor(at / batch.rowLength);
        const sample = plan.rowStarts[packedRow]! + batch.segments[at]!;
        nll[sample]! += outputs.nll![i]!;
        labelled[sample]!++;
      }
    }
  } finally {
    await program.release();
  }
  const order = Uint32Array.from(plan.samples, (_, i) => i).sort(
    (a, b) => plan.samples[a]! - plan.samples[b]!,
  );
  return {
    rows: order.map((i) => plan.samples[i]!),
    nll: Float64Array.from(order, (i) => nll[i]!),
    labelled: order.map((i) => labelled[i]!),
  };
}
