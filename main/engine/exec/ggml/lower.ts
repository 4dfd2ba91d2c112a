/**
 * How each operation becomes ggml's. The table has a row for every primitive (a missing one is a compile error) and rows for the fused
 * operations that ggml has kernels for. Whole numbers and booleans are float32 there, exact up to 2^24, but for the indices of rows.
 */
import { internal } from '../../../../common/errors.ts';
import { type Attrs, type Node, scalarOf, type Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import type { FusedName, PrimitiveName } from '../../ops/functions.ts';
import type { MatmulAttrs } from '../../ops/primitives/matmul.ts';
import type { Builder, Of, Tensor } from './builder.ts';
import { broadcast, type Sizes } from './layout.ts';

/** What a value is on the device; some forms are made when they are first asked for. */
export interface DeviceValue {
  /** Float32, or the float16 of `narrow` and of weights at rest. */
  number(): Tensor;
  /** Whole numbers below `rows`, for looking up. */
  index(rows: number): Tensor;
  /** Whether each run is given it, or it is a constant. */
  readonly isGiven?: boolean;
  /** The matrix in ggml's own few bits, where it is one. */
  readonly codes?: Tensor;
}

/** What a row of the table gets. */
export interface Step {
  readonly b: Builder;
  readonly node: Node;
  readonly attrs: Attrs;
  readonly out: Shape;
  readonly held: readonly DeviceValue[];
  /** Operand i in float32 with its shape. */
  x(i: number): Of;
  /** The matrix that codes stand for, or a table of them: [rows, columns]. */
  matrix(): DeviceValue;
  /** Random numbers that are drawn by this process for each run. */
  drawn(): Tensor;
  /** Numbers that are known now. */
  constant(data: Float32Array | Int32Array): Tensor;
}

type Row = (step: Step) => Tensor | DeviceValue;
type Arithmetic = 'add' | 'sub' | 'mul' | 'div';

const list = (value: unknown) => value as readonly number[];
const unary =
  (name: Parameters<Builder['unary']>[0]): Row =>
  ({ b, x }) =>
    b.unary(name, x(0).tensor);
const passedOn: Row = ({ held }) => held[0]!;

const PRIMITIVE_ROWS: Readonly<Record<PrimitiveName, Row>> = {
  neg: unary('neg'),
  exp: unary('exp'),
  log: unary('log'),
  sqrt: unary('sqrt'),
  reciprocal: ({ b, x, out, constant }) =>
    b.binary('div', [{ tensor: constant(Float32Array.of(1)), shape: [] }, x(0)], out),
  tanh: unary('tanh'),
  sigmoid: unary('sigmoid'),
  erf: lowerErf,
  add: arithmetic('add'),
  sub: arithmetic('sub'),
  mul: arithmetic('mul'),
  div: (step) => {
    const quotient = arithmetic('div')(step) as Tensor;
    return step.node.output.dtype === 'i32' ? step.b.unary('trunc', quotient) : quotient;
  },
  maximum: lowerMaximum,
  equal: ({ b, x, out }) => not(b, b.unary('step', b.unary('abs', b.binary('sub', [x(0), x(1)], out)))),
  lessEqual: ({ b, x, out }) => not(b, b.unary('step', b.binary('sub', [x(0), x(1)], out))),
  and: arithmetic('mul'),
  where: lowerWhere,
  cast: lowerCast,
  reshape: passedOn,
  transpose: ({ b, x, attrs }) => b.transposed(x(0), list(attrs.perm)),
  broadcastTo: ({ b, x, out }) => b.broadcast(x(0), out),
  slice: ({ b, x, attrs }) =>
    b.sliced(x(0), attrs.axis as number, attrs.start as number, attrs.end as number),
  pad: ({ b, x, attrs }) =>
    b.padded(x(0), attrs.axis as number, attrs.before as number, attrs.after as number),
  concat: ({ b, node, x, attrs }) =>
    b.joined(
      node.inputs.map((_, i) => x(i)),
      attrs.axis as number,
    ),
  reduceSum: ({ b, x, attrs }) => b.sum(x(0), list(attrs.axes)),
  reduceMax: ({ b, x, attrs }) => b.largest(x(0), list(attrs.axes)),
  matmul: lowerMatmul,
  dequantise: lowerDequantise,
  widen: ({ b, x, attrs }) => b.cast(b.sliced(x(0), 0, attrs.start as number, attrs.end as number), 'f32'),
  narrow: ({ b, x }) => b.cast(x(0).tensor, 'f16'),
  gather: ({ b, x, held, node }) => {
    const [rows = 1, ...rest] = node.inputs[0]!.shape;
    const table = b.shaped(x(0).tensor, [sizeOf(rest), rows, 1, 1]);
    return b.rows(table, held[1]!.index(rows));
  },
  scatterAdd: ({ b, x, held, out }) =>
    b.rowSums(x(0).tensor, held[1]!.index(out[0]!), out[0]!, sizeOf(out.slice(1))),
  randomUniform: ({ drawn }) => drawn(),
  after: passedOn,
};

const FUSED_ROWS: Readonly<Partial<Record<FusedName, Row>>> = {
  softmax: ({ b, x }) => b.unary('soft_max', lastAxis(b, x(0))),
  rmsNorm: ({ b, x, attrs, out }) => {
    const normed = b.unary('rms_norm', lastAxis(b, x(0)), [attrs.eps as number]);
    return b.binary('mul', [{ tensor: normed, shape: out }, x(1)], out);
  },
  layerNorm: ({ b, x, attrs, out }) => {
    const normed = b.unary('norm', lastAxis(b, x(0)), [attrs.eps as number]);
    const weighted = b.binary('mul', [{ tensor: normed, shape: out }, x(1)], out);
    return b.binary('add', [{ tensor: weighted, shape: out }, x(2)], out);
  },
  silu: unary('silu'),
  gelu: unary('gelu_erf'),
  relu: unary('relu'),
  gatherQuantised: ({ b, held, matrix }) => {
    const whole = matrix();
    const table = whole.codes ?? whole.number();
    return b.rows(table, held[0]!.index(table.ne[1]));
  },
};

const ROWS: Readonly<Record<string, Row>> = { ...PRIMITIVE_ROWS, ...FUSED_ROWS };

/** Fused operations that need no decomposition for ggml. */
export const NATIVE_FUSED: ReadonlySet<string> = new Set(Object.keys(FUSED_ROWS));

/** What `node` computes, as ggml's tensors. */
export function lowered(step: Step): DeviceValue {
  const { b, node } = step;
  const row = ROWS[node.op];
  if (!row) throw internal(`ggml has no row for ${node.op}`);
  b.op = node.op;
  const result = row(step);
  return 'handle' in result ? heldOf(b, result) : result;
}

/** A tensor that is there, as what it may be asked for. */
export function heldOf(b: Builder, tensor: Tensor): DeviceValue {
  return {
    number: () => (tensor.type === 'i32' ? b.cast(tensor, 'f32') : tensor),
    // ggml ends the process at a row that is not there
    index: (rows) =>
      tensor.type === 'i32' ? tensor : b.cast(b.unary('clamp', tensor, [0, rows - 1]), 'i32'),
  };
}

function onDemand(make: () => Tensor, codes: Tensor): DeviceValue {
  let made: Tensor | null = null;
  return {
    number: () => {
      made ??= make();
      return made;
    },
    index: () => {
      throw internal('a matrix of codes is no index');
    },
    codes,
  };
}

function lowerDequantise({ b, matrix, attrs, out, constant }: Step): Tensor | DeviceValue {
  const { codes: table, number } = matrix();
  const [start, end] = [attrs.start as number, attrs.end as number];
  const whole = table ?? number();
  if (table && !b.isAligned(table, start)) {
    // a view of codes begins where the device can read; from elsewhere rows are looked up
    const places = constant(Int32Array.from({ length: end - start }, (_, i) => start + i));
    return b.rows(table, places);
  }
  const rows = b.sliced({ tensor: whole, shape: matrixShape(whole) }, 0, start, end);
  if (!table) return rows;
  const codes = b.shaped(rows, [out[1]!, out[0]!, 1, 1]);
  return onDemand(() => b.cast(codes, 'f32'), codes);
}

const matrixShape = ({ ne }: Tensor): Shape => [ne[1], ne[0]];
const not = (b: Builder, x: Tensor): Tensor => b.scaled(x, -1, 1);

function lastAxis(b: Builder, { tensor, shape }: Of): Tensor {
  const size = shape.at(-1) ?? 1;
  return b.shaped(tensor, [size, sizeOf(shape) / size, 1, 1]);
}

/** A number as an operand goes into the operation, which then needs no tensor for it. */
const WITH_NUMBER: Readonly<Record<Arithmetic, (y: number) => readonly [a: number, b: number]>> = {
  add: (y) => [1, y],
  sub: (y) => [1, -y],
  mul: (y) => [y, 0],
  div: (y) => [1 / y, 0],
};

function arithmetic(name: Arithmetic): Row {
  return ({ b, node, x, out }) => {
    const [left, right] = node.inputs as readonly [Value, Value];
    const isWhole = node.output.dtype === 'i32';
    const number = scalarOf(right);
    if (number !== null && sizeOf(left.shape) === sizeOf(out) && !(isWhole && name === 'div'))
      return b.scaled(x(0).tensor, ...WITH_NUMBER[name](number));
    const first = scalarOf(left);
    if (first !== null && sizeOf(right.shape) === sizeOf(out) && name !== 'div') {
      if (name === 'sub') return b.scaled(x(1).tensor, -1, first);
      return b.scaled(x(1).tensor, ...WITH_NUMBER[name](first));
    }
    return b.binary(name, [x(0), x(1)], out);
  };
}

// x erf(z) = 2 gelu(x) - x with x = z sqrt(2); at zero a number that is nearly that takes its place
function lowerErf({ b, x }: Step): Tensor {
  const z = b.scaled(x(0).tensor, Math.SQRT2);
  const isZero = not(b, b.unary('step', b.unary('abs', z)));
  const shape = [sizeOf(x(0).shape)];
  const of = (tensor: Tensor): Of => ({ tensor, shape });
  const safe = b.binary('add', [of(z), of(b.scaled(isZero, 1e-20))], shape);
  const twice = b.scaled(b.unary('gelu_erf', safe), 2);
  return b.binary('div', [of(b.binary('sub', [of(twice), of(safe)], shape)), of(safe)], shape);
}

const LARGEST = 3.4028234663852886e38;

// ggml has no maximum of two tensors: the difference says which one it is, and is not added back, which would round
function lowerMaximum({ b, node, x, out }: Step): Tensor {
  const number = scalarOf(node.inputs[1]!);
  if (number !== null && sizeOf(node.inputs[0]!.shape) === sizeOf(out))
    return b.unary('clamp', x(0).tensor, [number, LARGEST]);
  const isFirst: Of = { tensor: b.unary('step', b.binary('sub', [x(0), x(1)], out)), shape: out };
  return chosen(b, isFirst, x(0), x(1), out);
}

/** One operand where the condition is 1, the other where it is 0; what is not chosen must be finite. */
function chosen(b: Builder, condition: Of, x: Of, y: Of, out: Shape): Tensor {
  const other: Of = { tensor: not(b, condition.tensor), shape: condition.shape };
  const parts = [
    [condition, x],
    [other, y],
  ] as const;
  const [one, two] = parts.map((pair) => b.binary('mul', pair, fullShape(pair))) as [Tensor, Tensor];
  return b.binary(
    'add',
    [
      { tensor: one, shape: fullShape(parts[0]) },
      { tensor: two, shape: fullShape(parts[1]) },
    ],
    out,
  );
}

function fullShape([{ shape: a }, { shape: b }]: readonly [Of, Of]): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) =>
    Math.max(a[a.length - rank + i] ?? 1, b[b.length - rank + i] ?? 1),
  );
}

