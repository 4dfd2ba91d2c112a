/** Element types of the IR as TensorFlow.js has them, and reading weights for it. */
import { convertToF32 } from '../../io/convert.ts';
import { openFile } from '../../io/open-file.ts';
import { allocate, type ComputeDType, DTYPE_BYTES, type HostArray } from '../../ir/dtype.ts';
import type { Value } from '../../ir/graph.ts';
import type { WeightLocation } from '../executor.ts';
import type { Tensor, TensorFlow } from './backend.ts';

/** Null for what there is no type for; floats of 16 bits are widened when they are read. */
export const TYPES = {
  f32: 'float32',
  f16: 'float32',
  bf16: 'float32',
  i32: 'int32',
  bool: 'bool',
  u8: null,
  i8: null,
  u16: null,
} as const;

/** A tensor of `data`, which has one of the types that TensorFlow.js knows. */
export function uploadTensor(
  tf: TensorFlow,
  data: HostArray,
  { dtype, shape }: Pick<Value, 'dtype' | 'shape'>,
): Tensor {
  return tf.tensor(data as Float32Array, [...shape], TYPES[dtype] ?? 'float32');
}

/** The numbers of a weight, in memory of their own unless they lie in memory already; of 16 bits as float32. */
export async function loadNumbers(location: WeightLocation, dtype: ComputeDType): Promise<HostArray> {
  const data = await readNumbers(location, dtype);
  if (dtype !== 'f16' && dtype !== 'bf16') return data;
  const widened = new Float32Array(data.length);
  convertToF32(
    dtype,
    new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
    widened,
    0,
  );
  return widened;
}

async function readNumbers(location: WeightLocation, dtype: ComputeDType): Promise<HostArray> {
  if (location.kind === 'memory') return location.data;
  const data = allocate(dtype, location.bytes / DTYPE_BYTES[dtype]);
  const file = await openFile(location.file);
  try {
    await file.readInto(new Uint8Array(data.buffer), location.offset);
    return data;
  } finally {
    await file.close();
  }
}
