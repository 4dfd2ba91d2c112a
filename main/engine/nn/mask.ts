/** Attention masks of packed rows: a token sees the earlier ones of its own segment, within the window if there is one. */
import type { Value } from '../ir/graph.ts';
import { and, equal, lessEqual, reshape, scalar, slice, sub, where } from '../ops/functions.ts';

/** Positions (restarting at 0 in each segment) and segment ids of queries or keys, both int32 [B,T]. */
export interface Places {
  readonly positions: Value;
  readonly segments: Value;
}

/** Those of the tokens [start, end) of each row. */
export function placesIn({ positions, segments }: Places, start: number, end: number): Places {
  return { positions: slice(positions, 1, start, end), segments: slice(segments, 1, start, end) };
}

/** A stand-in for minus infinity that keeps differences finite. */
const HIDDEN = -1e30;

/** `make`, called once for each window: layers that see equally far share their mask. */
export function oncePerWindow(make: (window: number | null) => Value): (window: number | null) => Value {
  const masks = new Map<number | null, Value>();
  return (window) => {
    const mask = masks.get(window) ?? make(window);
    masks.set(window, mask);
    return mask;
  };
}

/** Additive mask [B,1,T,S]: 0 where key j has the segment of query i and 0 <= i - j (< window), else -1e30. */
export function attentionMask(queries: Places, keys: Places, window: number | null): Value {
  const { graph } = queries.positions;
  const [batch, time] = queries.positions.shape as [number, number];
  const count = keys.positions.shape[1]!;
  const [qPosition, qSegment] = [queries.positions, queries.segments].map((x) =>
    reshape(x, [batch, 1, time, 1]),
  ) as [Value, Value];
  const [kPosition, kSegment] = [keys.positions, keys.segments].map((x) =>
    reshape(x, [batch, 1, 1, count]),
  ) as [Value, Value];
  let visible = and(equal(qSegment, kSegment), lessEqual(kPosition, qPosition));
  if (window !== null) {
    const reach = graph.constant('i32', [], Int32Array.of(window - 1));
    visible = and(visible, lessEqual(sub(qPosition, kPosition), reach));
  }
  return where(visible, scalar(graph, 0), scalar(graph, HIDDEN));
}
