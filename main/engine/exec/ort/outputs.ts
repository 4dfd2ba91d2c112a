/** Tensors over arrays of this process, and runs that write their results into them without a copy. */

import * as ort from 'onnxruntime-node';
import { internal } from '../../../../common/errors.ts';
import { allocate, type ComputeDType, type HostArray } from '../../ir/dtype.ts';
import type { Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';

const TENSOR_TYPES = {
  f32: 'float32',
  i32: 'int32',
  bool: 'bool',
  u8: 'uint8',
  i8: 'int8',
  u16: 'uint16',
  f16: 'float16',
} as const satisfies Readonly<Record<Exclude<ComputeDType, 'bf16'>, ort.Tensor.Type>>;

/** A tensor that shares the memory of `data`. */
export function tensorOf(
  { dtype, shape }: { dtype: ComputeDType; shape: Shape },
  data: HostArray,
): ort.Tensor {
  if (dtype === 'bf16') throw internal('onnxruntime-node takes no bfloat16');
  // a Tensor would make it a Float16Array, which the binding takes for an array of no length; it reads just these fields
  if (dtype === 'f16')
    return { type: 'float16', dims: shape, location: 'cpu', data } as unknown as ort.Tensor;
  return new ort.Tensor(TENSOR_TYPES[dtype], data as never, shape);
}

// onnxruntime writes an output into the tensor that it was given, but onnxruntime-node then copies each once more, in their order, and ends
// with an error at one that is no tensor. So a model's first output is an empty list: all is written, and nothing is copied.

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
