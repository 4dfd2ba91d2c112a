/** Linear layers: the frozen or trained matrix, its bias, and a low-rank adapter beside it (Hu et al. 2021), with DoRA if asked for. */
import type { Value } from '../ir/graph.ts';
import {
  add,
  after,
  cast,
  div,
  layerNorm,
  lessEqual,
  matmul,
  maximum,
  mul,
  randomUniform,
  reduceSum,
  rmsNorm,
  scalar,
  sqrt,
  transpose,
} from '../ops/functions.ts';
import type { Adapter, Dora, Parameters } from './parameters.ts';

interface LinearShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
  /** GPT-2's Conv1D stores [in,out], all others [out,in]. */
  readonly layout?: Layout;
}

/** g (x W^T + scale dropout(x) A^T B^T) + b for x [N,in]: [N,out]; g is 1, or DoRA's gain for each output. */
export function linear(p: Parameters, x: Value, module: string, shape: LinearShape): Value {
  const { inputs, outputs, bias, layout = 'out_in' } = shape;
  return p.graph.scoped(module, () => {
    const stored = layout === 'out_in' ? [outputs, inputs] : [inputs, outputs];
    const weight = p.matrix(`${module}.weight`, stored);
    const product = matmul(x, weight, { transB: layout === 'out_in' });
    const biased = (y: Value) => (bias ? add(y, p.base(`${module}.bias`, [outputs], 'bias')) : y);
    const adapter = p.adapter(module, inputs, outputs);
    if (!adapter) return biased(product);
    const change = () => {
      const low = matmul(dropped(p, x), adapter.a, { transB: true });
      return matmul(low, adapter.b, { transB: true, alpha: adapter.scale });
    };
    if (!adapter.dora) return add(biased(product), change());
    const gain = doraGain(weight, { ...adapter, dora: adapter.dora }, layout);
    return biased(mul(add(product, change()), gain));
  });
}

/** `x` with each element zeroed with the method's dropout probability and the rest scaled up to keep the mean. */
function dropped(p: Parameters, x: Value): Value {
  const rate = p.method.kind === 'lora' ? p.method.dropout : 0;
  if (rate === 0) return x;
  const { seed, stream } = p.dropoutStream();
  // not drawn before it is needed: else the numbers of all layers would be the first thing that is computed
  const kept = lessEqual(scalar(p.graph, rate), randomUniform(after(seed, x), x.shape, stream));
  return mul(x, mul(cast(kept, 'f32'), 1 / (1 - rate)));
}

// DoRA (Liu et al. 2024, arXiv 2402.09353): the matrix is m V / |V| with V = W + s B A and a trained magnitude m for each row. The lengths |V|
// are constants for the gradient, as in section 4.3 and in PEFT, and follow from those of W and products with the few rows of A.

export type Layout = 'out_in' | 'in_out';

/** Squared lengths below it count as this much: a row of zeros stays zero instead of becoming NaN. */
const LEAST_SQUARE = 1e-30;

/** What each output is multiplied with: m / |V|, [out]; `weight` is W [out,in], or [in,out] by its layout. */
export function doraGain(weight: Value, adapter: Adapter & { readonly dora: Dora }, layout: Layout): Value {
  const { dora } = adapter;
  if (dora.kind === 'settled') return dora.gain;
  return div(dora.magnitude, rowLengths(weight, dora.rowSquares, adapter, layout));
}

/** The squared length of each row of a frozen matrix, [out]. */
export function rowSquares(weight: Value, layout: Layout): Value {
  return reduceSum(mul(weight, weight), [layout === 'out_in' ? 1 : 0]);
}

/**
 * |W + s B A| of each row, [out], which no gradient goes through. Its square is |W|^2 + 2 s B (A W^T) + s^2 B (A A^T) B^T, of the two
 * products the diagonals: as much work as the adapter is for r more tokens.
 */
function rowLengths(
  weight: Value,
  squares: Value,
  { a, b, scale }: Pick<Adapter, 'a' | 'b' | 'scale'>,
  layout: Layout,
): Value {
  const withFrozen = matmul(a, weight, { transB: layout === 'out_in', alpha: 2 * scale }); // [r,out]
  const withItself = matmul(matmul(a, a, { transB: true }), b, { transB: true, alpha: scale ** 2 }); // [r,out]
  const change = reduceSum(mul(add(withFrozen, withItself), transpose(b, [1, 0])), [0]);
  // `maximum` ends the gradient
  return sqrt(maximum(add(squares, change), LEAST_SQUARE));
}

/** Norm layers with their parameters. */
export interface Norm {
  readonly kind: 'rms' | 'layer';
  readonly eps: number;
  /** Added to the weight of an RMS norm: 1 where files store w - 1 (Gemma). */
  readonly offset: number;
}

/** The norm over the last axis with the parameters of `module`. */
export function normLayer(p: Parameters, x: Value, module: string, { kind, eps, offset }: Norm): Value {
  if (kind === 'layer') return layerNormLayer(p, x, module, eps);
  const weight = p.base(`${module}.weight`, [x.shape.at(-1)!], 'norm');
  return p.graph.scoped(module, () => rmsNorm(x, offset === 0 ? weight : add(weight, offset), eps));
}

/** The RMS norm over the last axis without weights. */
export function plainNorm(x: Value, eps: number): Value {
  const size = x.shape.at(-1)!;
  return rmsNorm(x, x.graph.constant('f32', [size], new Float32Array(size).fill(1)), eps);
}

/** Layer norm over the last axis with `<module>.weight` and, where it has one, `<module>.bias`. */
export function layerNormLayer(p: Parameters, x: Value, module: string, eps: number, biased = true): Value {
  const size = [x.shape.at(-1)!];
  const weight = p.base(`${module}.weight`, size, 'norm');
  const bias = biased
    ? p.base(`${module}.bias`, size, 'bias')
    : p.graph.constant('f32', size, new Float32Array(size[0]!));
  return p.graph.scoped(module, () => layerNorm(x, weight, bias, eps));
}
