/**
 * The inverse of I + A for A below the diagonal. Blocks of a size are inverted together, then pairs of them joined: as exact as
 * forward substitution, in log N products. The series I - A + A^2 - ... is not: its terms grow to 10^18 for like rows.
 */
import type { Graph, Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineOp } from '../define.ts';
import { mul, neg, sub } from '../primitives/elementwise.ts';
import { matmul } from '../primitives/matmul.ts';

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
