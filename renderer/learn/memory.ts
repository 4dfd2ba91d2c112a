/** The memory of training a model with 7 billion parameters, part by part, for the figures of the learning pages. Bytes. */
export interface MemoryPart {
  readonly kind: 'weights' | 'gradients' | 'state' | 'adapters';
  readonly bytes: number;
}

export const PARAMETERS = 7e9;
/** Rank 16 at all linear layers of a model with the shape of Llama 2 7B: 32 layers, widths 4,096 and 11,008. */
export const ADAPTER_PARAMETERS = 32 * 16 * (4 * (4096 + 4096) + 3 * (4096 + 11_008));
/** FP32 weight, gradient and two moments. */
const BYTES_PER_TRAINED = 16;
/** 4 bits, and a scale in 16 bits for each block of 32 weights. */
const BYTES_PER_4_BIT = 0.5 + 2 / 32;

/** All weights trained, everything in 16 bits. */
export function fullMemory(parameters = PARAMETERS): MemoryPart[] {
  return [
    { kind: 'weights', bytes: parameters * 2 },
    { kind: 'gradients', bytes: parameters * 2 },
    { kind: 'state', bytes: parameters * 4 },
  ];
}

/** Weights that stay as they are, in 16 or in 4 bits, and what is trained beside them. */
export function adapterMemory(
  bits: 16 | 4,
  parameters = PARAMETERS,
  adapter = ADAPTER_PARAMETERS,
): MemoryPart[] {
  return [
    { kind: 'weights', bytes: parameters * (bits === 16 ? 2 : BYTES_PER_4_BIT) },
    { kind: 'adapters', bytes: adapter * BYTES_PER_TRAINED },
  ];
}