// a mask of zeros and one other number is the condition, scaled
function lowerWhere({ b, node, x, out }: Step): Tensor {
  const [, left, right] = node.inputs as readonly [Value, Value, Value];
  const condition = x(0);
  const isWhole = sizeOf(condition.shape) === sizeOf(out);
  const [one, other] = [scalarOf(left), scalarOf(right)];
  if (isWhole && other === 0 && one !== null) return b.scaled(condition.tensor, one);
  if (isWhole && one === 0 && other !== null) return b.scaled(condition.tensor, -other, other);
  return chosen(b, condition, x(1), x(2), out);
}

function lowerCast({ b, x, node, attrs, held }: Step): Tensor | DeviceValue {
  const from = node.inputs[0]!.dtype;
  if (attrs.to === 'bool') return b.unary('step', b.unary('abs', x(0).tensor));
  return from === 'f32' ? b.unary('trunc', x(0).tensor) : held[0]!;
}

function lowerMatmul({ b, node, x, attrs, held, out }: Step): Tensor {
  const { transA, transB, alpha } = attrs as unknown as MatmulAttrs;
  const isHalf = node.output.dtype === 'f16';
  const [left, right] = node.inputs as readonly [Value, Value];
  const lines = (operand: Of, isTurned: boolean): Of => (isTurned ? turned(b, operand) : operand);
  const codes = transB && right.shape.length === 2 ? held[1]!.codes : undefined;
  const a = lines({ tensor: x(0).tensor, shape: left.shape }, transA);
  const w = codes
    ? { tensor: codes, shape: right.shape }
    : lines({ tensor: x(1).tensor, shape: right.shape }, !transB);
  const product = multiplied(b, a, w, out);
  const scaled = alpha === 1 ? product : b.scaled(product, alpha);
  return isHalf ? b.cast(scaled, 'f16') : scaled;
}

