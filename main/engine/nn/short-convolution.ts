/** The short causal convolution of each channel over the last tokens of its segment (LFM2, Qwen3.5), and its two ways to see them. */
import type { Value } from '../ir/graph.ts';
import { add, cast, concat, equal, mul, pad, reshape, slice } from '../ops/functions.ts';
import type { Remember } from './memory.ts';

/** In layer `layer`: y_t = sum over d < K of w[:, K-1-d] x_{t-d}, of x [B,T,C] and w [C,K]; x before the segment is 0. */
export type Convolve = (layer: number, x: Value, weight: Value) => Value;

/** Among the tokens of a batch; `segments` int32 [B,T]. Which tokens belong together is found once for all layers. */
export function convolveWithin(segments: Value): Convolve {
  const { graph } = segments;
  const [batch, time] = segments.shape as [number, number];
  const known = new Map<number, Value>();
  /** [B,T-d,1]: 1 where a token from the d-th on has its segment in common with the d-th before it. */
  const together = (d: number): Value => {
    const made =
      known.get(d) ??
      graph.scoped('mask', () => {
        const same = equal(slice(segments, 1, d, time), slice(segments, 1, 0, time - d));
        return reshape(cast(same, 'f32'), [batch, time - d, 1]);
      });
    known.set(d, made);
    return made;
  };
  return (_layer, x, weight) =>
    taps(weight, (d) => {
      if (d === 0) return x;
      return d >= time ? null : pad(mul(slice(x, 1, 0, time - d), together(d)), 1, d, 0);
    });
}

/** With the K - 1 tokens before, input `pastConv.<layer>`; the layer's new ones become output `conv.<layer>`, which tells the next. */
export function convolveCached(remember: Remember): Convolve {
  return (layer, x, weight) => {
    const [batch, time, channels] = x.shape as [number, number, number];
    const count = weight.shape[1]! - 1;
    if (count === 0) return taps(weight, () => x);
    const memory = { past: `pastConv.${layer}`, fresh: `conv.${layer}`, shape: [count, channels] };
    remember({ ...memory, keeps: 'last' });
    x.graph.output(memory.fresh, x);
    const all = concat([x.graph.input(memory.past, 'f32', [batch, count, channels]), x], 1);
    return taps(weight, (d) => slice(all, 1, count - d, count - d + time));
  };
}

/** Sum of the weighed rows that lie d tokens earlier; null where there are none. */
function taps(weight: Value, earlier: (d: number) => Value | null): Value {
  const [channels, count] = weight.shape as [number, number];
  const rows = Array.from({ length: count }, (_, d) => earlier(d));
  return rows.reduce<Value | null>((sum, x, d) => {
    if (!x) return sum;
    const tap = reshape(slice(weight, 1, count - 1 - d, count - d), [channels]);
    return sum ? add(sum, mul(x, tap)) : mul(x, tap);
  }, null)!;
}
