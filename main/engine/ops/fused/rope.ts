/** Rotary position embedding: pairs i and i + R/2 of the first R dimensions of each head are rotated by position (Su et al. 2021). */
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineOp, type NoAttrs } from '../define.ts';
import { add, mul, neg, sub } from '../primitives/elementwise.ts';
import { gather } from '../primitives/rows.ts';
import { concat, reshape, slice } from '../primitives/shape.ts';

export const ropeOp = defineOp<NoAttrs>({
  name: 'rope',
  infer([x, positions, cos, sin], _, fail) {
    const [batch, , time, width] = x!.shape;
    if (positions!.dtype !== 'i32') fail('needs int32 positions');
    if ([x!, cos!, sin!].some(({ dtype }) => dtype !== 'f32')) fail('needs float x and tables');
    if (x!.shape.length !== 4) fail('needs x of shape [B,H,T,D]');
    if (positions!.shape.join() !== `${batch},${time}`) fail(`needs positions of shape [${batch},${time}]`);
    if (cos!.shape.length !== 2 || cos!.shape.join() !== sin!.shape.join())
      fail('needs tables of one shape [P,R/2]');
    if (2 * cos!.shape[1]! > width!)
      fail(`tables turn ${2 * cos!.shape[1]!} dimensions, a head has ${width}`);
    return { dtype: 'f32', shape: x!.shape };
  },
  // a rotation's transpose is the rotation by the opposite angle; tables and positions are not trained
  vjp: ({ inputs: [, positions, cos, sin], grad }) => [
    rope(grad, positions!, cos!, neg(sin!)),
    null,
    null,
    null,
  ],
  decompose([x, positions, cos, sin]) {
    const [batch, , time, width] = x!.shape as [number, number, number, number];
    const half = cos!.shape[1]!;
    const [c, s] = [cos!, sin!].map((table) =>
      reshape(gather(table, positions!), [batch, 1, time, half]),
    ) as [Value, Value];
    const [x1, x2] = [slice(x!, 3, 0, half), slice(x!, 3, half, 2 * half)];
    const rotated = [sub(mul(x1, c), mul(x2, s)), add(mul(x2, c), mul(x1, s))];
    return concat(2 * half < width ? [...rotated, slice(x!, 3, 2 * half, width)] : rotated, 3);
  },
  reference: 'decompose',
  flops: (_, y) => 6 * sizeOf(y.shape),
  samples: [ropeSample(4, 2), ropeSample(6, 2), ropeSample(2, 1)],
});

function ropeSample(width: number, half: number) {
  return {
    inputs: [
      { shape: [2, 2, 3, width] },
      { dtype: 'i32' as const, shape: [2, 3], values: [0, 1, 2, 0, 4, 1] },
      { shape: [5, half] },
      { shape: [5, half] },
    ],
    attrs: {},
  };
}

/** `x` [B,H,T,D] rotated by `positions` [B,T] with tables cos, sin [P,R/2]; dimensions from R on pass. */
export function rope(x: Value, positions: Value, cos: Value, sin: Value): Value {
  return apply(ropeOp, [x, positions, cos, sin], {});
}
