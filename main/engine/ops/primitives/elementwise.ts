/** Arithmetic on single elements, with NumPy broadcasting for two operands. */
import { internal } from '../../../../common/errors.ts';
import type { Value } from '../../ir/graph.ts';
import { broadcastShapes, sizeOf } from '../../ir/shape.ts';
import {
  apply,
  broadcastOffsets,
  definePrimitive,
  type NoAttrs,
  type Primitive,
  type SampleInput,
  type VjpContext,
} from '../define.ts';
import { scalar, sumToShape } from './shape.ts';

type UnaryVjp = (ctx: VjpContext<NoAttrs> & { x: Value }) => Value;

function unary(
  name: string,
  f: (x: number) => number,
  vjp: UnaryVjp,
  range: [number, number] = [-2, 2],
  flops = 1,
): Primitive<NoAttrs> {
  return definePrimitive<NoAttrs>({
    name,
    infer([x], _, fail) {
      if (x!.dtype !== 'f32') fail('needs a float operand');
      return { dtype: 'f32', shape: x!.shape };
    },
    vjp: (ctx) => [vjp({ ...ctx, x: ctx.inputs[0]! })],
    reference([x], _, out) {
      for (let i = 0; i < out.data.length; i++) out.data[i] = f(x!.data[i]!);
    },
    flops: (_, y) => flops * sizeOf(y.shape),
    samples: [
      { inputs: [{ shape: [2, 5], range }], attrs: {} },
      { inputs: [{ shape: [], range }], attrs: {} },
    ],
  });
}

type BinaryVjp = (
  ctx: VjpContext<NoAttrs> & { x: Value; y: Value },
) => [(() => Value) | null, (() => Value) | null];

function binary(
  name: string,
  f: (x: number, y: number) => number,
  vjp: BinaryVjp,
  ranges?: [[number, number], [number, number]],
): Primitive<NoAttrs> {
  const input = (shape: number[], i: 0 | 1): SampleInput =>
    ranges ? { shape, range: ranges[i] } : { shape };
  const sample = (a: number[], b: number[]) => ({ inputs: [input(a, 0), input(b, 1)], attrs: {} });
  return definePrimitive<NoAttrs>({
    name,
    infer([x, y], _, fail) {
      const shape = broadcastShapes(x!.shape, y!.shape);
      if (x!.dtype !== y!.dtype) fail('operands have different dtypes');
      if (x!.dtype === 'bool') fail('needs numbers');
      if (!shape) return fail('shapes do not broadcast');
      return { dtype: x!.dtype, shape };
    },
    vjp(ctx) {
      const [x, y] = [ctx.inputs[0]!, ctx.inputs[1]!];
      const rules = vjp({ ...ctx, x, y });
      return [x, y].map((operand, i) => {
        const rule = ctx.needs[i] ? rules[i] : null;
        return rule ? sumToShape(rule(), operand.shape) : null;
      });
    },
    reference([x, y], _, out) {
      const a = broadcastOffsets(x!.shape, out.shape);
      const b = broadcastOffsets(y!.shape, out.shape);
      const [from, other, to] = [x!.data, y!.data, out.data];
      for (let i = 0; i < to.length; i++) to[i] = f(from[a[i]!]!, other[b[i]!]!);
    },
    flops: (_, out) => sizeOf(out.shape),
    samples: [
      sample([2, 3], [2, 3]),
      sample([2, 3, 4], [3, 1]),
      sample([4], [2, 4]),
      sample([2, 2], []),
      sample([], []),
      sample([1, 3], [2, 1]),
      {
        inputs: [
          { dtype: 'i32', shape: [2, 2], values: [6, -9, 4, 0] },
          { dtype: 'i32', shape: [2], values: [2, 3] },
        ],
        attrs: {},
      },
    ],
  });
}

// d(-x) = -g
export const negOp = unary(
  'neg',
  (x) => -x,
  ({ grad }) => neg(grad),
);
// d exp(x) = g exp(x)
export const expOp = unary('exp', Math.exp, ({ grad, output }) => mul(grad, output), [-2, 2], 8);
// d log(x) = g / x
export const logOp = unary('log', Math.log, ({ grad, x }) => div(grad, x), [0.2, 3], 8);
// d sqrt(x) = g / (2 sqrt(x))
export const sqrtOp = unary(
  'sqrt',
  Math.sqrt,
  ({ grad, output }) => div(mul(grad, 0.5), output),
  [0.2, 3],
  4,
);
// d(1/x) = -g / x^2
export const reciprocalOp = unary(
  'reciprocal',
  (x) => 1 / x,
  ({ grad, output }) => neg(mul(grad, mul(output, output))),
  [0.3, 3],
);
// d tanh(x) = g (1 - tanh(x)^2)
export const tanhOp = unary(
  'tanh',
  Math.tanh,
  ({ grad, output }) => mul(grad, sub(1, mul(output, output))),
  [-2, 2],
  8,
);
// d s(x) = g s (1 - s), s = 1 / (1 + e^-x)
export const sigmoidOp = unary(
  'sigmoid',
  (x) => 1 / (1 + Math.exp(-x)),
  ({ grad, output }) => mul(grad, mul(output, sub(1, output))),
  [-4, 4],
  8,
);
// d erf(x) = g 2/sqrt(pi) e^(-x^2)
export const erfOp = unary(
  'erf',
  erfOf,
  ({ grad, x }) => mul(grad, mul(2 / Math.sqrt(Math.PI), exp(neg(mul(x, x))))),
  [-2, 2],
  8,
);

