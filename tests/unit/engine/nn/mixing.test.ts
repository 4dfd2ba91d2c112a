/** The short convolution within packed rows, and with what a decoder remembers. */
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import type { Memory } from '../../../../main/engine/nn/attention.ts';
import { convolveCached, convolveWithin } from '../../../../main/engine/nn/mixing.ts';
import { compute, noise } from '../../../helpers/graphs.ts';

const [TIME, CHANNELS, TAPS] = [7, 2, 3] as const;
const SEGMENTS = [0, 0, 1, 1, 1, 1, 2];
const x = [...noise(TIME * CHANNELS, 1)];
const weight = [...noise(CHANNELS * TAPS, 2)];

function byDefinition(segments: readonly number[], rows = x): number[] {
  return rows.map((_, i) => {
    const [t, channel] = [Math.floor(i / CHANNELS), i % CHANNELS];
    let sum = 0;
    for (let d = 0; d < TAPS && d <= t; d++)
      if (segments[t - d] === segments[t])
        sum += weight[channel * TAPS + TAPS - 1 - d]! * rows[(t - d) * CHANNELS + channel]!;
    return sum;
  });
}

describe('the short convolution', () => {
  it('sees the last tokens of its own segment', () => {
    const graph = new Graph();
    const segments = graph.input('segments', 'i32', [1, TIME]);
    const rows = graph.input('x', 'f32', [1, TIME, CHANNELS]);
    graph.output('y', convolveWithin(segments)(0, rows, graph.input('w', 'f32', [CHANNELS, TAPS])));
    const { y } = compute(graph, { x, w: weight, segments: SEGMENTS }, true);
    const expected = byDefinition(SEGMENTS);
    y!.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 12);
    });
  });

  it('goes on behind the tokens that are remembered, as many as it looks back', () => {
    const graph = new Graph();
    const memories: Memory[] = [];
    const rows = graph.input('x', 'f32', [1, TIME, CHANNELS]);
    const convolve = convolveCached((memory) => memories.push(memory));
    graph.output('y', convolve(4, rows, graph.input('w', 'f32', [CHANNELS, TAPS])));
    expect(memories).toEqual([
      { past: 'pastConv.4', fresh: 'conv.4', keeps: 'last', shape: [TAPS - 1, CHANNELS] },
    ]);
    const before = [...noise((TAPS - 1) * CHANNELS, 3)];
    const { y, 'conv.4': fresh } = compute(graph, { x, w: weight, 'pastConv.4': before }, true);
    const all = byDefinition(new Array(TIME + TAPS - 1).fill(0), [...before, ...x]);
    y!.forEach((value, i) => {
      expect(value).toBeCloseTo(all[i + before.length]!, 12);
    });
    expect(fresh).toEqual(x);
  });
});
