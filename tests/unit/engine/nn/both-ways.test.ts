/** Attention of encoders: who sees whom, in short rows and in long ones, where queries attend in turn. */
import { expect, test } from 'vitest';
import { createReferenceExecutor } from '../../../../main/engine/exec/reference/reference-executor.ts';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import { attendBothWays } from '../../../../main/engine/nn/both-ways.ts';
import { noise } from '../../../helpers/graphs.ts';

const [HEADS, WIDTH] = [2, 3];

/** Softmax over the keys of the query's segment that are at most `reach` positions away, key by key. */
function plainly(
  x: Float32Array[],
  segments: Int32Array,
  positions: Int32Array,
  reach: number | null,
): Float32Array {
  const [q, k, v] = x as [Float32Array, Float32Array, Float32Array];
  const time = segments.length;
  const out = new Float32Array(q.length);
  for (let head = 0; head < HEADS; head++)
    for (let i = 0; i < time; i++) {
      const at = (row: number) => (head * time + row) * WIDTH;
      const seen = Array.from(segments.keys()).filter(
        (j) =>
          segments[j] === segments[i] && (reach === null || Math.abs(positions[i]! - positions[j]!) <= reach),
      );
      const scores = seen.map((j) => {
        let sum = 0;
        for (let d = 0; d < WIDTH; d++) sum += q[at(i) + d]! * k[at(j) + d]!;
        return Math.exp(0.5 * sum);
      });
      const total = scores.reduce((a, b) => a + b, 0);
      for (const [n, j] of seen.entries())
        for (let d = 0; d < WIDTH; d++) out[at(i) + d]! += (scores[n]! / total) * v[at(j) + d]!;
    }
  return out;
}

test.each([
  [12, null],
  [12, 2],
  [700, null],
  [700, 5],
])('%d tokens, a reach of %s', async (time, reach) => {
  const graph = new Graph();
  const shape = [1, HEADS, time, WIDTH];
  const [q, k, v] = ['q', 'k', 'v'].map((name) => graph.input(name, 'f32', shape));
  const [positions, segments] = ['positions', 'segments'].map((name) => graph.input(name, 'i32', [1, time]));
  const attend = attendBothWays({ positions: positions!, segments: segments! });
  graph.output('y', attend(q!, k!, v!, 0.5, reach));
  const program = await createReferenceExecutor().compile(graph);
  const border = Math.floor(time / 3);
  const feeds = {
    ...{ q: noise(HEADS * time * WIDTH, 1, 1), k: noise(HEADS * time * WIDTH, 2, 1) },
    v: noise(HEADS * time * WIDTH, 3, 1),
    segments: Int32Array.from({ length: time }, (_, i) => (i < border ? 0 : i < time - 2 ? 1 : -1)),
    positions: Int32Array.from({ length: time }, (_, i) => (i < border ? i : i - border)),
  };
  const { outputs } = await program.run(feeds);
  const wanted = plainly([feeds.q, feeds.k, feeds.v], feeds.segments, feeds.positions, reach);
  const worst = wanted.reduce(
    (most, x, i) => Math.max(most, Math.abs(x - (outputs.y as Float32Array)[i]!)),
    0,
  );
  expect(worst).toBeLessThan(1e-5);
});
