/**
 * Results without a copy. onnxruntime writes an output into the tensor that it was given for it, but onnxruntime-node then copies each
 * output once more into an array of its own, which nobody reads: for full fine-tuning as much as the model itself. It does so after
 * the run, in the order of the outputs, and ends with an error at one that is no tensor. So a model's first output is an empty list: the run is done,
 * all tensors are written, and nothing is copied. Where a later onnxruntime-node can read lists, results are copied as before, and nothing else changes.
 */
import type * as ort from 'onnxruntime-node';
import { allocate } from '../../ir/dtype.ts';
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { tensorOf } from './tensor-types.ts';

/** The name of the output that cannot be read; those of a graph begin with `out:`. */
export const UNREADABLE = 'unreadable';

/** What onnxruntime-node says to an output that is no tensor. */
const REFUSED = /non tensor type/i;

/** Runs `session` with a tensor for every output, `fetches`; they hold the results afterwards. */
export async function runUnread(
  session: ort.InferenceSession,
  feeds: Readonly<Record<string, ort.Tensor>>,
  fetches: Readonly<Record<string, ort.Tensor>>,
): Promise<void> {
  try {
    await session.run(feeds, { ...fetches, [UNREADABLE]: null });
  } catch (error) {
    if (!(error instanceof Error && REFUSED.test(error.message))) throw error;
  }
}

/** A tensor of new memory for an output that nobody gave one for. */
export function newTarget(value: Value): ort.Tensor {
  return tensorOf(value, allocate(value.dtype, sizeOf(value.shape)));
}
