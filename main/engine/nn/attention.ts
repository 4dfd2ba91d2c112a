/** Moving between rows of features and heads, and the two ways to attend: within a batch, or with a key-value cache. */
import type { Value } from '../ir/graph.ts';
import {
  attention,
  type Chunk,
  chunksOf,
  concat,
  longAttention,
  reshape,
  slice,
  transpose,
} from '../ops/functions.ts';

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
 * Attention among the tokens of the batch itself. Rows are causal whatever their segments are, so a chunk of queries
 * needs only the keys up to its end; for long rows that is little more than half of the work and of the memory.
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

/** As `attendWithin`, for long rows: never more scores than those of one chunk of queries (ops/fused/long-attention.ts). */
export function attendInTurn(maskFor: (window: number | null, chunk: Chunk) => Value): Attend {
  return (_layer, q, k, v, scale, window) => {
    const time = q.shape[2]!;
    const steps = Math.ceil(time / KEY_LENGTHS / LONG_CHUNK);
    const attrs = { scale, chunk: LONG_CHUNK, keyStep: Math.max(SHORT, steps * LONG_CHUNK) };
    const masks = chunksOf(time, attrs).map((chunk) => maskFor(window, chunk));
    return longAttention(q, k, v, masks, attrs);
  };
}

/** Attention to cached keys and values [B,G,C,D] as well; the layer's new ones become outputs `k.<layer>`, `v.<layer>`. */
export function attendCached(maskFor: (window: number | null) => Value, capacity: number): Attend {
  return (layer, q, k, v, scale, window) => {
    const { graph } = q;
    graph.output(`k.${layer}`, k);
    graph.output(`v.${layer}`, v);
    const past = (name: string, x: Value) =>
      graph.input(`${name}.${layer}`, 'f32', [x.shape[0]!, x.shape[1]!, capacity, x.shape[3]!]);
    const [keys, values] = [concat([past('pastK', k), k], 2), concat([past('pastV', v), v], 2)];
    return attention(q, keys, values, maskFor(window), scale);
  };
}
