/** Dropout before the adapters: its rate, and that it is a function of seed and place alone. */
import { describe, expect, it } from 'vitest';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import { linear } from '../../../../main/engine/nn/linear-and-norm.ts';
import { Parameters } from '../../../../main/engine/nn/parameters.ts';
import { EXACT_EXECUTORS } from '../../../helpers/executors.ts';

const [ROWS, WIDTH] = [64, 100];

/** Two adapters whose A is the identity's first rows show what of an x of ones is dropped. */
async function masks(executorName: (typeof EXACT_EXECUTORS)[number], seed: number, dropout = 0.25) {
  const graph = new Graph();
  const p = new Parameters(graph, { kind: 'lora', dropout, adapterOf: () => ({ rank: WIDTH, scale: 1 }) });
  const x = graph.input('x', 'f32', [ROWS, WIDTH]);
  for (const module of ['first', 'second'])
    graph.output(module, linear(p, x, module, { inputs: WIDTH, outputs: WIDTH, bias: false }));
  const executor = await openExecutor(executorName, { threads: 1 });
  const zeros = new Float32Array(WIDTH * WIDTH);
  const program = await executor.compile(graph, { weights: () => ({ kind: 'memory', data: zeros }) });
  const one = Float32Array.from({ length: WIDTH * WIDTH }, (_, i) => (i % (WIDTH + 1) === 0 ? 1 : 0));
  const feeds = Object.fromEntries([...p.trainables.keys()].map((name) => [name, one]));
  const { outputs } = await program.run({
    ...feeds,
    x: new Float32Array(ROWS * WIDTH).fill(1),
    ...(graph.inputs.has('dropoutSeed') && { dropoutSeed: Int32Array.of(seed) }),
  });
  await program.release();
  return { first: [...outputs.first!], second: [...outputs.second!] };
}

describe('dropout', () => {
  it('drops the asked part and keeps the mean', async () => {
    const { first } = await masks('ort', 3);
    const dropped = first.filter((v) => v === 0).length / first.length;
    // 6400 draws: a standard deviation of 0.0054
    expect(Math.abs(dropped - 0.25)).toBeLessThan(0.022);
    for (const value of first.filter((v) => v !== 0)) expect(value).toBeCloseTo(4 / 3, 5);
  });

  it('is the same for a seed on every executor, and another for another seed', async () => {
    const [reference, ...others] = await Promise.all(EXACT_EXECUTORS.map((name) => masks(name, 12345)));
    for (const other of others) expect(other).toEqual(reference);
    expect((await masks('ort', 12346)).first).not.toEqual(reference!.first);
    expect((await masks('ort', 12345)).first).toEqual(reference!.first);
  });

  it('draws anew for each adapter', async () => {
    const { first, second } = await masks('ort', 7);
    const both = first.filter((v, i) => v === 0 && second[i] === 0).length / first.length;
    // independent: 1/16, with a standard deviation of 0.003
    expect(Math.abs(both - 1 / 16)).toBeLessThan(0.0125);
  });

  it('has no seed and drops nothing at rate 0', async () => {
    const { first } = await masks('ort', 7, 0);
    expect(first.every((v) => v === 1)).toBe(true);
  });
});
