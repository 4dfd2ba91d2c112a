/**
 * The trained values, flat: float32, or matrices and embeddings in 16 bits, rounded stochastically after each
 * update (nn/small-floats.ts). The optimizer sees float32 either way.
 */
import type { DeviceTensor, Executor } from '../exec/executor.ts';
import type { Shape } from '../ir/shape.ts';
import { type Range, UPDATE_CHUNK } from '../nn/adamw.ts';
import { fromHalves, roundStochastically } from '../nn/small-floats.ts';

/** Values as the optimizer changes them: `param[0]` is value `first` of all. */
export interface MasterValues {
  readonly param: Float32Array;
  readonly first: number;
}

export interface Masters {
  /** All of them where all are float32. */
  readonly floats: Float32Array | null;
  /** The values of `range` as a tensor, sharing the memory; a range lies on one side of the border. */
  tensor(executor: Executor, start: number, shape: Shape): DeviceTensor;
  /** What is kept of `range`, sharing the memory: float32 numbers, or the bits of float16 ones. */
  kept(range: Range): Float32Array | Uint16Array;
  /** The values of `range` in float32: shared where they are kept so, else a copy. */
  read(range: Range): Float32Array;
  /** Replaces the values from `start` on; 16 bits are rounded stochastically. */
  write(start: number, values: Float32Array): void;
  /** Lets `change` have the values in `range`, at most a chunk; `update` decides the rounding. */
  update(range: Range, update: number, change: (opened: MasterValues) => void): void;
}

interface ArrayType<Values> {
  new (lengthOrMemory: number | SharedArrayBuffer): Values;
  readonly BYTES_PER_ELEMENT: number;
}

/** Makes an array of zeros: in memory of this thread's own, or in some that threads share. */
export type Allocate = <Values extends Float32Array | Uint16Array | Uint8Array>(
  type: ArrayType<Values>,
  length: number,
) => Values;

/** `size` zeros in float32. */
export function floatMasters(size: number, allocate: Allocate): Masters {
  const floats = allocate(Float32Array, size);
  return {
    floats,
    tensor: (executor, start, shape) => executor.tensor('f32', [size], floats).view(start, shape),
    kept: ([start, end]) => floats.subarray(start, end),
    read: ([start, end]) => floats.subarray(start, end),
    write: (start, values) => floats.set(values, start),
    update: (_range, _update, change) => change({ param: floats, first: 0 }),
  };
}

/** `size` zeros, in float16 up to `border`, a multiple of the block. */
export function halfMasters(size: number, border: number, allocate: Allocate): Masters {
  const halves = allocate(Uint16Array, border);
  const floats = allocate(Float32Array, size - border);
  const scratch = new Float32Array(Math.min(border, UPDATE_CHUNK));
  const isHalf = (start: number) => start < border;
  const kept = ([start, end]: Range) =>
    isHalf(start) ? halves.subarray(start, end) : floats.subarray(start - border, end - border);
  const read = (range: Range) => {
    const values = kept(range);
    if (values instanceof Float32Array) return values;
    const copy = new Float32Array(values.length);
    fromHalves(values, copy);
    return copy;
  };
  return {
    floats: null,
    tensor: (executor, start, shape) =>
      isHalf(start)
        ? executor.tensor('f16', [border], halves).view(start, shape)
        : executor.tensor('f32', [size - border], floats).view(start - border, shape),
    kept,
    read,
    write(start, values) {
      const own = kept([start, start + values.length]);
      if (own instanceof Float32Array) own.set(values);
      else roundStochastically(values, own, { update: 0, first: start });
    },
    update([start, end], update, change) {
      if (!isHalf(start)) return change({ param: floats, first: border });
      const own = halves.subarray(start, end);
      const param = scratch.subarray(0, own.length);
      fromHalves(own, param);
      change({ param, first: start });
      roundStochastically(param, own, { update, first: start });
    },
  };
}
