import type { DType } from '../ir/dtype.ts';

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

/** The tensors of a model on disk: a safetensors file, a sharded set, or a GGUF file. */
export interface TensorStore {
  readonly kind: 'safetensors' | 'gguf';
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Free-form metadata of the file(s). */
  readonly metadata: ReadonlyMap<string, unknown>;
  /** Reads and converts one tensor, or its elements [start, end), to float32. */
  readF32(name: string, range?: { start: number; end: number }): Promise<Float32Array>;
  close(): Promise<void>;
}

/** The files that hold the tensors of a store, each once. */
export function filesOf(store: Pick<TensorStore, 'tensors'>): string[] {
  return [...new Set([...store.tensors.values()].map(({ file }) => file))];
}
