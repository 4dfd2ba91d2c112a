/** The short causal convolution of each channel over the last tokens of its segment (LFM2, Qwen3.5), and its two ways to see them. */
import type { Value } from '../ir/graph.ts';
import { concat, equal, reshape, shortConvolution, slice, where } from '../ops/functions.ts';
import type { Remember } from './memory.ts';

/** In layer `layer`: y_t = sum over d < K of w[:, K-1-d] x_{t-d}, of x [B,T,C] and w [C,K] with K above 1; x before the segment is 0. */
export type Convolve = (layer: number, x: Value, weight: Value) => Value;

/** Among the tokens of a batch; `segments` int32 [B,T]. Which tokens belong together is found once for all layers. */
export function convolveWithin(segments: Value): Convolve {
  const known = new Map<number, { readonly earlier: Value; readonly later: Value }>();
  return (_layer, x, weight) => {
    const [rows, taps] = [x.shape[0]! * x.shape[1]!, weight.shape[1]!];
    const places = known.get(taps) ?? segments.graph.scoped('mask', () => placesIn(segments, taps));
    known.set(taps, places);
    const { earlier, later } = places;
    return reshape(shortConvolution(reshape(x, [rows, x.shape[2]!]), weight, earlier, later), x.shape);
  };
}

/** With the K - 1 tokens before, input `pastConv.<layer>`; the layer's new ones become output `conv.<layer>`, which tells the next. */
export function convolveCached(remember: Remember): Convolve {
  const alone = new Map<string, Convolve>();
  return (layer, x, weight) => {
    const [batch, time, channels] = x.shape as [number, number, number];
    const count = weight.shape[1]! - 1;
    const memory = { past: `pastConv.${layer}`, fresh: `conv.${layer}`, shape: [count, channels] };
    remember({ ...memory, keeps: 'last' });
    x.graph.output(memory.fresh, x);
    const before = x.graph.input(memory.past, 'f32', [batch, count, channels]);
    const all = [batch, count + time];
    const within =
      alone.get(all.join()) ??
      convolveWithin(x.graph.constant('i32', all, new Int32Array(batch * (count + time))));
    alone.set(all.join(), within);
    return slice(within(layer, concat([before, x], 1), weight), 1, count, count + time);
  };
}

/** For each distance below `taps` the rows that lie as far before and behind each in its segment, [taps-1,B*T]; B*T for none. */
function placesIn(segments: Value, taps: number) {
  const { graph } = segments;
  const [batch, time] = segments.shape as [number, number];
  const rows = batch * time;
  const ints = (shape: number[], values: Int32Array) => graph.constant('i32', shape, values);
  const none = ints([], Int32Array.of(rows));
  const numbers = Int32Array.from({ length: rows }, (_, i) => i);
  const at = (d: number, side: 'earlier' | 'later'): Value => {
    if (d >= time) return ints([1, rows], new Int32Array(rows).fill(rows));
    const same = equal(slice(segments, 1, d, time), slice(segments, 1, 0, time - d));
    const place = slice(
      ints([batch, time], numbers),
      1,
      side === 'earlier' ? 0 : d,
      side === 'earlier' ? time - d : time,
    );
    const found = where(same, place, none);
    const edge = ints([batch, d], new Int32Array(batch * d).fill(rows));
    return reshape(concat(side === 'earlier' ? [edge, found] : [found, edge], 1), [1, rows]);
  };
  const of = (side: 'earlier' | 'later') =>
    concat(
      Array.from({ length: taps - 1 }, (_, i) => at(i + 1, side)),
      0,
    );
  return { earlier: of('earlier'), later: of('later') };
}
