/**
 * A convolution of each channel over rows that are named one by one, so that it may end at borders of segments. It is one operation
 * since its gradient is the same convolution over the rows that look back on each; autodiff would add up row by row.
 */
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineOp } from '../define.ts';
import { add, mul } from '../primitives/elementwise.ts';
import { gather } from '../primitives/rows.ts';
import { concat, pad, reduceSum, reshape, slice } from '../primitives/shape.ts';

export const shortConvolutionOp = defineOp<Record<string, never>>({
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
  reference: 'decompose',
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
