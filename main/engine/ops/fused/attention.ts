/**
 * Scaled dot-product attention with an additive mask and grouped key-value heads. It is one operation because its gradient has a shortcut:
 * the softmax correction sum(dP P) equals sum(dO O), which is D instead of S wide (Dao et al. 2022), and because executors may bring a
 * kernel of their own.
 */
import type { Value } from '../../ir/graph.ts';
import { sizeOf } from '../../ir/shape.ts';
import { apply, defineFused, type NoAttrs } from '../define.ts';
import { add, div, exp, mul, sub } from '../primitives/elementwise.ts';
import { matmul } from '../primitives/matmul.ts';
import { after } from '../primitives/schedule.ts';
import { concat, reduceMax, reduceSum, reshape, slice } from '../primitives/shape.ts';

/** Softmax over the last axis, as one operation because executors have a kernel for it. */
export const softmaxOp = defineFused<NoAttrs>({
  name: 'softmax',
  infer([x], _, fail) {
    if (x!.dtype !== 'f32' || x!.shape.length < 1) fail('needs a float operand with an axis');
    return { dtype: 'f32', shape: x!.shape };
  },
  // dx = p (g - sum(g p))
  vjp: ({ output: p, grad }) => [mul(p, sub(grad, reduceSum(mul(grad, p), [-1], true)))],
  decompose([x]) {
    const e = exp(sub(x!, reduceMax(x!, [-1], true)));
    return div(e, reduceSum(e, [-1], true));
  },
  flops: (_, y) => 12 * sizeOf(y.shape),
  samples: [
    { inputs: [{ shape: [2, 5] }], attrs: {} },
    { inputs: [{ shape: [2, 3, 4], range: [-30, 30] }], attrs: {} },
    { inputs: [{ shape: [2, 3], values: [1e4, 1e4 - 1, -1e30, -1e4, -1e4, -1e30] }], attrs: {} },
    { inputs: [{ shape: [3, 1] }], attrs: {} },
  ],
});

/** Softmax of `x` over its last axis. */
export const softmax = (x: Value): Value => apply(softmaxOp, [x], {});

type Scale = { scale: number };

export const attentionOp = defineFused<Scale>({
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
  flops: ([q, k, v]) =>
    2 * sizeOf(q!.shape) * k!.shape[2]! + 2 * (sizeOf(q!.shape) / q!.shape[3]!) * sizeOf(v!.shape.slice(2)),
  samples: [attentionSample(2, 2, 3, 3), attentionSample(4, 2, 3, 5), attentionSample(3, 1, 1, 4)],
});

