/**
 * A linear recurrence of matrices, y_n = F_n y_(n-1) + P_n, which carries a state from chunk to chunk. It is one operation since its
 * gradient is the same recurrence backwards; through slices each step would add up gradients of the size of all.
 */
import type { Graph, Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineOp } from '../define.ts';
import { add, mul, neg, sub } from '../primitives/elementwise.ts';
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

/**
 * The inverse of I + A for A below the diagonal. Blocks of a size are inverted together, then pairs of them joined: as exact as
 * forward substitution, in log N products. The series I - A + A^2 - ... is not: its terms grow to 10^18 for like rows.
 */
export const unitLowerInverseOp = defineOp<Record<string, never>>({
  name: 'unitLowerInverse',
  infer([a], _, fail) {
    if (a!.dtype !== 'f32') fail('needs a float operand');
    if (a!.shape.length < 2 || a!.shape.at(-1) !== a!.shape.at(-2)) fail('needs square matrices');
    return { dtype: 'f32', shape: a!.shape };
  },
  // T (I + A) = I:  dA = -T^T dT T^T, below the diagonal
  vjp({ output, grad }) {
    const whole = matmul(matmul(output, grad, { transA: true }), output, { transB: true });
    return [
      neg(
        mul(
          whole,
          matrix(grad.graph, grad.shape.at(-1)!, (i, j) => i > j),
        ),
      ),
    ];
  },
  // [[X,0],[C,Y]]^-1 = [[X^-1,0],[-Y^-1 C X^-1,Y^-1]], for all pairs of blocks of a size at once
  decompose([a]) {
    const { graph } = a!;
    const count = a!.shape.at(-1)!;
    const below = (size: number) =>
      mul(
        a!,
        matrix(graph, count, (i, j) => {
          const isPair = Math.floor(i / size / 2) === Math.floor(j / size / 2);
          return isPair && Math.floor(i / size) > Math.floor(j / size);
        }),
      );
    let inverse = sub(
      matrix(graph, count, (i, j) => i === j),
      count > 1 ? below(1) : mul(a!, 0),
    );
    for (let size = 2; size < count; size *= 2)
      inverse = sub(inverse, matmul(matmul(inverse, below(size)), inverse));
    return inverse;
  },
  reference: 'decompose',
  flops: ([a]) =>
    4 * sizeOf(a!.shape) * a!.shape.at(-1)! * Math.max(0, Math.ceil(Math.log2(a!.shape.at(-1)!)) - 1),
  samples: [
    { inputs: [{ shape: [2, 4, 4] }], attrs: {} },
    { inputs: [{ shape: [1, 2, 7, 7] }], attrs: {} },
    { inputs: [{ shape: [2, 2] }], attrs: {} },
    { inputs: [{ shape: [3, 1, 1] }], attrs: {} },
  ],
});

function matrix(graph: Graph, count: number, has: (i: number, j: number) => boolean): Value {
  const values = Float32Array.from({ length: count ** 2 }, (_, at) =>
    has(Math.floor(at / count), at % count) ? 1 : 0,
  );
  return graph.constant('f32', [count, count], values);
}

/** (I + A)^-1 of each matrix [N,N], A being what `a` has below its diagonal; what stands elsewhere is not read. */
export function unitLowerInverse(a: Value): Value {
  return apply(unitLowerInverseOp, [a], {});
}
