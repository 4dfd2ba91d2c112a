/** Activation functions of the supported models. */
import { internal } from '../../../../common/errors.ts';
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineOp, type NoAttrs, type OpDef } from '../define.ts';
import { add, erf, maximum, mul, sigmoid, sub, tanh } from '../primitives/elementwise.ts';
import { cast, lessEqual } from '../primitives/logic.ts';
import { scalar } from '../primitives/shape.ts';

function activation(
  name: string,
  f: (x: Value) => Value,
  vjp: ((x: Value, grad: Value) => Value) | 'decompose',
): OpDef<NoAttrs> {
  return defineOp<NoAttrs>({
    name,
    infer([x], _, fail) {
      if (x!.dtype !== 'f32') fail('needs a float operand');
      return { dtype: 'f32', shape: x!.shape };
    },
    vjp: vjp === 'decompose' ? vjp : ({ inputs: [x], grad }) => [vjp(x!, grad)],
    decompose: ([x]) => f(x!),
    reference: 'decompose',
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
