/** `after`: the identity on its first operand, computed only once its second is there. It orders work to save memory. */
import type { Value } from '../../ir/graph.ts';
import { apply, definePrimitive, type NoAttrs } from '../define.ts';

export const afterOp = definePrimitive<NoAttrs>({
  name: 'after',
  infer([x, dependency], _, fail) {
    if (x!.dtype === 'bool' || dependency!.dtype !== 'f32') fail('needs a number, and a float to come after');
    return { dtype: x!.dtype, shape: x!.shape };
  },
  // the identity passes the gradient on; the dependency carries no value
  vjp: ({ grad }) => [grad, null],
  reference: ([x], _, out) => out.data.set(x!.data),
  flops: () => 0,
  samples: [
    { inputs: [{ shape: [2, 3] }, { shape: [4, 2] }], attrs: {} },
    { inputs: [{ dtype: 'i32', shape: [], values: [-123456789] }, { shape: [4, 2] }], attrs: {} },
  ],
});

/** `x`, not computed before `dependency`. */
export function after(x: Value, dependency: Value): Value {
  return apply(afterOp, [x, dependency], {});
}
