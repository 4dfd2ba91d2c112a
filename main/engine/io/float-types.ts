/** The float types in which weights are stored outside GGUF blocks, and the bytes of values in each. */
import { toBrains, toHalves } from './narrow.ts';

export const FLOAT_TYPES = ['f32', 'f16', 'bf16'] as const;
export type FloatType = (typeof FLOAT_TYPES)[number];

/** The names that Transformers and PyTorch give them. */
export const TORCH_DTYPES: Readonly<Record<FloatType, string>> = {
  f32: 'float32',
  f16: 'float16',
  bf16: 'bfloat16',
};

/** `values` as numbers of `type`; float32 is not copied. */
export function asFloatType(type: FloatType, values: Float32Array): Float32Array | Uint16Array {
  if (type === 'f32') return values;
  return type === 'f16' ? toHalves(values) : toBrains(values);
}
