/** Norm layers with their parameters. */
import type { Value } from '../ir/graph.ts';
import { add, layerNorm, rmsNorm } from '../ops/functions.ts';
import type { Parameters } from './parameters.ts';

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

/** Layer norm over the last axis with `<module>.weight` and `<module>.bias`. */
export function layerNormLayer(p: Parameters, x: Value, module: string, eps: number): Value {
  const size = [x.shape.at(-1)!];
  const [weight, bias] = [p.base(`${module}.weight`, size, 'norm'), p.base(`${module}.bias`, size, 'bias')];
  return p.graph.scoped(module, () => layerNorm(x, weight, bias, eps));
}