// d(x + y) = g, g
export const addOp = binary(
  'add',
  (x, y) => x + y,
  ({ grad }) => [() => grad, () => grad],
);
// d(x - y) = g, -g
export const subOp = binary(
  'sub',
  (x, y) => x - y,
  ({ grad }) => [() => grad, () => neg(grad)],
);
// d(x y) = g y, g x
export const mulOp = binary(
  'mul',
  (x, y) => x * y,
  ({ grad, x, y }) => [() => mul(grad, y), () => mul(grad, x)],
);
// d(x / y) = g / y, -g x / y^2
export const divOp = binary(
  'div',
  (x, y) => x / y,
  ({ grad, y, output }) => [() => div(grad, y), () => neg(div(mul(grad, output), y))],
  [
    [-2, 2],
    [0.5, 2],
  ],
);
// max(x, y): no gradient is needed anywhere it is used (norms, clipping bounds)
export const maximumOp: Primitive<NoAttrs> = {
  ...binary('maximum', Math.max, () => [null, null]),
  vjp: 'none',
};

type Operand = Value | number;

function binaryCall(op: Primitive<NoAttrs>, x: Operand, y: Operand): Value {
  const graph = typeof x !== 'number' ? x.graph : typeof y !== 'number' ? y.graph : null;
  if (!graph) throw internal(`${op.name} needs at least one value`);
  const lift = (v: Operand) => (typeof v === 'number' ? scalar(graph, v) : v);
  return apply(op, [lift(x), lift(y)], {});
}

export const add = (x: Operand, y: Operand): Value => binaryCall(addOp, x, y);
export const sub = (x: Operand, y: Operand): Value => binaryCall(subOp, x, y);
export const div = (x: Operand, y: Operand): Value => binaryCall(divOp, x, y);
/** Element-wise maximum; no gradient. */
export const maximum = (x: Operand, y: Operand): Value => binaryCall(maximumOp, x, y);

/** x y; a factor 1 is dropped. */
export function mul(x: Operand, y: Operand): Value {
  if (x === 1 && typeof y !== 'number') return y;
  if (y === 1 && typeof x !== 'number') return x;
  return binaryCall(mulOp, x, y);
}

export const neg = (x: Value): Value => apply(negOp, [x], {});
export const exp = (x: Value): Value => apply(expOp, [x], {});
export const log = (x: Value): Value => apply(logOp, [x], {});
export const sqrt = (x: Value): Value => apply(sqrtOp, [x], {});
export const reciprocal = (x: Value): Value => apply(reciprocalOp, [x], {});
export const tanh = (x: Value): Value => apply(tanhOp, [x], {});
export const sigmoid = (x: Value): Value => apply(sigmoidOp, [x], {});
export const erf = (x: Value): Value => apply(erfOp, [x], {});

/** erf(x) to about 1e-15: its Maclaurin series for small |x|, the continued fraction of erfc (Lentz) beyond. */
function erfOf(x: number): number {
  const a = Math.abs(x);
  const value = a < 2.5 ? series(a) : 1 - Math.exp(-a * a) * fraction(a);
  return x < 0 ? -value : value;
}

// erf(a) = 2/sqrt(pi) sum_n (-1)^n a^(2n+1) / (n! (2n+1))
function series(a: number): number {
  let term = a;
  let sum = a;
  for (let n = 1; n < 80; n++) {
    term *= (-a * a) / n;
    sum += term / (2 * n + 1);
    if (Math.abs(term) < 1e-18) break;
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

// erfc(a) e^(a^2) sqrt(pi) = 1/(a + (1/2)/(a + 1/(a + (3/2)/(a + ...)))), evaluated from the tail
function fraction(a: number): number {
  let tail = a;
  for (let k = 60; k >= 1; k--) tail = a + k / 2 / tail;
  return 1 / (Math.sqrt(Math.PI) * tail);
}