/** The gradients by q, k and v, those that are needed, from the attention's result and the gradient by it. */
function attentionGradients(
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

/**
 * Exact causal attention over long rows, some queries at a time, in the backward pass too. Each chunk depends on what the one before it gave
 * (`after`), or the order of execution would hold the scores of all chunks at once: nothing is as large as queries times keys. Keys are
 * counted in few lengths, as onnxruntime keeps a buffer for each shape.
 */

type Chunks = { scale: number; chunk: number; keyStep: number };

/** Queries [start, end) with the keys up to `keys`, which are all that they may see and some that their mask hides. */
export interface Chunk {
  readonly start: number;
  readonly end: number;
  readonly keys: number;
}

/** The chunks of `time` queries: `chunk` queries each, with keys up to their end rounded up to a multiple of `keyStep`. */
export function chunksOf(time: number, { chunk, keyStep }: Pick<Chunks, 'chunk' | 'keyStep'>): Chunk[] {
  return Array.from({ length: Math.ceil(time / chunk) }, (_, i) => {
    const end = Math.min(time, (i + 1) * chunk);
    return { start: i * chunk, end, keys: Math.min(time, Math.ceil(end / keyStep) * keyStep) };
  });
}

const rowsOf = (x: Value, start: number, end: number) => slice(x, 2, start, end);

export const longAttentionOp = defineFused<Chunks>({
  name: 'longAttention',
  infer([q, k, v, ...masks], attrs, fail) {
    const [batch, heads, time] = q!.shape;
    if ([q!, k!, v!].some(({ shape }) => shape.length !== 4)) fail('needs q, k and v of shape [B,H,T,D]');
    if (k!.shape[2] !== time || v!.shape[2] !== time) fail('needs as many keys as queries');
    const chunks = chunksOf(time!, attrs);
    if (masks.length !== chunks.length) fail(`needs ${chunks.length} masks`);
    chunks.forEach(({ start, end, keys }, i) => {
      const shape = `${batch},1,${end - start},${keys}`;
      if (masks[i]!.shape.join() !== shape) fail(`needs a mask of shape [${shape}] for chunk ${i}`);
    });
    return { dtype: 'f32', shape: [batch!, heads!, time!, v!.shape[3]!] };
  },
  // the formulas are those of `attention`, chunk by chunk from the last; dK and dV are sums over the chunks
  vjp({ inputs, attrs, output, grad, needs }) {
    const [q, k, v, ...masks] = inputs as [Value, Value, Value, ...Value[]];
    const queries: Value[] = [];
    const [ofKeys, ofValues] = [new KeySum(), new KeySum()];
    let before: Value | null = null;
    for (const [i, { start, end, keys }] of [...chunksOf(q.shape[2]!, attrs).entries()].reverse()) {
      const own = rowsOf(q, start, end);
      const operands = {
        q: before === null ? own : after(own, before),
        k: rowsOf(k, 0, keys),
        v: rowsOf(v, 0, keys),
        mask: masks[i]!,
      };
      const at = { output: rowsOf(output, start, end), grad: rowsOf(grad, start, end) };
      const [dQ, dK, dV] = attentionGradients(operands, attrs.scale, at, needs);
      if (dQ) queries.unshift(dQ);
      const sums = [dK && ofKeys.add(dK), dV && ofValues.add(dV)];
      before = oneOf([dQ && foldHeads(dQ, k), ...sums].filter((x) => x !== null));
    }
    return [
      needs[0] ? concat(queries, 2) : null,
      needs[1] ? ofKeys.whole() : null,
      needs[2] ? ofValues.whole() : null,
      ...masks.map(() => null),
    ];
  },
  decompose([q, k, v, ...masks], attrs) {
    const parts = chunksOf(q!.shape[2]!, attrs).map(({ start, end, keys }, i) =>
      attention(rowsOf(q!, start, end), rowsOf(k!, 0, keys), rowsOf(v!, 0, keys), masks[i]!, attrs.scale),
    );
    return concat(parts, 2);
  },
  flops: ([q, k, v], _, attrs) =>
    chunksOf(q!.shape[2]!, attrs).reduce((sum, { start, end, keys }) => {
      const rows = (end - start) * (sizeOf(q!.shape) / q!.shape[2]! / q!.shape[3]!);
      return sum + 2 * rows * keys * (k!.shape[3]! + v!.shape[3]!);
    }, 0),
  samples: [longSample(2, 2, 5, 2, 2), longSample(4, 2, 7, 2, 4), longSample(3, 1, 3, 4, 4)],
});

/** A sum of gradients over the keys from the first on; each is as long as the one before it or shorter. */
class KeySum {
  /** What no later gradient reaches, the last keys first. */
  readonly #done: Value[] = [];
  #open: Value | null = null;

  add(grad: Value): Value {
    const keys = grad.shape[2]!;
    const open = this.#open;
    if (open && open.shape[2]! > keys) {
      this.#done.push(rowsOf(open, keys, open.shape[2]!));
      this.#open = rowsOf(open, 0, keys);
    }
    this.#open = this.#open ? add(this.#open, grad) : grad;
    return this.#open;
  }

  whole(): Value {
    const parts = [this.#open!, ...this.#done.toReversed()];
    return parts.length === 1 ? parts[0]! : concat(parts, 2);
  }
}

/** A value that is there once all of `values` are; they differ in their number of rows alone. */
function oneOf(values: readonly Value[]): Value | null {
  return values.length < 2 ? (values[0] ?? null) : concat(values, 2);
}

function longSample(heads: number, groups: number, time: number, chunk: number, keyStep: number) {
  const attrs = { scale: 0.5, chunk, keyStep };
  const masks = chunksOf(time, attrs).map(({ start, end, keys }) => ({
    shape: [2, 1, end - start, keys],
    values: Array.from({ length: 2 * (end - start) * keys }, (_, i) =>
      i % keys > start + (Math.floor(i / keys) % (end - start)) ? -1e30 : 0,
    ),
  }));
  const rows = (count: number) => ({ shape: [2, count, time, 4] });
  return { inputs: [rows(heads), rows(groups), rows(groups), ...masks], attrs };
}

/** `attention` of q [B,H,T,D] to k and v [B,G,T,D] with a mask [B,1,end-start,keys] for each chunk (`chunksOf`). */
export function longAttention(q: Value, k: Value, v: Value, masks: readonly Value[], attrs: Chunks): Value {
  return apply(longAttentionOp, [q, k, v, ...masks], attrs);
}
