/** What the files of a model hold, whatever their format. A shape out of a file may be a lie whose product overflows. */
import { AppError, internal } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import type { DType } from '../ir/dtype.ts';
import { shorten } from './json-scan.ts';

/** Where one tensor lies in a file. Shapes are row-major as PyTorch writes them (GGUF's are reversed on reading). */
export interface StoredTensor {
  readonly name: string;
  /** Element type, or the GGUF block format (`Q4_1`, …) for quantised tensors. */
  readonly dtype: DType | GgufBlockType;
  readonly shape: readonly number[];
  readonly file: string;
  /** Byte offset from the start of `file`. */
  readonly offset: number;
  readonly bytes: number;
}

/** GGUF's quantised formats that Fettle reads. */
export type GgufBlockType =
  | 'Q4_0'
  | 'Q4_1'
  | 'Q5_0'
  | 'Q5_1'
  | 'Q8_0'
  | 'Q2_K'
  | 'Q3_K'
  | 'Q4_K'
  | 'Q5_K'
  | 'Q6_K'
  | 'Q8_K'
  | 'IQ4_NL'
  | 'IQ4_XS';

export interface ElementRange {
  readonly start: number;
  readonly end: number;
}

/** The tensors of a model on disk: a safetensors file, a sharded set, or a GGUF file. */
export interface TensorStore {
  readonly kind: 'safetensors' | 'gguf';
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Free-form metadata of the file(s). */
  readonly metadata: ReadonlyMap<string, unknown>;
  /** Reads and converts one tensor, or its elements [start, end), to float32. */
  readF32(name: string, range?: ElementRange): Promise<Float32Array>;
  /** Fills `out` with the elements from index `first` on, converted to float32. */
  readF32Into?(name: string, first: number, out: Float32Array): Promise<void>;
  close(): Promise<void>;
}

/** The files that hold the tensors of a store, each once. */
export function filesOf(store: Pick<TensorStore, 'tensors'>): string[] {
  return [...new Set([...store.tensors.values()].map(({ file }) => file))];
}

/** The product of non-negative safe integers, or null where it is not exact. */
export function checkedProduct(factors: readonly number[]): number | null {
  if (factors.includes(0)) return 0;
  let product = 1;
  for (const factor of factors) {
    product *= factor;
    if (!Number.isSafeInteger(product)) return null;
  }
  return product;
}

/** Number of elements of a shape that was checked before; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((count, dim) => count * dim, 1);
}

/** True when both have the same dimensions in the same order. */
export function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

/** The tensor called `name`, or an AppError that says the model lacks it. */
export function tensorOf(store: Pick<TensorStore, 'tensors'>, path: string, name: string): StoredTensor {
  const tensor = store.tensors.get(name);
  if (tensor) return tensor;
  throw new AppError(
    'tensor-missing',
    say`${path} lacks the tensor “${shorten(name)}”.`,
    say`The file may be incomplete, or of another kind of model.`,
  );
}

/** The first element and the number of elements of a range; a range outside the tensor is a bug of the caller. */
export function checkRange(name: string, size: number, range: ElementRange | undefined) {
  const { start, end } = range ?? { start: 0, end: size };
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || start > end || end > size) {
    throw internal(`range [${start}, ${end}) of tensor ${name} with ${size} elements`);
  }
  return { start, count: end - start };
}
