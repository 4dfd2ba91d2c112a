/** Comparisons, selection and conversion: what masks are made of. No gradient flows through a condition. */
import type { ComputeDType } from '../../ir/dtype.ts';
import type { Value } from '../../ir/graph.ts';
import { broadcastShapes, sizeOf } from '../../ir/shape.ts';
import { apply, broadcastOffsets, definePrimitive, type NoAttrs, type Primitive } from '../define.ts';
import { scalar, sumToShape } from './shape.ts';

function comparison(
  name: string,
  f: (x: number, y: number) => boolean,
  operands: readonly ComputeDType[],
): Primitive<NoAttrs> {
  const ints = {
    dtype: operands[0]!,
    shape: [2, 3],
    values: operands[0] === 'bool' ? [0, 1, 1, 0, 1, 0] : [1, 2, 3, 4, 5, 6],
  };
  const other = { dtype: operands[0]!, shape: [3], values: operands[0] === 'bool' ? [1, 1, 0] : [1, 3, 2] };
  return definePrimitive<NoAttrs>({
    name,
    infer([x, y], _, fail) {
      const shape = broadcastShapes(x!.shape, y!.shape);
      if (x!.dtype !== y!.dtype) fail('operands have different dtypes');
      if (!operands.includes(x!.dtype)) fail(`needs operands of ${operands.join(' or ')}`);
      if (!shape) return fail('shapes do not broadcast');
      return { dtype: 'bool', shape };
    },
    vjp: 'none',
    reference([x, y], _, out) {
      const a = broadcastOffsets(x!.shape, out.shape);
      const b = broadcastOffsets(y!.shape, out.shape);
      for (let i = 0; i < out.data.length; i++) out.data[i] = f(x!.data[a[i]!]!, y!.data[b[i]!]!) ? 1 : 0;
    },
    flops: (_, out) => sizeOf(out.shape),
    samples: [
      { inputs: [ints, other], attrs: {} },
      {
        inputs: [
          { ...other, shape: [3, 1] },
          { ...ints, shape: [1, 2] },
        ],
        attrs: {},
      },
      ...(operands.includes('f32')
        ? [
            {
              inputs: [
                { shape: [3], values: [1, -0.5, 2] },
                { shape: [], values: [-0.5] },
              ],
              attrs: {},
            },
          ]
        : []),
    ],
  });
}

export const equalOp = comparison('equal', (x, y) => x === y, ['i32', 'f32']);
export const lessEqualOp = comparison('lessEqual', (x, y) => x <= y, ['i32', 'f32']);
export const andOp = comparison('and', (x, y) => x !== 0 && y !== 0, ['bool']);

export const whereOp = definePrimitive<NoAttrs>({
  name: 'where',
  infer([condition, x, y], _, fail) {
    if (condition!.dtype !== 'bool') fail('needs a boolean condition');
    if (x!.dtype !== y!.dtype) fail('both choices need the same dtype');
    const values = broadcastShapes(x!.shape, y!.shape);
    const shape = values && broadcastShapes(condition!.shape, values);
    if (!shape) return fail('shapes do not broadcast');
    return { dtype: x!.dtype, shape };
  },
  // the gradient goes to the operand that was chosen
  vjp({ inputs: [condition, x, y], grad, needs }) {
    const none = scalar(grad.graph, 0);
    return [
      null,
      needs[1] ? sumToShape(where(condition!, grad, none), x!.shape) : null,
      needs[2] ? sumToShape(where(condition!, none, grad), y!.shape) : null,
    ];
  },
  reference([condition, x, y], _, out) {
    const [c, a, b] = [condition!, x!, y!].map((t) => broadcastOffsets(t.shape, out.shape));
    for (let i = 0; i < out.data.length; i++) {
      out.data[i] = condition!.data[c![i]!] ? x!.data[a![i]!]! : y!.data[b![i]!]!;
    }
  },
  flops: (_, out) => sizeOf(out.shape),
  samples: [
    {
      inputs: [
        { dtype: 'bool', shape: [2, 3], values: [1, 0, 0, 1, 1, 0] },
        { shape: [2, 3] },
        { shape: [] },
      ],
      attrs: {},
    },
    {
      inputs: [{ dtype: 'bool', shape: [3], values: [1, 0, 1] }, { shape: [1] }, { shape: [2, 3] }],
      attrs: {},
    },
    {
      inputs: [{ dtype: 'bool', shape: [2, 1], values: [1, 0] }, { shape: [1, 3] }, { shape: [4, 1, 1] }],
      attrs: {},
    },
    { inputs: [{ dtype: 'bool', shape: [], values: [0] }, { shape: [2] }, { shape: [2] }], attrs: {} },
  ],
});

export const castOp = definePrimitive<{ to: string }>({
  name: 'cast',
  infer: ([x], { to }) => ({ dtype: to as ComputeDType, shape: x!.shape }),
  vjp: 'none',
  reference([x], { to }, out) {
    for (let i = 0; i < out.data.length; i++)
      out.data[i] = to === 'bool' ? (x!.data[i] ? 1 : 0) : Math.trunc(x!.data[i]!);
  },
  flops: () => 0,
  samples: [
    { inputs: [{ dtype: 'bool', shape: [4], values: [0, 1, 1, 0] }], attrs: { to: 'f32' } },
    { inputs: [{ dtype: 'i32', shape: [3], values: [-2, 0, 7] }], attrs: { to: 'f32' } },
    { inputs: [{ dtype: 'f32', shape: [3], values: [-1.75, 0, 7.5] }], attrs: { to: 'i32' } },
    { inputs: [{ dtype: 'i32', shape: [3], values: [-1, 0, 2] }], attrs: { to: 'bool' } },
  ],
});

/** True where x = y. */
export const equal = (x: Value, y: Value): Value => apply(equalOp, [x, y], {});
/** True where x <= y. */
export const lessEqual = (x: Value, y: Value): Value => apply(lessEqualOp, [x, y], {});
/** True where both are. */
export const and = (x: Value, y: Value): Value => apply(andOp, [x, y], {});
/** x where the condition holds, y elsewhere. */
export const where = (condition: Value, x: Value, y: Value): Value => apply(whereOp, [condition, x, y], {});
/** `x` converted between whole numbers, floats and booleans. */
export const cast = (x: Value, to: ComputeDType): Value => (x.dtype === to ? x : apply(castOp, [x], { to }));
