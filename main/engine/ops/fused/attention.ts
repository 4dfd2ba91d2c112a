/**
 * Scaled dot-product attention with an additive mask and grouped key-value heads. It is one operation because its
 * gradient has a shortcut: the softmax correction sum(dP P) equals sum(dO O), which is D instead of S wide (Dao et al.
 * 2022), and because executors may bring a kernel of their own.
 */
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineOp } from '../define.ts';
import { add, mul, sub } from '../primitives/elementwise.ts';
import { matmul } from '../primitives/matmul.ts';
import { reduceSum, reshape } from '../primitives/shape.ts';
import { softmax } from './softmax.ts';

type Scale = { scale: number };

export const attentionOp = defineOp<Scale>({
  name: 'attention',
  infer([q, k, v, mask], _, fail) {
    const [batch, heads, time, width] = q!.shape;
    const [kBatch, groups, keys, kWidth] = k!.shape;
    if ([q!, k!, v!, mask!].some(({ dtype }) => dtype !== 'f32')) fail('needs float operands');
    if ([q!, k!, v!].some(({ shape }) => shape.length !== 4)) fail('needs q, k and v of shape [B,H,T,D]');
    if (batch !== kBatch || width !== kWidth || heads! % groups!) fail('q and k do not fit together');
    if (v!.shape.slice(0, 3).join() !== k!.shape.slice(0, 3).join()) fail('k and v do not fit together');
    if (mask!.shape.join() !== `${batch},1,${time},${keys}`)
      fail(`needs a mask of shape [${batch},1,${time},${keys}]`);
    return { dtype: 'f32', shape: [batch!, heads!, time!, v!.shape[3]!] };
  },
  // P = softmax(s Q K^T + M), O = P V:  dV = P^T dO,  dS = P (dO V^T - sum(dO O)),  dQ = s dS K,  dK = s dS^T Q
  vjp({ inputs, attrs: { scale }, output, grad, needs }) {
    const [q, k, v, mask] = inputs as [Value, Value, Value, Value];
    return [...attentionGradients({ q, k, v, mask }, scale, { output, grad }, needs), null];
  },
  decompose(inputs, { scale }) {
    const [q, k, v, mask] = inputs as [Value, Value, Value, Value];
    return grouping(q, k).unfold(matmul(probabilities(q, k, mask, scale), v));
  },
  reference: 'decompose',
  flops: ([q, k, v]) =>
    2 * sizeOf(q!.shape) * k!.shape[2]! + 2 * (sizeOf(q!.shape) / q!.shape[3]!) * sizeOf(v!.shape.slice(2)),
  samples: [attentionSample(2, 2, 3, 3), attentionSample(4, 2, 3, 5), attentionSample(3, 1, 1, 4)],
});

/** The gradients by q, k and v, those that are needed, from the attention's result and the gradient by it. */
export function attentionGradients(
  { q, k, v, mask }: { readonly q: Value; readonly k: Value; readonly v: Value; readonly mask: Value },
  scale: number,
  { output, grad }: { readonly output: Value; readonly grad: Value },
  needs: readonly boolean[],
): [q: Value | null, k: Value | null, v: Value | null] {
  const grouped = grouping(q, k);
  const p = probabilities(q, k, mask, scale);
  const dO = grouped.fold(grad);
  const dV = () => matmul(p, dO, { transA: true });
  if (!needs[0] && !needs[1]) return [null, null, needs[2] ? dV() : null];
  const dP = matmul(dO, v, { transB: true });
  const correction = grouped.fold(reduceSum(mul(grad, output), [-1], true));
  const dS = mul(p, sub(dP, correction));
  return [
    needs[0] ? grouped.unfold(matmul(dS, k, { alpha: scale })) : null,
    needs[1] ? matmul(dS, grouped.fold(q), { transA: true, alpha: scale }) : null,
    needs[2] ? dV() : null,
  ];
}

function attentionSample(heads: number, groups: number, time: number, keys: number) {
  return {
    inputs: [
      { shape: [2, heads, time, 4] },
      { shape: [2, groups, keys, 4] },
      { shape: [2, groups, keys, 4] },
      {
        shape: [2, 1, time, keys],
        values: Array.from({ length: 2 * time * keys }, (_, i) =>
          i % keys > Math.floor(i / keys) % time ? -1e30 : 0,
        ),
      },
    ],
    attrs: { scale: 0.5 },
  };
}

/** Query heads that share a key head become extra rows, [B,H,T,D] -> [B,G,H/G*T,D], so that keys need no copies. */
function grouping(q: Value, k: Value) {
  const [batch, heads, time] = q.shape as [number, number, number];
  const groups = k.shape[1]!;
  return {
    fold: (x: Value) => reshape(x, [batch, groups, (heads / groups) * time, x.shape[3]!]),
    unfold: (x: Value) => reshape(x, [batch, heads, time, x.shape[3]!]),
  };
}

function probabilities(q: Value, k: Value, mask: Value, scale: number): Value {
  const [batch, heads, time] = q.shape as [number, number, number];
  const { fold } = grouping(q, k);
  const scores = matmul(fold(q), k, { transB: true, alpha: scale });
  const perHead = reshape(scores, [batch, heads, time, k.shape[2]!]);
  return reshape(softmax(add(perHead, mask)), scores.shape);
}

/** The rows of query heads [B,H,T,D] beside each other for each key head of `k`: [B,G,H/G*T,D]. */
export function foldHeads(x: Value, k: Value): Value {
  return grouping(x, k).fold(x);
}

/** softmax(scale q k^T + mask) v: q [B,H,T,D], k and v [B,G,S,D] with H a multiple of G, mask [B,1,T,S]. */
export function attention(q: Value, k: Value, v: Value, mask: Value, scale: number): Value {
  return apply(attentionOp, [q, k, v, mask], { scale });
}
