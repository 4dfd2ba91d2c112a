/** The shapes of the tensors of a lowered graph that are no values of the IR: they are inferred from what they are made of. */
import { internal } from '../../../../common/errors.ts';
import type { Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import { type OnnxAttr, type OnnxType, TYPE_CODES } from './onnx.ts';

const TYPES = new Map(Object.entries(TYPE_CODES).map(([type, code]) => [code, type as OnnxType]));
const product = (shape: readonly number[]) => shape.reduce((size, dim) => size * dim, 1);

/** What is known of a tensor; `ints` are the values of a constant that gives a shape. */
export interface TensorInfo {
  readonly type: OnnxType;
  readonly shape: readonly number[];
  readonly ints?: readonly number[] | undefined;
}

type Attrs = Readonly<Record<string, OnnxAttr>>;
type Rule = (inputs: readonly TensorInfo[], attrs: Attrs) => TensorInfo;

const like: Rule = ([x]) => ({ type: x!.type, shape: x!.shape });
const ints = (info: TensorInfo | undefined) => info?.ints ?? [];

/** Operations that the lowerings put between two values of the IR; every other result is a value of the IR. */
const RULES: Readonly<Record<string, Rule>> = {
  Reshape: ([x, shape]) => {
    if (!ints(shape).includes(-1)) return { type: x!.type, shape: ints(shape) };
    const known = ints(shape).filter((dim) => dim !== -1);
    const rest = product(x!.shape) / product(known);
    return { type: x!.type, shape: ints(shape).map((dim) => (dim === -1 ? rest : dim)) };
  },
  Cast: ([x], attrs) => ({ type: TYPES.get(attrs.to as number)!, shape: x!.shape }),
  Expand: ([x, shape]) => ({ type: x!.type, shape: ints(shape) }),
  Slice: ([x, start, end, , step]) => ({
    type: x!.type,
    shape: [Math.ceil((ints(end)[0]! - ints(start)[0]!) / (ints(step)[0] ?? 1)), ...x!.shape.slice(1)],
  }),
  Gather: ([x, indices]) => ({ type: x!.type, shape: [...indices!.shape, ...x!.shape.slice(1)] }),
  Squeeze: ([x]) => ({ type: x!.type, shape: [] }),
  Range: ([start, end]) => ({ type: 'i32', shape: [ints(end)[0]! - ints(start)[0]!] }),
  Identity: like,
  Floor: like,
  DequantizeLinear: ([x]) => ({ type: 'f32', shape: x!.shape }),
  Transpose: ([x], attrs) => ({
    type: x!.type,
    shape: (attrs.perm as readonly number[]).map((axis) => x!.shape[axis]!),
  }),
  MatMul: ([a, b]) => ({ type: a!.type, shape: productShape(a!.shape, b!.shape) }),
  Gemm: ([a, b], attrs) => ({
    type: a!.type,
    shape: [a!.shape[attrs.transA ? 1 : 0]!, b!.shape[attrs.transB ? 0 : 1]!],
  }),
  ArgMax: ([x], attrs) => ({ type: 'i64', shape: x!.shape.with(attrs.axis as number, 1) }),
  MatMulIntegerToFloat: ([a, b]) => ({ type: 'f32', shape: productShape(a!.shape, b!.shape) }),
  QuantizeLinear: ([x]) => ({ type: 'u8', shape: x!.shape }),
  TopK: ([, count]) => ({ type: 'i64', shape: ints(count) }),
  ScatterElements: like,
  /** Over the rows of a matrix. */
  ReduceSumSquare: ([x]) => ({ type: x!.type, shape: [x!.shape[1]!] }),
  /** Over the columns of a matrix, as a scale of each row needs it. */
  ReduceMax: ([x]) => ({ type: x!.type, shape: [x!.shape[0]!, 1] }),
  ReduceMin: ([x]) => ({ type: x!.type, shape: [x!.shape[0]!, 1] }),
  Max: broadcast,
  Neg: like,
  /** Over the columns of a matrix, as lower-gpu.ts has it. */
  ReduceSum: ([x]) => ({ type: x!.type, shape: [x!.shape[0]!] }),
  GatherElements: ([x, place]) => ({ type: x!.type, shape: place!.shape }),
  Concat: (inputs, attrs) => {
    const sum = inputs.reduce((all, { shape }) => all + shape[attrs.axis as number]!, 0);
    return { type: inputs[0]!.type, shape: inputs[0]!.shape.with(attrs.axis as number, sum) };
  },
  Mul: broadcast,
  Div: broadcast,
  Add: broadcast,
  Sub: broadcast,
  BitwiseAnd: broadcast,
  BitwiseXor: broadcast,
  BitShift: broadcast,
};

/** Of [..., M, K] x [..., K, N]; the leading dimensions broadcast. */
function productShape(a: readonly number[], b: readonly number[]): readonly number[] {
  const lead = (shape: readonly number[], rank: number) => [
    ...Array<number>(rank - shape.length).fill(1),
    ...shape.slice(0, -2),
  ];
  const rank = Math.max(a.length, b.length);
  const [x, y] = [lead(a, rank), lead(b, rank)];
  return [...x.map((dim, i) => Math.max(dim, y[i]!)), a.at(-2)!, b.at(-1)!];
}

function broadcast(inputs: readonly TensorInfo[]): TensorInfo {
  const [a, b] = inputs as [TensorInfo, TensorInfo];
  return product(a.shape) >= product(b.shape) ? like([a], {}) : like([b], {});
}

/** Type and shape of the result of an operation that a lowering puts between two values of the IR. */
export function inferred(type: string, inputs: readonly TensorInfo[], attrs: Attrs): TensorInfo {
  const rule = RULES[type];
  if (!rule) throw internal(`nothing tells the shape of a result of ${type}`);
  return rule(inputs, attrs);
}

/** The shape of a weight of bytes as words of 32 bits; null where it is no such weight. */
export function wordsShape({ source, dtype, shape }: Value): Shape | null {
  const ofRow = sizeOf(shape.slice(1));
  const isOfBytes = dtype === 'i8' || dtype === 'u8';
  return source.kind === 'weight' && isOfBytes && ofRow % 4 === 0 ? [shape[0]!, ofRow / 4] : null;
}
