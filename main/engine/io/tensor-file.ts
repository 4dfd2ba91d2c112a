/** One open file of tensors, whatever its format. */
import type { OpenFile } from './open-file.ts';
import type { ElementRange, StoredTensor } from './tensor-store.ts';

/** Reads whole tensors through what a format does for a part of one: to find it, and to convert it into given memory. */
export abstract class TensorFile<Metadata> {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, Metadata>;
  protected readonly file: OpenFile;

  constructor(
    file: OpenFile,
    tensors: ReadonlyMap<string, StoredTensor>,
    metadata: ReadonlyMap<string, Metadata>,
  ) {
    this.file = file;
    this.tensors = tensors;
    this.metadata = metadata;
  }

  get path(): string {
    return this.file.path;
  }

  /** Reads and converts a tensor, or its elements [start, end). */
  async readF32(name: string, range?: ElementRange): Promise<Float32Array> {
    const { start, count } = this.locate(name, range);
    const out = new Float32Array(count);
    await this.readF32Into(name, start, out);
    return out;
  }

  /** Fills `out` with the elements from index `first` on, converted to float32. */
  abstract readF32Into(name: string, first: number, out: Float32Array): Promise<void>;

  protected abstract locate(
    name: string,
    range: ElementRange | undefined,
  ): { readonly start: number; readonly count: number };

  async close(): Promise<void> {
    await this.file.close();
  }
}
