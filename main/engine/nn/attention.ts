/** Moving between rows of features and heads, and the two ways to attend: within a batch, or with a key-value cache. */
import type { Value } from '../ir/graph.ts';
import type { Shape } from '../ir/shape.ts';
import {
  add,
  and,
  attention,
  type Chunk,
  chunksOf,
  concat,
  equal,
  foldHeads,
  lessEqual,
  longAttention,
  matmul,
  reshape,
  scalar,
  slice,
  softmax,
  sub,
  transpose,
  where,
} from '../ops/functions.ts';

/** What a decoder remembers of the tokens of a sequence; which memories there are follows from what a model asks of its `Mixing`. */

/** What a decoding graph reads of each sequence as input `past` [B, ...shape] and renews by output `fresh`. */
export interface Memory {
  readonly past: string;
  readonly fresh: string;
  /** Rows [G,C,D] of as many tokens as there is room for, [N,C] of the last N tokens, or a state that `fresh` replaces. */
  readonly keeps: 'all' | 'last' | 'state';
  readonly shape: Shape;
}

export type Remember = (memory: Memory) => void;

/** Attends in layer `layer`: q [B,H,T,D], k and v [B,G,T,D] to [B,H,T,D]. */
export type Attend = (
  layer: number,
  q: Value,
  k: Value,
  v: Value,
  scale: number,
  window: number | null,
) => Value;

/** Rows [B*T, H*D] as heads [B,H,T,D]. */
export function splitHeads(x: Value, batch: number, time: number, heads: number): Value {
  return transpose(reshape(x, [batch, time, heads, x.shape[1]! / heads]), [0, 2, 1, 3]);
}

/** Heads [B,H,T,D] as rows [B*T, H*D]. */
export function mergeHeads(x: Value): Value {
  const [batch, heads, time, width] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [batch * time, heads * width]);
}

/** Queries that attend together: keys that lie after the last of them are never computed. */
function queryChunk(time: number): number {
  return time < 256 ? time : time < 512 ? 128 : 256;
}

/**
 * Attention among the tokens of the batch itself. Rows are causal whatever their segments are, so a chunk of queries needs only the keys up
 * to its end; for long rows that is little more than half of the work and of the memory.
 */
export function attendWithin(maskFor: (window: number | null) => Value): Attend {
  return (_layer, q, k, v, scale, window) => {
    const mask = maskFor(window);
    const time = q.shape[2]!;
    const step = queryChunk(time);
    const parts: Value[] = [];
    for (let start = 0; start < time; start += step) {
      const end = Math.min(time, start + step);
      const visible = slice(slice(mask, 2, start, end), 3, 0, end);
      const keys = (x: Value) => slice(x, 2, 0, end);
      parts.push(attention(slice(q, 2, start, end), keys(k), keys(v), visible, scale));
    }
    return concat(parts, 2);
  };
}

/** Rows up to this length have so few scores that nothing is gained by computing them in turn. */
const SHORT = 1024;
/** Queries of a chunk of a long row, and how many lengths of keys there are at most. */
const LONG_CHUNK = 256;
const KEY_LENGTHS = 4;

/** Whether rows of `time` tokens are long enough for `attendInTurn`. */
export function isLong(time: number): boolean {
  return time > SHORT;
}

/** As `attendWithin`, for long rows: never more scores than those of one chunk of queries (ops/fused/attention.ts). */
export function attendInTurn(maskFor: (window: number | null, chunk: Chunk) => Value): Attend {
  return (_layer, q, k, v, scale, window) => {
    const time = q.shape[2]!;
    const steps = Math.ceil(time / KEY_LENGTHS / LONG_CHUNK);
    const attrs = { scale, chunk: LONG_CHUNK, keyStep: Math.max(SHORT, steps * LONG_CHUNK) };
    const masks = chunksOf(time, attrs).map((chunk) => maskFor(window, chunk));
    return longAttention(q, k, v, masks, attrs);
  };
}

/**
 * Attention to cached keys and values [B,G,C,D] as well; the layer's new ones become outputs `k.<layer>`, `v.<layer>`. Scores are joined
 * and not the keys: a copy of the cache would cost more than the products with it.
 */
