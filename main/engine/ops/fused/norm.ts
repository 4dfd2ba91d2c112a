/** Normalisation over the last axis: RMS norm (Llama and its relatives) and layer norm (GPT-2). */
import type { Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import { apply, defineOp } from '../define.ts';
import { add, mul, reciprocal, sqrt, sub } from '../primitives/elementwise.ts';
import { reduceSum, sumToShape } from '../primitives/shape.ts';

type Eps = { eps: number };

export const rmsNormOp = defineOp<Eps>({
  name: 'rmsNorm',
  infer([x, weight], _, fail) {
    if (x!.dtype !== 'f32' || weight!.dtype !== 'f32') fail('needs float operands');
    if (weight!.shape.length !== 1 || weight!.shape[0] !== x!.shape.at(-1))
      fail('the weight must have the size of the last axis');
    return { dtype: 'f32', shape: x!.shape };
  },
  // y = x r w, r = 1/sqrt(mean(x^2) + eps):  dx = r (g w - x r^2 mean(g w x)),  dw = sum(g x r)
  vjp({ inputs: [x, weight], attrs: { eps }, grad, needs }) {
    const r = inverseRms(x!, eps);
    const gw = mul(grad, weight!);
    const dx = () => mul(sub(gw, mul(x!, mul(mul(r, r), mean(mul(gw, x!))))), r);
    return [needs[0] ? dx() : null, needs[1] ? sumToShape(mul(mul(x!, r), grad), weight!.shape) : null];
  },
  decompose: ([x, weight], { eps }) => mul(mul(x!, inverseRms(x!, eps)), weight!),
  reference: 'decompose',
  flops: (_, y) => 5 * sizeOf(y.shape),
  samples: normSamples(1),
});

export const layerNormOp = defineOp<Eps>({
  name: 'layerNorm',
  infer([x, weight, bias], _, fail) {
    if (x!.dtype !== 'f32') fail('needs float operands');
    for (const p of [weight!, bias!]) {
      if (p.dtype !== 'f32') fail('needs float operands');
      if (p.shape.length !== 1 || p.shape[0] !== x!.shape.at(-1))
        fail('weight and bias must have the size of the last axis');
    }
    return { dtype: 'f32', shape: x!.shape };
  },
  // xhat = (x - mean) r:  dx = r (gw - mean(gw) - xhat mean(gw xhat)),  dw = sum(g xhat),  db = sum(g)
  vjp({ inputs: [x, weight, bias], attrs: { eps }, grad, needs }) {
    const { normed, r } = standardise(x!, eps);
    const gw = mul(grad, weight!);
    const dx = () => mul(sub(sub(gw, mean(gw)), mul(normed, mean(mul(gw, normed)))), r);
    return [
      needs[0] ? dx() : null,
      needs[1] ? sumToShape(mul(grad, normed), weight!.shape) : null,
      needs[2] ? sumToShape(grad, bias!.shape) : null,
    ];
  },
  decompose: ([x, weight, bias], { eps }) => add(mul(standardise(x!, eps).normed, weight!), bias!),
  reference: 'decompose',
  flops: (_, y) => 8 * sizeOf(y.shape),
  samples: normSamples(2),
});

function normSamples(parameters: number) {
  const make = (shape: Shape) => ({
    inputs: [{ shape }, ...Array.from({ length: parameters }, () => ({ shape: [shape.at(-1)!] }))],
    attrs: { eps: 1e-5 },
  });
  return [make([3, 4]), make([2, 3, 8]), make([2, 1, 2, 5]), { ...make([2, 6]), attrs: { eps: 0.5 } }];
}

function mean(x: Value): Value {
  return mul(reduceSum(x, [-1], true), 1 / x.shape.at(-1)!);
}

function inverseRms(x: Value, eps: number): Value {
  return reciprocal(sqrt(add(mean(mul(x, x)), eps)));
}

// biased variance, as LayerNorm has it
function standardise(x: Value, eps: number): { normed: Value; r: Value } {
  const centred = sub(x, mean(x));
  const r = inverseRms(centred, eps);
  return { normed: mul(centred, r), r };
}

/** x / sqrt(mean(x^2) + eps) * weight over the last axis (Zhang & Sennrich 2019). */
export const rmsNorm = (x: Value, weight: Value, eps: number): Value =>
  apply(rmsNormOp, [x, weight], { eps });

/** (x - mean) / sqrt(variance + eps) * weight + bias over the last axis (Ba et al. 2016). */
export const layerNorm = (x: Value, weight: Value, bias: Value, eps: number): Value =>
  apply(layerNormOp, [x, weight, bias], { eps });
