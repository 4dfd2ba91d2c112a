/** A device of ggml that is open: memory for tensors on it, and one computation after the other. */
import { AppError, internal } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import type { Tensor } from './builder.ts';
import type { Sizes } from './layout.ts';
import { GGML_TYPES, type Ggml, type GgmlDevice, type GgmlType, type Handle } from './library.ts';

/** Tensors that have memory, until it is given back. */
export interface Block {
  release(): void;
}

/** Memory in which tensors are put at places of one's own. */
export interface Piece extends Block {
  readonly bytes: number;
  put(tensor: Handle, at: number): void;
}

export class OpenDevice {
  readonly ggml: Ggml;
  readonly about: GgmlDevice;
  readonly handle: Handle;
  /** Where a view must begin. */
  readonly alignment: number;
  readonly #backend: Handle;
  #last: Promise<unknown> = Promise.resolve();

  constructor(ggml: Ggml, { handle, ...about }: GgmlDevice & { readonly handle: Handle }, threads: number) {
    this.ggml = ggml;
    this.about = about;
    this.handle = handle;
    // processors read from every place
    this.alignment =
      about.kind === 'processor' ? 2 : Math.max(256, Number(ggml.alignment(ggml.bufferType(handle))));
    this.#backend = ggml.open(handle, null);
    if (!this.#backend) throw lost(about, 'open');
    if (about.kind === 'processor') ggml.setThreads(handle, this.#backend, threads);
  }

  /** A context for so many tensors and graphs of so many nodes, which has no memory for their contents. */
  context(tensors: number, nodes = 0): Handle {
    const { ggml } = this;
    const graph = nodes > 0 ? Number(ggml.graphOverhead(nodes, false)) : 0;
    const bytes = tensors * Number(ggml.tensorOverhead()) + graph + 1024;
    const context: Handle | null = ggml.context({ mem_size: bytes, mem_buffer: null, no_alloc: true });
    if (!context) throw this.outOfMemory(bytes);
    return context;
  }

  newTensor(context: Handle, type: GgmlType, ne: Sizes): Tensor {
    const handle: Handle | null = this.ggml.newTensor(context, GGML_TYPES[type], ...ne);
    if (!handle) throw internal('a context of ggml is too small');
    return { handle, type, ne, root: handle };
  }

  /** Memory for all tensors of a context. */
  allocate(context: Handle, bytes: number): Block {
    const { ggml } = this;
    const buffer: Handle | null = ggml.allocateAll(context, this.#backend);
    if (!buffer) throw this.outOfMemory(bytes);
    return { release: () => ggml.freeBuffer(buffer) };
  }

  piece(bytes: number): Piece {
    const { ggml } = this;
    const buffer: Handle | null = ggml.newBuffer(ggml.bufferType(this.handle), bytes);
    if (!buffer) throw this.outOfMemory(bytes);
    const first: Handle = ggml.bufferBase(buffer);
    return {
      bytes,
      put: (tensor, at) => void ggml.putTensor(buffer, tensor, first + BigInt(at)),
      release: () => ggml.freeBuffer(buffer),
    };
  }

  /** Memory for what a graph computes, which later values take over from earlier ones. */
  allocateGraph(graph: Handle): Block & { readonly bytes: number } {
    const { ggml } = this;
    const allocator: Handle = ggml.newAllocator(ggml.bufferType(this.handle));
    if (!ggml.allocateGraph(allocator, graph)) {
      ggml.freeAllocator(allocator);
      throw this.outOfMemory(0);
    }
    return {
      bytes: Number(ggml.allocatedBytes(allocator, 0)),
      release: () => ggml.freeAllocator(allocator),
    };
  }

  /** Runs `prepare`, the graphs one after the other, and `after`, with no other graph on the device meanwhile. */
  async compute<T>(graphs: readonly Handle[], prepare: () => void, after: () => T): Promise<T> {
    const run = this.#last.then(async () => {
      prepare();
      for (const graph of graphs) {
        const status = await this.ggml.computeAsync(this.#backend, graph);
        if (status === OUT_OF_MEMORY) throw this.outOfMemory(0);
        if (status !== 0) throw lost(this.about, `status ${status}`);
      }
      return after();
    });
    this.#last = run.catch(() => {});
    return run;
  }

  /** `work` while no graph runs on the device. */
  alone<T>(work: () => T): Promise<T> {
    return this.compute([], () => {}, work);
  }

  outOfMemory(bytes: number): AppError {
    const gigabytes = (bytes / 1e9).toFixed(1);
    return new AppError(
      'out-of-memory',
      bytes > 0
        ? say`${this.about.description} has no ${gigabytes} GB left.`
        : say`The memory of ${this.about.description} is full.`,
      say`Use shorter rows or a smaller batch, or compute on the processor.`,
    );
  }
}

/** `GGML_STATUS_ALLOC_FAILED`. */
const OUT_OF_MEMORY = -2;

function lost({ description }: GgmlDevice, why: string): AppError {
  return new AppError(
    'device-lost',
    say`${description} stopped computing (ggml: ${why}).`,
    say`Restart the computer if it happens again, or compute on the processor.`,
  );
}
