/** The names that onnxruntime-node has for element types, and its tensors over host arrays. */
import * as ort from 'onnxruntime-node';
import type { ComputeDType, HostArray } from '../../ir/dtype.ts';
import type { Shape } from '../../ir/shape.ts';

export const TENSOR_TYPES = {
  f32: 'float32',
  i32: 'int32',
  bool: 'bool',
  u8: 'uint8',
  i8: 'int8',
} as const satisfies Readonly<Record<ComputeDType, ort.Tensor.Type>>;

/** A tensor that shares the memory of `data`. */
export function tensorOf(
  { dtype, shape }: { dtype: ComputeDType; shape: Shape },
  data: HostArray,
): ort.Tensor {
  return new ort.Tensor(TENSOR_TYPES[dtype], data as never, shape);
}
