/** Reads what was written back and compares it with what should be there, as closely as its type allows. */
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import type { GgufWriteType } from '../io/gguf-write.ts';
import type { TensorStore } from '../io/tensor-store.ts';

export interface ExpectedTensor {
  readonly name: string;
  readonly type: GgufWriteType;
  pieces(): AsyncIterable<Float32Array> | Iterable<Float32Array>;
}

/** Values looked at together: a block of the formats that have one. */
const BLOCK = 32;
/** Half a unit in the last place, relative, and the smallest step of float16. */
const RELATIVE: Readonly<Partial<Record<GgufWriteType, number>>> = { f16: 2 ** -11, bf16: 2 ** -8 };
const SMALLEST_HALF = 2 ** -24;
/** By how much of the block's largest magnitude, or of its range, a value may be off: one step. */
const STEPS: Readonly<Partial<Record<GgufWriteType, number>>> = {
  Q8_0: 1 / 127,
  Q5_0: 1 / 16,
  Q5_1: 1 / 31,
  Q4_0: 1 / 8,
  Q4_1: 1 / 15,
};

/** Compares every tensor; throws `AppError('export-damaged')` at the first value that is too far off. */
export async function readBack(
  store: TensorStore,
  tensors: readonly ExpectedTensor[],
  { stop, onProgress }: { readonly stop: AbortSignal; readonly onProgress?: (fraction: number) => void },
): Promise<number> {
  for (const [index, { name, type, pieces }] of tensors.entries()) {
    onProgress?.(index / tensors.length);
    let start = 0;
    for await (const piece of pieces()) {
      stop.throwIfAborted();
      const found = await store.readF32(name, { start, end: start + piece.length });
      const at = firstOff(type, piece, found);
      if (at >= 0) throw damaged(name, start + at, piece[at]!, found[at]!);
      start += piece.length;
    }
  }
  return tensors.length;
}

/** The same for a file that is opened for it. */
export async function readBackFrom(
  opening: Promise<TensorStore>,
  tensors: readonly ExpectedTensor[],
  stop: AbortSignal,
  tell?: (detail: string, fraction: number) => void,
): Promise<number> {
  const store = await opening;
  const onProgress = tell && ((fraction: number) => tell(say`reading it back`, fraction));
  try {
    return await readBack(store, tensors, { stop, ...(onProgress && { onProgress }) });
  } finally {
    await store.close();
  }
}

/** The index of the first value that is farther off than `type` allows, or -1. */
export function firstOff(type: GgufWriteType, expected: Float32Array, found: Float32Array): number {
  const step = STEPS[type];
  for (let from = 0; from < expected.length; from += BLOCK) {
    const end = Math.min(from + BLOCK, expected.length);
    const reach = step === undefined ? 0 : reachOf(type, expected.subarray(from, end));
    for (let i = from; i < end; i++) {
      const value = Math.abs(expected[i]!);
      const allowed =
        step === undefined
          ? value * (RELATIVE[type] ?? 0) + (type === 'f16' ? SMALLEST_HALF : 0)
          : step * reach * 1.001 + 2 ** -10 * Math.max(reach, value) + SMALLEST_HALF * 256;
      if (!(Math.abs(expected[i]! - found[i]!) <= allowed)) return i;
    }
  }
  return -1;
}

function reachOf(type: GgufWriteType, block: Float32Array): number {
  let [low, high] = [block[0]!, block[0]!];
  for (const value of block) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return type.endsWith('_1') ? high - low : Math.max(Math.abs(low), Math.abs(high));
}

function damaged(name: string, at: number, expected: number, found: number): AppError {
  return new AppError(
    'export-damaged',
    say`The disk gave back other data than was written (value ${at} of ${name} is ${found}, not ${expected}).`,
    say`The disk or the memory may be failing. Export again. If it happens again, report it.`,
  );
}
