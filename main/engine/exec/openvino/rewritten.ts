/**
 * What the graph of a step becomes for OpenVINO: weights in bfloat16, sums of products as one product, and rows for its reader of ONNX
 * files.
 */
import { internal } from '../../../../common/errors.ts';
import { openFile } from '../../io/open-file.ts';
import type { HostArray } from '../../ir/dtype.ts';
import { type Graph, type Node, producer, type Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { add, concat, matmul, mul, widen } from '../../ops/functions.ts';
import { isBackward } from '../../passes/layer-scopes.ts';
import { keep, rewrite, withoutUnneeded } from '../../passes/rewrite.ts';
import type { WeightLocation, WeightSource } from '../executor.ts';
import { readWeight, SharedWeights } from '../host-tensor.ts';
import {
  type Emitter,
  INT8_OPERATIONS,
  type Lowering,
  ON_CPU,
  type Row,
  randomBy,
  sliced,
  withRows,
} from '../onnx/lower.ts';

// Frozen matrices as bfloat16 that is fed at each run, never constants of the model: OpenVINO packs constants once for each way a product
// reads them, which costs memory and compile time, and packs a square one wrongly (docs/decisions/0056).

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

export interface LoadedWeights {
  readonly byName: ReadonlyMap<string, HostArray>;
  release(): Promise<void>;
}

/** The weights of all programs of an executor, each in memory once and for as long as a program reads it. */
export class WeightStore {
  readonly #shared = new SharedWeights<HostArray>();

  async load(graph: Graph, weights: WeightSource | undefined): Promise<LoadedWeights> {
    const { take, release } = this.#shared.taker();
    const byName = new Map<string, HostArray>();
    try {
      for (const [name, value] of graph.weights) {
        const isHalf = name.endsWith(SUFFIX);
        const location = weights?.(isHalf ? name.slice(0, -SUFFIX.length) : name);
        if (!location) throw internal(`no source for weight ${name}`);
        // what lies in memory may have changed since
        if (location.kind === 'memory') byName.set(name, isHalf ? halvesOf(location.data) : location.data);
        else {
          const key = `${isHalf} ${this.#shared.keyOf(location, value)}`;
          byName.set(name, await take(key, () => readFrom(location, value, isHalf)));
        }
      }
    } catch (error) {
      await release();
      throw error;
    }
    return { byName, release };
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

// Sums of two products become one product over both inner dimensions: x W + y B = [x y] [W; B]. In bfloat16 each product is rounded, and
// a small one, such as that of an adapter which has just begun to learn, would be lost in a sum with a large one that is rounded already.

/**
 * A copy of `graph` with such sums as one product. A sum stays where one of its products is read elsewhere, and in the backward pass:
 * there it loses little beside the rest of the gradient, and matrices would be joined twice.
 */
export function withOneSum(graph: Graph): Graph {
  const uses = new Map<Value, number>();
  for (const value of [...graph.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.values()])
    uses.set(value, (uses.get(value) ?? 0) + 1);
  const isOnce = ({ inputs }: Node) => inputs.every((x) => uses.get(x) === 1);
  const copy = rewrite(graph, (node, [a, b]) =>
    node.op === 'add' && !isBackward(node.scope) && isOnce(node) ? (summed(a!, b!) ?? biased(a!, b!)) : null,
  );
  return withoutUnneeded(copy);
}

/** The same where the first product has a bias already: that is added last. */
function biased(a: Value, b: Value): Value | null {
  const node = producer(a);
  const [product, bias] = node?.op === 'add' ? node.inputs : [];
  const sum = bias?.shape.length === 1 ? summed(product!, b) : null;
  return sum && add(sum, bias!);
}

/** Null where the values are not two such products. */
function summed(a: Value, b: Value): Value | null {
  const [first, second] = [productOf(a), productOf(b)];
  if (!first || !second || first.attrs.transB !== second.attrs.transB) return null;
  const transB = first.attrs.transB as boolean;
  const left = [first, second].map(({ inputs: [x], attrs }) =>
    attrs.alpha === 1 ? x! : mul(x!, attrs.alpha as number),
  );
  const right = [first.inputs[1]!, second.inputs[1]!];
  return matmul(concat(left, 1), concat(right, transB ? 1 : 0), { transB });
}

function productOf(value: Value): Node | null {
  const node = producer(value);
  const isPlain =
    node?.op === 'matmul' && !node.attrs.transA && node.inputs.every(({ shape }) => shape.length === 2);
  return isPlain ? node : null;
}

// Rows for what OpenVINO's reader of ONNX files takes otherwise than onnxruntime: it divides and multiplies instead of shifting, in
// integers with a sign, and rotates whole heads only.

export const ON_OPENVINO = withRows(
  ON_CPU,
  {
    randomUniform: randomBy(xorShifted, shifted),
    rope: lowerRope,
    dequantise: withShifts(ON_CPU.rows.dequantise!),
    gatherQuantised: withShifts(ON_CPU.rows.gatherQuantised!),
  },
  INT8_OPERATIONS,
);

/** A shift that brings in zeros: what is divided has no more bits than float32 holds, should that divide. */
function shifted<Tensor>(emit: Emitter<Tensor>, x: Tensor, bits: number): Tensor {
  const int = (value: number) => emit.i32(Int32Array.of(value), []);
  const high = emit.node('BitwiseAnd', [x, int(-1 << bits)]);
  return emit.node('BitwiseAnd', [emit.node('Div', [high, int(1 << bits)]), int(-1 >>> bits)]);
}

function xorShifted<Tensor>(emit: Emitter<Tensor>, x: Tensor, bits: number): Tensor {
  return emit.node('BitwiseXor', [x, shifted(emit, x, bits)]);
}

/** Where only the first part of a head is rotated, that part is cut out. */
function lowerRope<Tensor>(lowering: Lowering<Tensor>): Tensor {
  const { emit, inputs, values } = lowering;
  const [batch, heads, time, width] = values[0]!.shape as readonly [number, number, number, number];
  const rotated = 2 * values[2]!.shape[1]!;
  const whole = ON_CPU.rows.rope!;
  if (rotated === width) return whole(lowering);
  const part = (start: number, end: number) => sliced(emit, inputs[0]!, start, end, 3);
  const first = { ...values[0]!, shape: [batch, heads, time, rotated] };
  const turned = whole({
    ...lowering,
    inputs: [part(0, rotated), ...inputs.slice(1)],
    values: [first, ...values.slice(1)],
  });
  return emit.node('Concat', [turned, part(rotated, width)], { axis: 3 });
}

/** `row`, which shifts codes of 4 bits to the left in bytes, with the bits cut off before that would fall out. */
function withShifts(row: Row): Row {
  return (lowering) => {
    const { emit } = lowering;
    const low = (x: Parameters<typeof emit.node>[1][number]) => emit.node('BitwiseAnd', [x, emit.u8(15)]);
    const node: typeof emit.node = (type, inputs, ...more) =>
      emit.node(type, type === 'BitShift' ? [low(inputs[0]!), ...inputs.slice(1)] : inputs, ...more);
    return row({ ...lowering, emit: { ...emit, node } });
  };
}