export function attendCached(
  maskFor: (window: number | null) => Value,
  capacity: number,
  remember: Remember,
): Attend {
  return (layer, q, k, v, scale, window) => {
    const { graph } = q;
    // a layer whose keys others attend to as well is remembered once
    const isKnown = graph.inputs.has(`pastK.${layer}`);
    if (!isKnown) {
      graph.output(`k.${layer}`, k);
      graph.output(`v.${layer}`, v);
    }
    const past = (name: 'K' | 'V', x: Value) => {
      const shape = [x.shape[1]!, capacity, x.shape[3]!];
      const memory = { past: `past${name}.${layer}`, fresh: `${name.toLowerCase()}.${layer}`, shape };
      if (isKnown) return graph.inputs.get(memory.past)!;
      remember({ ...memory, keeps: 'all' });
      return graph.input(memory.past, 'f32', [x.shape[0]!, ...shape]);
    };
    const queries = foldHeads(q, k);
    const scoresOf = (keys: Value) => matmul(queries, keys, { transB: true, alpha: scale });
    const scores = concat([scoresOf(past('K', k)), scoresOf(k)], 3);
    const [batch, heads, time] = q.shape as [number, number, number];
    const perHead = reshape(scores, [batch, heads, time, scores.shape[3]!]);
    const weights = reshape(softmax(add(perHead, maskFor(window))), scores.shape);
    const weighed = (start: number, end: number, values: Value) =>
      matmul(slice(weights, 3, start, end), values);
    const sums = add(weighed(0, capacity, past('V', v)), weighed(capacity, scores.shape[3]!, v));
    return reshape(sums, [batch, heads, time, v.shape[3]!]);
  };
}

/** Positions (restarting at 0 in each segment) and segment ids of queries or keys, both int32 [B,T]. */
export interface Places {
  readonly positions: Value;
  readonly segments: Value;
  /** The last segment that continues a key's own and so sees it, int32 [B,T]; missing where none continues another. */
  readonly until?: Value;
}

/** Those of the tokens [start, end) of each row. */
export function placesIn({ positions, segments, until }: Places, start: number, end: number): Places {
  const of = (x: Value) => slice(x, 1, start, end);
  return { positions: of(positions), segments: of(segments), ...(until && { until: of(until) }) };
}

/** A stand-in for minus infinity that keeps differences finite. */
export const HIDDEN = -1e30;

/** `make`, called once for each window: layers that see equally far share their mask. */
export function oncePerWindow(make: (window: number | null) => Value): (window: number | null) => Value {
  const masks = new Map<number | null, Value>();
  return (window) => {
    const mask = masks.get(window) ?? make(window);
    masks.set(window, mask);
    return mask;
  };
}

/**
 * Additive mask [B,1,T,S]: 0 where key j has the segment of query i, or one that it continues, and 0 <= i - j (< window), else -1e30.
 * Segments are numbered depth first, so those that continue one, directly or not, follow it without a gap.
 */
export function attentionMask(queries: Places, keys: Places, window: number | null): Value {
  const { graph } = queries.positions;
  const [batch, time] = queries.positions.shape as [number, number];
  const count = keys.positions.shape[1]!;
  const across = (x: Value) => reshape(x, [batch, 1, time, 1]);
  const along = (x: Value) => reshape(x, [batch, 1, 1, count]);
  const [qPosition, kPosition] = [across(queries.positions), along(keys.positions)];
  const [qSegment, kSegment] = [across(queries.segments), along(keys.segments)];
  let reached = lessEqual(kPosition, qPosition);
  if (window !== null) {
    const reach = graph.constant('i32', [], Int32Array.of(window - 1));
    reached = and(reached, lessEqual(sub(qPosition, kPosition), reach));
  }
  const meets = keys.until
    ? and(lessEqual(kSegment, qSegment), lessEqual(qSegment, along(keys.until)))
    : equal(qSegment, kSegment);
  return where(and(meets, reached), scalar(graph, 0), scalar(graph, HIDDEN));
}
