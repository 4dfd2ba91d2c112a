/**
 * The fused operations of a decoder's layer besides attention: norms over the last axis (RMS norm of Llama and its relatives, layer norm
 * of GPT-2), rotary positions, and activations.
 */

import { internal } from '../../../../common/errors.ts';
import type { Value } from '../../ir/graph.ts';
import { type Shape, sizeOf } from '../../ir/shape.ts';
import { apply, defineFused, type Fused, type NoAttrs } from '../define.ts';
import {
  add,
  erf,
  maximum,
  mul,
  neg,
  reciprocal,
  sigmoid,
  sqrt,
  sub,
  tanh,
} from '../primitives/elementwise.ts';
import { cast, lessEqual } from '../primitives/logic.ts';
import { gather } from '../primitives/rows.ts';
import { concat, reduceSum, reshape, scalar, slice, sumToShape } from '../primitives/shape.ts';

type Eps = { eps: number };

export const rmsNormOp = defineFused<Eps>({
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
  flops: (_, y) => 5 * sizeOf(y.shape),
  samples: normSamples(1),
});

export const layerNormOp = defineFused<Eps>({
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

export const ropeOp = defineFused<NoAttrs>({
  name: 'rope',
  infer([x, positions, cos, sin], _, fail) {
    const [batch, , time, width] = x!.shape;
    if (positions!.dtype !== 'i32') fail('needs int32 positions');
    if ([x!, cos!, sin!].some(({ dtype }) => dtype !== 'f32')) fail('needs float x and tables');
    if (x!.shape.length !== 4) fail('needs x of shape [B,H,T,D]');
    if (positions!.shape.join() !== `${batch},${time}`) fail(`needs positions of shape [${batch},${time}]`);
    if (cos!.shape.length !== 2 || cos!.shape.join() !== sin!.shape.join())
      fail('needs tables of one shape [P,R/2]');
    if (2 * cos!.shape[1]! > width!)
      fail(`tables turn ${2 * cos!.shape[1]!} dimensions, a head has ${width}`);
    return { dtype: 'f32', shape: x!.shape };
  },
  // a rotation's transpose is the rotation by the opposite angle; tables and positions are not trained
  vjp: ({ inputs: [, positions, cos, sin], grad }) => [
    rope(grad, positions!, cos!, neg(sin!)),
    null,
    null,
    null,
  ],
  decompose([x, positions, cos, sin]) {
    const [batch, , time, width] = x!.shape as [number, number, number, number];
    const half = cos!.shape[1]!;
    const [c, s] = [cos!, sin!].map((table) =>
      reshape(gather(table, positions!), [batch, 1, time, half]),
    ) as [Value, Value];
    const [x1, x2] = [slice(x!, 3, 0, half), slice(x!, 3, half, 2 * half)];
    const rotated = [sub(mul(x1, c), mul(x2, s)), add(mul(x2, c), mul(x1, s))];
    return concat(2 * half < width ? [...rotated, slice(x!, 3, 2 * half, width)] : rotated, 3);
  },
  flops: (_, y) => 6 * sizeOf(y.shape),
  samples: [ropeSample(4, 2), ropeSample(6, 2), ropeSample(2, 1)],
});

function ropeSample(width: number, half: number) {
  return {
    inputs: [
      { shape: [2, 2, 3, width] },
      { dtype: 'i32' as const, shape: [2, 3], values: [0, 1, 2, 0, 4, 1] },
      { shape: [5, half] },
      { shape: [5, half] },
    ],
    attrs: {},
  };
}

/** `x` [B,H,T,D] rotated by `positions` [B,T] with tables cos, sin [P,R/2]; dimensions from R on pass. */
export function rope(x: Value, positions: Value, cos: Value, sin: Value): Value {
  return apply(ropeOp, [x, positions, cos, sin], {});
}

function activation(
  name: string,
  f: (x: Value) => Value,
  vjp: ((x: Value, grad: Value) => Value) | 'decompose',
): Fused<NoAttrs> {
  return defineFused<NoAttrs>({
    name,
    infer([x], _, fail) {
      if (x!.dtype !== 'f32') fail('needs a float operand');
      return { dtype: 'f32', shape: x!.shape };
    },
    vjp: vjp === 'decompose' ? vjp : ({ inputs: [x], grad }) => [vjp(x!, grad)],
    decompose: ([x]) => f(x!),
    flops: (_, y) => 10 * sizeOf(y.shape),
    samples: [{ inputs: [{ shape: [3, 7], range: [-4, 4] }], attrs: {} }],
  });
}

// silu(x) = x s, s = sigmoid(x):  dx = g s (1 + x (1 - s)) = g s (1 + x - y), y = silu(x)
export const siluOp = activation(
  'silu',
  (x) => mul(x, sigmoid(x)),
  (x, grad) => mul(grad, mul(sigmoid(x), add(sub(x, silu(x)), 1))),
);

// gelu with the tanh form, u = c (x + a x^3):  dx = g (0.5 (1 + t) + 0.5 x (1 - t^2) c (1 + 3 a x^2)), t = tanh(u)
const C = Math.sqrt(2 / Math.PI);
const A = 0.044715;
const tanhOfCubic = (x: Value) => tanh(mul(mul(x, add(mul(mul(x, x), A), 1)), C));
export const geluTanhOp = activation(
  'geluTanh',
  (x) => mul(mul(x, 0.5), add(tanhOfCubic(x), 1)),
  (x, grad) => {
    const t = tanhOfCubic(x);
    const slope = mul(mul(mul(x, 0.5 * C), add(mul(mul(x, x), 3 * A), 1)), sub(1, mul(t, t)));
    return mul(grad, add(mul(add(t, 1), 0.5), slope));
  },
);

export const geluOp = activation(
  'gelu',
  (x) => mul(mul(x, 0.5), add(erf(mul(x, Math.SQRT1_2)), 1)),
  'decompose',
);

// relu(x) = max(x, 0):  dx = g where x > 0
export const reluOp = activation(
  'relu',
  (x) => maximum(x, 0),
  (x, grad) => mul(grad, sub(1, cast(lessEqual(x, scalar(x.graph, 0)), 'f32'))),
);

export const silu = (x: Value): Value => apply(siluOp, [x], {});
export const geluTanh = (x: Value): Value => apply(geluTanhOp, [x], {});
export const gelu = (x: Value): Value => apply(geluOp, [x], {});
export const relu = (x: Value): Value => apply(reluOp, [x], {});

/** Activations by the names that Transformers' configurations use. */
export const ACTIVATIONS: Readonly<Record<string, (x: Value) => Value>> = {
  silu,
  swish: silu,
  gelu,
  gelu_python: gelu,
  gelu_new: geluTanh,
  gelu_fast: geluTanh,
  gelu_accurate: geluTanh,
  gelu_python_tanh: geluTanh,
  gelu_pytorch_tanh: geluTanh,
  quick_gelu: (x) => mul(x, sigmoid(mul(x, 1.702))),
  relu,
  linear: (x) => x,
  relu2: (x) => mul(relu(x), relu(x)),
  sigmoid,
  tanh,
};

/** The activation called `name`; configurations are checked for it before a graph is built. */
export function activationOf(name: string): (x: Value) => Value {
  const found = ACTIVATIONS[name];
  if (!found) throw internal(`no activation is called ${name}`);
  return found;
}
