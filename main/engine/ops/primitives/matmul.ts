/** The matrix product, with transposed operands, a factor and broadcast batch dimensions: where the time goes. */
import type { Value } from '../../ir/graph.ts';
import { broadcastShapes, type Shape, sizeOf } from '../../ir/shape.ts';
import { apply, broadcastOffsets, definePrimitive, type HostTensor, type Sample } from '../define.ts';
import { sumToShape } from './shape.ts';
import { halfOfNumber, numberOfHalf } from './widen.ts';

export type MatmulAttrs = { transA: boolean; transB: boolean; alpha: number };

export const matmulOp = definePrimitive<MatmulAttrs>({
  name: 'matmul',
  infer([a, b], attrs, fail) {
    const { dtype } = a!;
    if (dtype !== b!.dtype || (dtype !== 'f32' && dtype !== 'f16')) fail('needs float operands of one type');
    if (dtype === 'f16' && attrs.alpha !== 1) fail('has no factor in float16, where it could come too late');
    if (a!.shape.length < 2 || b!.shape.length < 2) fail('needs matrices');
    const { m, k, n, kOfB } = dims(a!.shape, b!.shape, attrs);
    if (k !== kOfB) fail(`inner sizes differ: ${k} and ${kOfB}`);
    const batch = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    if (!batch) return fail('batch dimensions do not broadcast');
    return { dtype, shape: [...batch, m, n] };
  },
  // C = s op(A) op(B): d op(A) = s dC op(B)^T, d op(B) = s op(A)^T dC, each laid out as its operand
  vjp({ inputs: [a, b], attrs: { transA, transB, alpha }, grad, needs }) {
    const gradA = () =>
      transA
        ? matmul(b!, grad, { transA: transB, transB: true, alpha })
        : matmul(grad, b!, { transB: !transB, alpha });
    const gradB = () =>
      transB
        ? matmul(grad, a!, { transA: true, transB: transA, alpha })
        : matmul(a!, grad, { transA: !transA, alpha });
    return [needs[0] ? sumToShape(gradA(), a!.shape) : null, needs[1] ? sumToShape(gradB(), b!.shape) : null];
  },
  reference([a, b], attrs, out) {
    const { m, k, n } = dims(a!.shape, b!.shape, attrs);
    const batch = out.shape.slice(0, -2);
    const atA = broadcastOffsets(a!.shape.slice(0, -2), batch);
    const atB = broadcastOffsets(b!.shape.slice(0, -2), batch);
    const [aRow, aCol] = attrs.transA ? [1, m] : [k, 1];
    const [bRow, bCol] = attrs.transB ? [1, k] : [n, 1];
    const [x, y, z] = [numbersOf(a!), numbersOf(b!), out.data];
    const stored = out.dtype === 'f16' ? halfOfNumber : (value: number) => value;
    let o = 0;
    for (let batchIndex = 0; batchIndex < atA.length; batchIndex++) {
      const [a0, b0] = [atA[batchIndex]! * m * k, atB[batchIndex]! * k * n];
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let [sum, fromA, fromB] = [0, a0 + i * aRow!, b0 + j * bCol!];
          for (let p = 0; p < k; p++, fromA += aCol!, fromB += bRow!) sum += x[fromA]! * y[fromB]!;
          z[o++] = stored(attrs.alpha * sum);
        }
      }
    }
  },
  flops: ([a], out, { transA }) => 2 * sizeOf(out.shape) * (transA ? a!.shape.at(-2)! : a!.shape.at(-1)!),
  samples: [
    ...matmulSamples([], [], 1),
    ...matmulSamples([2], [2], 2),
    ...matmulSamples([2, 2], [2, 1], 0.5),
    ...matmulSamples([2, 1], [3], 1),
    ...matmulSamples([2], [], 1),
    ...matmulSamples([], [3], 1),
    ...halfSamples([], []),
    ...halfSamples([2], [2]),
  ],
});

/** The operand as numbers: float16 are bit patterns. */
function numbersOf({ dtype, data }: HostTensor): HostTensor['data'] {
  return dtype === 'f16' ? Float32Array.from(data, numberOfHalf) : data;
}

/** In float16, with whole numbers: however an executor adds them up, nothing is rounded. */
function halfSamples(batchA: Shape, batchB: Shape): Sample<MatmulAttrs>[] {
  const whole = ({ shape }: { shape: Shape }, shift: number) => ({
    dtype: 'f16' as const,
    shape,
    values: Array.from({ length: sizeOf(shape) }, (_, i) => halfOfNumber(((i * 7 + shift) % 9) - 4)),
  });
  return matmulSamples(batchA, batchB, 1).map(({ inputs: [a, b], attrs }) => ({
    inputs: [whole(a!, 0), whole(b!, 3)],
    attrs,
  }));
}

/** All four ways to transpose, with these batch dimensions. */
function matmulSamples(batchA: Shape, batchB: Shape, alpha: number) {
  return [false, true].flatMap((transA) =>
    [false, true].map((transB) => ({
      inputs: [
        { shape: [...batchA, ...(transA ? [4, 3] : [3, 4])] },
        { shape: [...batchB, ...(transB ? [2, 4] : [4, 2])] },
      ],
      attrs: { transA, transB, alpha },
    })),
  );
}

function dims(a: Shape, b: Shape, { transA, transB }: MatmulAttrs) {
  const [aRows, aCols] = [a.at(-2)!, a.at(-1)!];
  const [bRows, bCols] = [b.at(-2)!, b.at(-1)!];
  return {
    m: transA ? aCols : aRows,
    k: transA ? aRows : aCols,
    kOfB: transB ? bCols : bRows,
    n: transB ? bRows : bCols,
  };
}

/** alpha op(a) op(b) over the last two axes, op being the transpose where asked. */
export function matmul(
  a: Value,
  b: Value,
  { transA = false, transB = false, alpha = 1 }: Partial<MatmulAttrs> = {},
): Value {
  return apply(matmulOp, [a, b], { transA, transB, alpha });
}
