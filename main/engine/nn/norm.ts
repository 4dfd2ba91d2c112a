/** Norm layers with their parameters. */
import type { Value } from '../ir/graph.ts';
import { layerNorm, rmsNorm } from '../ops/functions.ts';
import type { Parameters } from './parameters.ts';

/** RMS norm over the last axis with the weight `<module>.weight`. */
export function rmsNormLayer(p: Parameters, x: Value, module: string, eps: number): Value {
  const weight = p.base(`${module}.weight`, [x.shape.at(-1)!], 'norm');
  return p.graph.scoped(module, () => rmsNorm(x, weight, eps));
}

/** Layer norm over the last axis with `<module>.weight` and `<module>.bias`. */
export function layerNormLayer(p: Parameters, x: Value, module: string, eps: number): Value {
  const size = [x.shape.at(-1)!];
  const [weight, bias] = [p.base(`${module}.weight`, size, 'norm'), p.base(`${module}.bias`, size, 'bias')];
  return p.graph.scoped(module, () => layerNorm(x, weight, bias, eps));
}
