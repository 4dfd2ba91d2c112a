/**
 * A linear recurrence of matrices, y_n = F_n y_(n-1) + P_n, which carries a state from chunk to chunk. It is one operation since
 * its gradient is the same recurrence backwards; through slices each step would add up gradients of the size of all.
 */
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineOp } from '../define.ts';
import { add } from '../primitives/elementwise.ts';
import { matmul } from '../primitives/matmul.ts';
import { concat, slice } from '../primitives/shape.ts';

const AXIS = 2;
const at = (x: Value, n: number) => slice(x, AXIS, n, n + 1);

export const linearScanOp = defineOp<Record<string, never>>({
  name: 'linearScan',
  infer([f, p], _, fail) {
    const [batch, heads, steps, rows] = p!.shape;
    if ([f!, p!].some(({ dtype }) => dtype !== 'f32')) fail('needs float operands');
    if (p!.shape.length !== 5 || steps! < 2) fail('needs p of shape [B,H,N,D,V] with N above 1');
    if (f!.shape.join() !== `${batch},${heads},${steps! - 1},${rows},${rows}`)
      fail(`needs f of shape [${batch},${heads},${steps! - 1},${rows},${rows}]`);
    return { dtype: 'f32', shape: p!.shape };
  },
  // G_n = g_n + F_(n+1)^T G_(n+1):  dP_n = G_n,  dF_n = G_n y_(n-1)^T
  vjp({ inputs: [f, p], output, grad, needs }) {
    const steps = p!.shape[AXIS]!;
    const sums = [at(grad, steps - 1)];
    for (let n = steps - 2; n >= 0; n--)
      sums.unshift(add(at(grad, n), matmul(at(f!, n), sums[0]!, { transA: true })));
    const dP = concat(sums, AXIS);
    const dF = () => matmul(slice(dP, AXIS, 1, steps), slice(output, AXIS, 0, steps - 1), { transB: true });
    return [needs[0] ? dF() : null, needs[1] ? dP : null];
  },
  decompose([f, p]) {
    const states = [at(p!, 0)];
    for (let n = 1; n < p!.shape[AXIS]!; n++)
      states.push(add(matmul(at(f!, n - 1), states[n - 1]!), at(p!, n)));
    return concat(states, AXIS);
  },
  reference: 'decompose',
  flops: ([f, p]) => 2 * sizeOf(f!.shape) * p!.shape[4]!,
  samples: [
    { inputs: [{ shape: [2, 1, 3, 2, 2] }, { shape: [2, 1, 4, 2, 3] }], attrs: {} },
    { inputs: [{ shape: [1, 2, 1, 3, 3] }, { shape: [1, 2, 2, 3, 1] }], attrs: {} },
  ],
});

/** y [B,H,N,D,V] with y_0 = p_0 and y_n = f_(n-1) y_(n-1) + p_n; f [B,H,N-1,D,D], p [B,H,N,D,V]. */
export function linearScan(f: Value, p: Value): Value {
  return apply(linearScanOp, [f, p], {});
}
