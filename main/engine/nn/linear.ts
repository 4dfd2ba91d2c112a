/** Linear layers: the frozen or trained matrix, its bias, and a low-rank adapter beside it (Hu et al. 2021), with DoRA if asked for. */
import type { Value } from '../ir/graph.ts';
import { add, after, cast, lessEqual, matmul, mul, randomUniform, scalar } from '../ops/functions.ts';
import { doraGain } from './dora.ts';
import type { Parameters } from './parameters.ts';

export interface LinearShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
  /** GPT-2's Conv1D stores [in,out], all others [out,in]. */
  readonly layout?: 'out_in' | 'in_out';
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
