/** The names that onnxruntime-node has for element types, and its tensors over host arrays. */
import * as ort from 'onnxruntime-node';
import { internal } from '../../../../common/errors.ts';
import type { ComputeDType, HostArray } from '../../ir/dtype.ts';
import type { Shape } from '../../ir/shape.ts';

export const TENSOR_TYPES = {
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
