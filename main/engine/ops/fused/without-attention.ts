/**
 * Operations of layers without attention: the linear recurrence of matrices (Qwen3.5) and the convolution over few rows (LFM2, Qwen3.5).
 */
import type { Graph, Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineFused, type NoAttrs } from '../define.ts';
import { add, mul, neg, sub } from '../primitives/elementwise.ts';
import { matmul } from '../primitives/matmul.ts';
import { gather } from '../primitives/rows.ts';
import { concat, pad, reduceSum, reshape, slice } from '../primitives/shape.ts';

// A linear recurrence of matrices, y_n = F_n y_(n-1) + P_n, which carries a state from chunk to chunk. It is one operation since its
// gradient is the same recurrence backwards; through slices each step would add up gradients of the size of all.

const AXIS = 2;
const at = (x: Value, n: number) => slice(x, AXIS, n, n + 1);

export const linearScanOp = defineFused<NoAttrs>({
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
export const unitLowerInverseOp = defineFused<NoAttrs>({
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

// A convolution of each channel over rows that are named one by one, so that it may end at borders of segments. It is one operation since
// its gradient is the same convolution over the rows that look back on each; autodiff would add up row by row.

export const shortConvolutionOp = defineFused<NoAttrs>({
  name: 'shortConvolution',
  infer([x, weight, ...places], _, fail) {
    const [rows, channels] = x!.shape;
    if ([x!, weight!].some(({ dtype }) => dtype !== 'f32')) fail('needs float rows and weights');
    if (x!.shape.length !== 2) fail('needs rows of shape [N,C]');
    if (weight!.shape.length !== 2 || weight!.shape[0] !== channels)
      fail(`needs weights of shape [${channels},K]`);
    const count = 2 * (weight!.shape[1]! - 1);
    const isPlace = ({ dtype, shape }: Value) => dtype === 'i32' && shape.join() === `${rows}`;
    if (places.length !== count || !places.every(isPlace))
      fail(`needs ${count} int32 places of shape [${rows}]`);
    return { dtype: 'f32', shape: x!.shape };
  },
  // dx_s = sum over d of w_d dy_t of the row t that is d later;  dw_d = sum over t of dy_t x_t of the row d earlier
  vjp({ inputs, grad, needs }) {
    const [x, weight, ...places] = inputs as [Value, Value, ...Value[]];
    const [earlier, later] = halves(places);
    return [
      needs[0] ? shortConvolution(grad, weight, later, earlier) : null,
      needs[1] ? weightGradient(x, grad, earlier) : null,
      ...places.map(() => null),
    ];
  },
  decompose([x, weight, ...places]) {
    const [channels, count] = weight!.shape as [number, number];
    const tap = (d: number) => reshape(slice(weight!, 1, count - 1 - d, count - d), [channels]);
    return rowsOf(x!, halves(places)[0])
      .map((row, d) => mul(row, tap(d)))
      .reduce((sum, term) => add(sum, term));
  },
  flops: ([x, weight]) => 2 * sizeOf(x!.shape) * weight!.shape[1]!,
  samples: [
    convolutionSample([0, 1, 2], 2, 3),
    convolutionSample([0, 0, 0, 1, 1], 3, 3),
    convolutionSample([0, 0], 1, 4),
  ],
});

/** Where rows before and those behind are. */
const halves = (places: readonly Value[]) =>
  [places.slice(0, places.length / 2), places.slice(places.length / 2)] as const;

/** The rows of x that lie 0, 1, … earlier than each; what has none there is 0. */
function rowsOf(x: Value, earlier: readonly Value[]): Value[] {
  const padded = pad(x, 0, 0, 1);
  return [x, ...earlier.map((places) => gather(padded, places))];
}

function weightGradient(x: Value, grad: Value, earlier: readonly Value[]): Value {
  const channels = x.shape[1]!;
  const columns = rowsOf(x, earlier).map((row) => reshape(reduceSum(mul(row, grad), [0]), [channels, 1]));
  return concat(columns.reverse(), 1);
}

/** Rows of `segments`, which `places` names: those `d` earlier (or later) in the same segment, the number of rows for none. */
function convolutionSample(segments: readonly number[], channels: number, taps: number) {
  const rows = segments.length;
  const places = (step: 1 | -1) =>
    Array.from({ length: taps - 1 }, (_, i) => {
      const at = (t: number) => t + step * (i + 1);
      const values = segments.map((segment, t) => (segments[at(t)] === segment ? at(t) : rows));
      return { dtype: 'i32' as const, shape: [rows], values };
    });
  return {
    inputs: [{ shape: [rows, channels] }, { shape: [channels, taps] }, ...places(-1), ...places(1)],
    attrs: {},
  };
}

/**
 * y_t = sum over d < K of w[:, K-1-d] times the row d earlier, of x [N,C] and w [C,K]. `earlier` and `later`, K - 1 of int32 [N], name the rows
 * 1, 2, … before and behind each; N stands for none.
 */
export function shortConvolution(
  x: Value,
  weight: Value,
  earlier: readonly Value[],
  later: readonly Value[],
): Value {
  return apply(shortConvolutionOp, [x, weight, ...earlier, ...later], {});
}
