/** Device tensors whose device is the main memory; both CPU executors use them. */
import { internal } from '../../../common/errors.ts';
import { openFile } from '../io/open-file.ts';
import { allocate, type ComputeDType, DTYPE_BYTES, HOST_ARRAYS, type HostArray } from '../ir/dtype.ts';
import type { Value } from '../ir/graph.ts';
import { type Shape, sizeOf } from '../ir/shape.ts';
import type { DeviceTensor, WeightLocation } from './executor.ts';

export class HostDeviceTensor implements DeviceTensor {
  readonly dtype: ComputeDType;
  readonly shape: Shape;
  readonly data: HostArray;

  constructor(dtype: ComputeDType, shape: Shape, data: HostArray = allocate(dtype, sizeOf(shape))) {
    if (data.length !== sizeOf(shape))
      throw internal(`${data.length} elements for a tensor of shape [${shape}]`);
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }

  async read(): Promise<HostArray> {
    return this.data.slice();
  }

  async write(data: HostArray): Promise<void> {
    if (data.length !== this.data.length)
      throw internal(`${data.length} elements written to a tensor of shape [${this.shape}]`);
    this.data.set(data);
  }

  clear(): void {
    this.data.fill(0);
  }

  release(): void {}

  view(start: number, shape: Shape): HostDeviceTensor {
    return new HostDeviceTensor(this.dtype, shape, this.data.subarray(start, start + sizeOf(shape)));
  }
}

/** The host memory behind an input, which must fit the graph's input. */
export function hostData(
  name: string,
  given: HostArray | DeviceTensor | undefined,
  dtype: ComputeDType,
  shape: Shape,
): HostArray {
  if (given === undefined) throw internal(`input ${name} was not given`);
  const data = given instanceof HostDeviceTensor ? given.data : given;
  if (!ArrayBuffer.isView(data)) throw internal(`input ${name} lives on another device`);
  if (!(data instanceof HOST_ARRAYS[dtype])) throw internal(`input ${name} must be ${dtype}`);
  if (data.length !== sizeOf(shape))
    throw internal(`input ${name} has ${data.length} elements, its shape is [${shape}]`);
  return data;
}

/** The host memory behind the tensor that an output is written into. */
export function targetData(name: string, tensor: DeviceTensor): HostArray {
  if (!(tensor instanceof HostDeviceTensor)) throw internal(`output ${name} lives on another device`);
  return tensor.data;
}

/** Frozen weights as several programs read them: each is loaded once, for as long as one of them does. */
export class SharedWeights<Loaded> {
  readonly #shared = new Map<string, { readonly loading: Promise<Loaded>; uses: number }>();
  /** Weights that lie in memory are told apart by numbers. */
  readonly #numbers = new WeakMap<HostArray, number>();
  #count = 0;

  /** What one program takes, until it gives all of it back; `dispose` ends what no other one reads. */
  taker(dispose: (loaded: Loaded) => void = () => {}): WeightTaker<Loaded> {
    const keys: string[] = [];
    return {
      take: (key, load) => {
        keys.push(key);
        return this.#take(key, load);
      },
      release: async () => {
        for (const last of keys.splice(0).map((key) => this.#give(key))) {
          // one that could not be loaded has told who asked for it
          const loaded = await last?.catch(() => null);
          if (loaded) dispose(loaded);
        }
      },
    };
  }

  keyOf(location: WeightLocation, { dtype, shape }: Value): string {
    const type = `${dtype}[${shape}]`;
    if (location.kind === 'file') return `${type} ${location.offset} ${location.file}`;
    const number = this.#numbers.get(location.data) ?? this.#count++;
    this.#numbers.set(location.data, number);
    return `${type} ${number}`;
  }

  #take(key: string, load: () => Promise<Loaded>): Promise<Loaded> {
    const shared = this.#shared.get(key) ?? { loading: load(), uses: 0 };
    shared.uses++;
    this.#shared.set(key, shared);
    return shared.loading;
  }

  /** Ends a use of what was taken, and gives it where that was the last one. */
  #give(key: string): Promise<Loaded> | null {
    const shared = this.#shared.get(key);
    if (!shared || --shared.uses > 0) return null;
    this.#shared.delete(key);
    return shared.loading;
  }
}

export interface WeightTaker<Loaded> {
  take(key: string, load: () => Promise<Loaded>): Promise<Loaded>;
  release(): Promise<void>;
}

/** The numbers of a frozen weight: in memory of their own, unless they lie in memory already. */
export async function readWeight(location: WeightLocation, dtype: ComputeDType): Promise<HostArray> {
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
