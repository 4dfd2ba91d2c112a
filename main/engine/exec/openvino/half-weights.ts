/**
 * Frozen matrices as bfloat16 that is fed at each run, never constants of the model: OpenVINO packs constants once for each way a
 * product reads them, which costs memory and compile time, and packs a square one wrongly (docs/decisions/0056).
 */
import { internal } from '../../../../common/errors.ts';
import { openFile } from '../../io/open-file.ts';
import type { HostArray } from '../../ir/dtype.ts';
import type { Graph, Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { widen } from '../../ops/functions.ts';
import { keep, rewrite, withoutUnneeded } from '../../passes/rewrite.ts';
import type { WeightLocation, WeightSource } from '../executor.ts';
import { readWeight } from '../host-tensor.ts';

/** What the name of a matrix ends with that is the bfloat16 of another one. */
const SUFFIX = ':bf16';

/** A copy of `graph` whose products and lookups read float32 matrices from weights in bfloat16. */
export function withHalfWeights(graph: Graph): Graph {
  const copy = rewrite(graph, (node, inputs, to) => {
    if (!READERS.has(node.op) || !inputs.some(isMatrix)) return null;
    const half = (x: Value) => widen(to.weight(nameOf(x) + SUFFIX, x.shape, 'bf16'));
    return keep(
      node,
      inputs.map((x) => (isMatrix(x) ? half(x) : x)),
      to,
    );
  });
  return withoutUnneeded(copy);
}

const READERS: ReadonlySet<string> = new Set(['matmul', 'gather']);
const isMatrix = ({ source, dtype, shape }: Value): boolean =>
  source.kind === 'weight' && dtype === 'f32' && shape.length > 1;
const nameOf = ({ source }: Value): string => (source.kind === 'weight' ? source.name : '');

interface Held {
  readonly data: Promise<HostArray>;
  programs: number;
}

export interface LoadedWeights {
  readonly byName: ReadonlyMap<string, HostArray>;
  release(): void;
}

/** The weights of all programs of an executor, each in memory once and for as long as a program reads it. */
export class WeightStore {
  readonly #held = new Map<unknown, Held>();

  async load(graph: Graph, weights: WeightSource | undefined): Promise<LoadedWeights> {
    const keys: unknown[] = [];
    const release = () => {
      for (const key of keys.splice(0)) this.#give(key);
    };
    const byName = new Map<string, HostArray>();
    try {
      for (const [name, value] of graph.weights) {
        const isHalf = name.endsWith(SUFFIX);
        const location = weights?.(isHalf ? name.slice(0, -SUFFIX.length) : name);
        if (!location) throw internal(`no source for weight ${name}`);
        const key = location.kind === 'file' ? `${isHalf} ${location.offset} ${location.file}` : name;
        // what lies in memory may have changed since
        if (location.kind === 'memory') byName.set(name, isHalf ? halvesOf(location.data) : location.data);
        else {
          keys.push(key);
          byName.set(name, await this.#take(key, () => readFrom(location, value, isHalf)));
        }
      }
    } catch (error) {
      release();
      throw error;
    }
    return { byName, release };
  }

  #take(key: unknown, read: () => Promise<HostArray>): Promise<HostArray> {
    const held = this.#held.get(key) ?? { data: read(), programs: 0 };
    held.programs++;
    this.#held.set(key, held);
    return held.data;
  }

  #give(key: unknown): void {
    const held = this.#held.get(key)!;
    if (--held.programs === 0) this.#held.delete(key);
  }
}

const PIECE_BYTES = 2 ** 23;

/** Of a matrix to be narrowed no more than a piece is in memory in float32. */
async function readFrom(
  location: WeightLocation,
  { dtype, shape }: Value,
  isHalf: boolean,
): Promise<HostArray> {
  if (!isHalf || location.kind !== 'file') return await readWeight(location, dtype);
  const halves = new Uint16Array(sizeOf(shape));
  const file = await openFile(location.file);
  try {
    await file.readPieces(
      location.offset,
      location.bytes,
      PIECE_BYTES,
      ({ buffer, byteOffset, length }, start) =>
        narrowInto(halves.subarray(start / 4), new Uint32Array(buffer, byteOffset, length / 4)),
    );
  } finally {
    await file.close();
  }
  return halves;
}

function halvesOf({ buffer, byteOffset, length }: HostArray): Uint16Array {
  const halves = new Uint16Array(length);
  narrowInto(halves, new Uint32Array(buffer, byteOffset, length));
  return halves;
}

/** Bits of float32 to those of the nearest bfloat16, of two the even one. */
function narrowInto(halves: Uint16Array, bits: Uint32Array): void {
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]!;
    halves[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
}
