/** Attention of encoders: each token sees all of its segment, or those within a window on both sides. */
import type { Value } from '../ir/graph.ts';
import {
  and,
  attention,
  concat,
  equal,
  lessEqual,
  reshape,
  scalar,
  slice,
  sub,
  where,
} from '../ops/functions.ts';
import { HIDDEN, oncePerWindow, type Places } from './attention.ts';

/** Attends: q, k and v [B,H,T,D] to [B,H,T,D]; with a `reach` to tokens at most so many positions away. */
export type AttendBothWays = (q: Value, k: Value, v: Value, scale: number, reach: number | null) => Value;

/** Queries of long rows attend in turn, so that the scores of all are never kept at once. */
const CHUNK = 512;

export function attendBothWays(places: Places): AttendBothWays {
  const maskFor = oncePerWindow((reach) => places.segments.graph.scoped('mask', () => mask(places, reach)));
  return (q, k, v, scale, reach) => attendThrough(maskFor(reach), q, k, v, scale);
}

/** Attends to what the additive mask `seen` [B,1,T,T] shows. */
export function attendThrough(seen: Value, q: Value, k: Value, v: Value, scale: number): Value {
  const time = q.shape[2]!;
  if (time <= CHUNK) return attention(q, k, v, seen, scale);
  const parts: Value[] = [];
  for (let start = 0; start < time; start += CHUNK) {
    const end = Math.min(time, start + CHUNK);
    parts.push(attention(slice(q, 2, start, end), k, v, slice(seen, 2, start, end), scale));
  }
  return concat(parts, 2);
}

/** Additive mask [B,1,T,T]: 0 where key j has the segment of query i and |i - j| <= reach, else -1e30. */
function mask({ positions, segments }: Places, reach: number | null): Value {
  const { graph } = segments;
  const [batch, time] = segments.shape as [number, number];
  const across = (x: Value) => reshape(x, [batch, 1, time, 1]);
  const along = (x: Value) => reshape(x, [batch, 1, 1, time]);
  let seen = equal(across(segments), along(segments));
  if (reach !== null) {
    const most = graph.constant('i32', [], Int32Array.of(reach));
    const [query, key] = [across(positions), along(positions)];
    seen = and(seen, and(lessEqual(sub(query, key), most), lessEqual(sub(key, query), most)));
  }
  return where(seen, scalar(graph, 0), scalar(graph, HIDDEN));
}