/** The last two axes exchanged. */
function turned(b: Builder, { tensor, shape }: Of): Of {
  const rank = shape.length;
  const perm = [...shape.keys()].slice(0, -2).concat([rank - 1, rank - 2]);
  return { tensor: b.transposed({ tensor, shape }, perm), shape: perm.map((axis) => shape[axis]!) };
}

/** a [.., m, k] times w [.., n, k], turned. */
function multiplied(b: Builder, a: Of, w: Of, out: Shape): Tensor {
  const [m, k] = a.shape.slice(-2) as [number, number];
  const n = w.shape.at(-2)!;
  const x = b.cast(a.tensor, 'f32');
  // rows of all of the left operand with one matrix
  if (sizeOf(w.shape) === n * k && sizeOf(a.shape) * n === sizeOf(out) * k)
    return b.product(b.shaped(w.tensor, [k, n, 1, 1]), b.shaped(x, [k, sizeOf(a.shape) / k, 1, 1]));
  const batch = broadcast(out.slice(0, -2), [a.shape.slice(0, -2), w.shape.slice(0, -2)], b.op);
  if (batch.out[2] > 1) return b.product(...flatBatches(b, x, w.tensor, [m, n, k], batch));
  const all = (tensor: Tensor, rows: number, [one, two]: Sizes) => b.shaped(tensor, [k, rows, one, two]);
  const [one, two] = batch.out;
  const left = b.repeated(all(x, m, batch.operands[0]!), [k, m, one, two]);
  const right = all(w.tensor, n, batch.operands[1]!);
  return b.product(b.repeated(right, [k, n, right.ne[2], two]), left);
}

/** Batches of more than two axes that broadcast differently: both operands are repeated to all of them. */
function flatBatches(
  b: Builder,
  x: Tensor,
  w: Tensor,
  [m, n, k]: readonly [number, number, number],
  { out, operands }: ReturnType<typeof broadcast>,
): [Tensor, Tensor] {
  const many = out[0] * out[1] * out[2] * out[3];
  const flat = (tensor: Tensor, rows: number, [p, q, r, s]: Sizes): Tensor => {
    // rows and columns are one axis beside three of the batches
    if (out[3] > 1 || s > 1) throw internal(`${b.op}: too many batches`);
    const whole = b.repeated(b.shaped(tensor, [k * rows, p, q, r]), [k * rows, out[0], out[1], out[2]]);
    return b.shaped(whole, [k, rows, many, 1]);
  };
  return [flat(w, n, operands[1]!), flat(x, m, operands[0]!)];
}
