/**
 * How tokens see earlier ones of their segment: all that differs between a batch and a sequence that goes on. A model is given one, and
 * what it asks of it tells what a decoder must remember. Attention and the delta rule stand in files of their own; here is the short causal
 * convolution of each channel over the last tokens of its segment (LFM2, Qwen3.5), with its two ways to see them.
 */

import type { Value } from '../ir/graph.ts';
import { cast, concat, equal, reshape, scalar, shortConvolution, slice, where } from '../ops/functions.ts';
import type { Attend, Remember } from './attention.ts';
import type { Recur } from './gated-delta.ts';

export interface Mixing {
  readonly attend: Attend;
  readonly convolve: Convolve;
  readonly recur: Recur;
}

/** Nothing is computed: for finding a model's parameters. */
export const FLAT_MIXING: Mixing = {
  attend: (_layer, q) => q,
  convolve: (_layer, x) => x,
  recur: (_layer, { v }) => v,
};

/** In layer `layer`: y_t = sum over d < K of w[:, K-1-d] x_{t-d}, of x [B,T,C] and w [C,K] with K above 1; x before the segment is 0. */
type Convolve = (layer: number, x: Value, weight: Value) => Value;

/** Among the tokens of a batch; `segments` int32 [B,T]. Which tokens belong together is found once for all layers. */
export function convolveWithin(segments: Value): Convolve {
  const known = new Map<number, Places>();
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

interface Places {
  readonly earlier: readonly Value[];
  readonly later: readonly Value[];
}

/** For the distances 1 to taps - 1 the rows that lie as far before and behind each in its segment, [B*T]; B*T for none. */
function placesIn(segments: Value, taps: number): Places {
  const { graph } = segments;
  const [batch, time] = segments.shape as [number, number];
  const rows = batch * time;
  // in floats, which every device moves; they are exact for as many rows as there are
  const marks = cast(segments, 'f32');
  const numbers = graph.constant(
    'f32',
    [batch, time],
    Float32Array.from({ length: rows }, (_, i) => i),
  );
  const at = (d: number, side: keyof Places): Value => {
    const none = (count: number) =>
      graph.constant('f32', [batch, count], new Float32Array(batch * count).fill(rows));
    if (d >= time) return cast(reshape(none(time), [rows]), 'i32');
    const [before, behind] = [(x: Value) => slice(x, 1, 0, time - d), (x: Value) => slice(x, 1, d, time)];
    const place = (side === 'earlier' ? before : behind)(numbers);
    const found = where(equal(before(marks), behind(marks)), place, scalar(graph, rows));
    const all = side === 'earlier' ? [none(d), found] : [found, none(d)];
    return cast(reshape(concat(all, 1), [rows]), 'i32');
  };
  const of = (side: keyof Places) => Array.from({ length: taps - 1 }, (_, i) => at(i + 1, side));
  return { earlier: of('earlier'), later: of('later') };
}
