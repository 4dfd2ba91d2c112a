/** Frozen weights on a device of ggml: programs that use the same weight share it, and the last one gives it back. */
import { internal } from '../../../../common/errors.ts';
import { openFile } from '../../io/open-file.ts';
import type { HostArray } from '../../ir/dtype.ts';
import { bytesOf, type Graph, type Node, type Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import type { WeightLocation, WeightSource } from '../executor.ts';
import { readWeight, SharedWeights } from '../host-tensor.ts';
import { rowBytes, type Tensor } from './builder.ts';
import { packed } from './codes.ts';
import type { OpenDevice } from './device.ts';
import type { GgmlType } from './library.ts';

/** A tensor with memory of its own. */
interface Stored {
  readonly tensor: Tensor;
  release(): void;
}

export interface LoadedWeights {
  readonly tensors: ReadonlyMap<Value, Tensor>;
  /** Matrices by the nodes that unpack them. */
  readonly matrices: ReadonlyMap<Node, Tensor>;
  release(): Promise<void>;
}

const CODED: Readonly<Record<string, number>> = { dequantise: 0, gatherQuantised: 1 };

/** The operands of a node that are the parts of a matrix in few bits; null where it reads none. */
export function codeParts({ op, inputs }: Node): readonly Value[] | null {
  const first = CODED[op];
  return first === undefined ? null : inputs.slice(first);
}

/** Types of weights that are used as they lie. */
const AS_IT_IS: ReadonlySet<string> = new Set(['f32', 'f16', 'bf16', 'i32']);
const PIECE_BYTES = 16 * 2 ** 20;

export class WeightStore {
  readonly #device: OpenDevice;
  readonly #shared = new SharedWeights<Stored>();

  constructor(device: OpenDevice) {
    this.#device = device;
  }

  async load(graph: Graph, source: WeightSource | undefined): Promise<LoadedWeights> {
    const tensors = new Map<Value, Tensor>();
    const matrices = new Map<Node, Tensor>();
    const { take, release } = this.#shared.taker((stored) => stored.release());
    const locate = ({ source: from }: Value): WeightLocation => {
      if (from.kind !== 'weight') throw internal('a value that is no weight was to be loaded');
      if (!source) throw internal(`no source for weight ${from.name}`);
      return source(from.name);
    };
    try {
      for (const value of graph.weights.values()) {
        if (!AS_IT_IS.has(value.dtype) || !isRead(graph, value)) continue;
        const location = locate(value);
        const key = this.#shared.keyOf(location, value);
        tensors.set(value, (await take(key, () => this.#plain(location, value))).tensor);
      }
      for (const node of graph.nodes) {
        const parts = codeParts(node);
        if (!parts?.every(({ source: from }) => from.kind === 'weight')) continue;
        const located = parts.map(locate);
        const { type, block } = node.attrs;
        const names = located.map((location, i) => this.#shared.keyOf(location, parts[i]!));
        const load = () => this.#matrix(node, parts, located);
        matrices.set(node, (await take(`${type}/${block} ${names.join(' + ')}`, load)).tensor);
      }
    } catch (error) {
      await release();
      throw error;
    }
    return { tensors, matrices, release };
  }

  async #plain(location: WeightLocation, value: Value): Promise<Stored> {
    const given = location.kind === 'memory' ? location.data.byteLength : location.bytes;
    if (given !== bytesOf(value))
      throw internal(`a weight has ${given} bytes, its shape is [${value.shape}]`);
    const rows = value.shape[0] ?? 1;
    const width = rows === 0 ? 0 : sizeOf(value.shape) / rows;
    const stored = this.#store(value.dtype as GgmlType, width, rows);
    if (location.kind === 'memory') this.#device.ggml.set(stored.tensor.handle, location.data);
    else await this.#copyFile(location, bytesOf(value), stored);
    return stored;
  }

  /** From the file to the device, a piece at a time: the weight is in memory once. */
  async #copyFile(
    location: WeightLocation & { readonly kind: 'file' },
    bytes: number,
    stored: Stored,
  ): Promise<void> {
    const file = await openFile(location.file);
    try {
      for (let at = 0; at < bytes; at += PIECE_BYTES) {
        const piece = new Uint8Array(Math.min(PIECE_BYTES, bytes - at));
        await file.readInto(piece, location.offset + at);
        this.#device.ggml.set(stored.tensor.handle, piece, at);
      }
    } catch (error) {
      stored.release();
      throw error;
    } finally {
      await file.close();
    }
  }

  async #matrix(node: Node, parts: readonly Value[], located: readonly WeightLocation[]): Promise<Stored> {
    const data: HostArray[] = [];
    for (const [i, location] of located.entries()) data.push(await readWeight(location, parts[i]!.dtype));
    const matrix = packed({ values: parts, data, attrs: node.attrs });
    const stored = this.#store(matrix.type, matrix.columns, matrix.rows);
    this.#device.ggml.set(stored.tensor.handle, matrix.data);
    return stored;
  }

  #store(type: GgmlType, columns: number, rows: number): Stored {
    const device = this.#device;
    const context = device.context(1);
    try {
      const tensor = device.newTensor(context, type, [columns, rows, 1, 1]);
      const memory = device.allocate(context, rowBytes(type, columns) * rows);
      return {
        tensor,
        release() {
          memory.release();
          device.ggml.freeContext(context);
        },
      };
    } catch (error) {
      device.ggml.freeContext(context);
      throw error;
    }
  }
}

function isRead({ nodes, outputs }: Graph, value: Value): boolean {
  return nodes.some(({ inputs }) => inputs.includes(value)) || [...outputs.values()].includes(value);
}
