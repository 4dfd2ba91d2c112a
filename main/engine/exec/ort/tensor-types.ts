/** The names that onnxruntime-node has for element types, and its tensors over host arrays. */
import * as ort from 'onnxruntime-node';
import { internal } from '../../../errors.ts';
import type { ComputeDType, HalfType, HostArray } from '../../ir/dtype.ts';
import type { Shape } from '../../ir/shape.ts';

export const TENSOR_TYPES = {
  f32: 'float32',
  i32: 'int32',
  bool: 'bool',
  u8: 'uint8',
  i8: 'int8',
} as const satisfies Readonly<Record<Exclude<ComputeDType, HalfType>, ort.Tensor.Type>>;

/** A tensor that shares the memory of `data`. */
export function tensorOf(
  { dtype, shape }: { dtype: ComputeDType; shape: Shape },
  data: HostArray,
): ort.Tensor {
  if (dtype === 'f16' || dtype === 'bf16') throw internal('values of 16 bits are never fed');
  return new ort.Tensor(TENSOR_TYPES[dtype], data as never, shape);
}
