import { describe, expect, it } from 'vitest';
import { profileText } from '../../../../main/cli/profile.ts';
import type { ProgramTimes } from '../../../../main/engine/exec/executor.ts';
import { Graph, producer } from '../../../../main/engine/ir/graph.ts';
import { matmul, neg } from '../../../../main/engine/ops/functions.ts';
import { profileOf, traceOf } from '../../../../main/engine/session/step-profile.ts';

const graph = new Graph();
const x = graph.input('x', 'f32', [2, 3]);
const [up, down] = [0, 1].map((layer) =>
  graph.scoped(`model.layers.${layer}.mlp.up_proj`, () => producer(matmul(x, graph.weight('w', [3, 4])))!),
);
const back = graph.scoped("model.layers.1.mlp.up_proj'", () => producer(neg(down!.output))!);

/** A step of 100 ms from `startMs` on, of which the graph takes 80. */
const step = (startMs: number) => ({ startMs, ms: 100, tokens: 50 });
const kernelsAt = (startMs: number): ProgramTimes['kernels'] => [
  ...[up!, down!].map((node, i) => ({
    ...{ startMs: startMs + 10 * i, ms: 6, kernel: 'MatMul', provider: 'CPU', node },
  })),
  { startMs: startMs + 30, ms: 2, kernel: 'Neg', provider: 'CPU', node: back },
  { startMs: startMs + 40, ms: 1, kernel: 'MemcpyToHost', provider: 'CPU', node: null },
];
const STEPS = [step(0), step(200), step(400)];
const PROGRAM: ProgramTimes = {
  // the second step runs its graph twice, and a graph runs between two steps
  runs: [0, 200, 240, 340, 400, 440].map((at) => ({ startMs: at + 5, ms: at === 340 ? 30 : 35 })),
  kernels: [0, 200, 240, 310, 400, 440].flatMap((at) => kernelsAt(at)),
};

describe('profileOf', () => {
  const profile = profileOf(STEPS, [PROGRAM]);

  it('gives means of one step, without the first one and what lies between steps', () => {
    expect(profile).toMatchObject({ steps: 2, stepMs: 100, tokens: 50, graphMs: 70, kernelMs: 30 });
  });

  it('has a row for each operation, place and pass, with what it computes in a step', () => {
    // 2 x 3 by 3 x 4, twice a step; operands of 24 and 48 bytes, a result of 32
    const product = { operation: 'matmul', module: 'mlp.up_proj', pass: 'forward', kernels: ['MatMul'] };
    const cost = { count: 1, ms: 12, flops: 2 * 2 * 24, bytes: 2 * 104 };
    expect(profile.rows).toEqual([
      { ...product, ...cost, layer: 0 },
      { ...product, ...cost, layer: 1 },
      expect.objectContaining({ operation: 'neg', module: 'mlp.up_proj', layer: 1, pass: 'backward', ms: 4 }),
      expect.objectContaining({ operation: '', layer: null, kernels: ['MemcpyToHost'], ms: 2, flops: 0 }),
    ]);
  });

  it.each([
    ['operation', ['matmul', 'neg', 'copies']],
    ['module', ['mlp.up_proj', 'mlp.up_proj', 'copies']],
    ['layer', ['layer', 'layer', 'layer', 'no']],
  ] as const)('is printed by %s', (by, names) => {
    const lines = profileText(profile, by, 'out').split('\n');
    const from = lines.findIndex((line) => line.startsWith(`${by} `)) + 1;
    expect(lines.slice(from, lines.indexOf('', from)).map((line) => line.split(' ')[0])).toEqual(names);
    expect(lines[0]).toBe('Step        0.10 s, 500 tokens/s (mean of 2 steps)');
  });
});

it('the trace has steps, runs and kernels in microseconds', () => {
  const { traceEvents } = traceOf(STEPS, [PROGRAM]);
  const named = (name: string) => traceEvents.filter((event) => event.name === name);
  expect(named('step 2')).toMatchObject([{ ph: 'X', ts: 200_000, dur: 100_000 }]);
  expect(named('graph 1')).toHaveLength(6);
  expect(named('matmul model.layers.0.mlp.up_proj')[0]).toMatchObject({
    ...{ ts: 0, dur: 6000 },
    args: { kernel: 'MatMul', operands: 'f32[2,3] f32[3,4]', result: 'f32[2,4]', flops: 48 },
  });
});
