/** Passes change how a graph is computed and not what: outputs of random graphs before and after are compared. */
import { describe, expect, it } from 'vitest';
import { backward } from '../../../../main/engine/autodiff/backward.ts';
import { Graph, type Value } from '../../../../main/engine/ir/graph.ts';
import { sizeOf } from '../../../../main/engine/ir/shape.ts';
import * as ops from '../../../../main/engine/ops/functions.ts';
import { FUSED } from '../../../../main/engine/ops/functions.ts';
import { peaksOf } from '../../../../main/engine/passes/graph-cost.ts';
import { decompose, dedupe, fold, optimise } from '../../../../main/engine/passes/index.ts';
import { recompute } from '../../../../main/engine/passes/recompute.ts';
import { compute, noise } from '../../../helpers/graphs.ts';
import { seeded } from '../../../helpers/random.ts';

const N = 4;
type Step = (pick: () => Value, scalar: () => number) => Value;

/** Steps from [N,N] values to another one; all keep numbers of moderate size. */
const STEPS: readonly Step[] = [
  (x) => ops.add(x(), x()),
  (x) => ops.sub(x(), x()),
  (x, s) => ops.mul(x(), s()),
  (x, s) => ops.add(x(), s()),
  (x) => ops.div(x(), 1),
  (x) => ops.neg(ops.neg(x())),
  (x) => ops.tanh(x()),
  (x) => ops.mul(ops.tanh(x()), x()),
  (x) => ops.silu(x()),
  (x) => ops.gelu(x()),
  (x) => ops.softmax(x()),
  (x) => ops.matmul(ops.tanh(x()), ops.softmax(x()), { transB: true, alpha: 0.5 }),
  (x) => ops.transpose(ops.transpose(x(), [1, 0]), [1, 0]),
  (x) => ops.transpose(x(), [1, 0]),
  (x) => ops.reshape(ops.reshape(x(), [2, 2 * N]), [N, N]),
  (x) => ops.concat([ops.slice(x(), 0, 0, 1), ops.slice(x(), 0, 1, N)], 0),
  (x) => ops.pad(ops.slice(x(), 1, 1, 3), 1, 1, 1),
  (x) => ops.rmsNorm(x(), ops.reduceSum(ops.softmax(x()), [0]), 1e-3),
  (x) => ops.where(ops.lessEqual(x(), x()), x(), x()),
];

function randomGraph(seed: number): Graph {
  const random = seeded(seed);
  const graph = new Graph();
  const known = [
    graph.input('x', 'f32', [N, N]),
    graph.weight('w', [N, N]),
    graph.constant('f32', [N, N], noise(N * N, seed)),
    graph.constant('f32', [N, N], new Float32Array(N * N)),
  ];
  const pick = () => known[Math.floor(random() * known.length)]!;
  const scalar = () => [0, 1, -1, 0.5][Math.floor(random() * 4)]!;
  for (let i = 0; i < 30; i++) known.push(STEPS[Math.floor(random() * STEPS.length)]!(pick, scalar));
  for (const i of [1, 2, 3]) graph.output(`y${i}`, known.at(-i)!);
  graph.output('again', known.at(-1)!);
  return graph;
}

const PASSES: Readonly<Record<string, (graph: Graph) => Graph>> = {
  'decompose everything': (graph) => decompose(graph, new Set()),
  'decompose but softmax': (graph) => decompose(graph, new Set(['softmax'])),
  fold,
  dedupe,
  recompute,
  optimise: (graph) => optimise(graph, new Set(Object.keys(FUSED))),
};

describe.each(Object.entries(PASSES))('%s', (_, pass) => {
  it('keeps the outputs of random graphs', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const graph = randomGraph(seed);
      const data = { x: noise(N * N, 1000 + seed, 2), w: noise(N * N, 2000 + seed) };
      const [before, after] = [compute(graph, data), compute(pass(graph), data)];
      for (const [name, values] of Object.entries(before)) {
        values.forEach((value, i) => {
          expect(after[name]![i]! + 0, `seed ${seed}, ${name}[${i}]`).toBe(value + 0);
        });
      }
    }
  });
});

describe('what passes achieve', () => {
  it('dedupe makes equal nodes one, also over equal scalars', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [2]);
    graph.output('y', ops.add(ops.mul(x, 3), ops.mul(x, 3)));
    graph.output('z', ops.mul(x, -3));
    expect(dedupe(graph).nodes.map(({ op }) => op)).toEqual(['mul', 'add', 'mul']);
  });

  it('fold computes constants and drops what changes nothing', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [2]);
    const two = ops.add(ops.scalar(graph, 1), ops.scalar(graph, 1));
    const same = ops.sub(ops.div(ops.add(x, 0), 1), 0);
    graph.output('y', ops.mul(ops.neg(ops.neg(same)), two));
    const folded = fold(graph);
    expect(folded.nodes.filter(({ output }) => folded.outputs.get('y') === output)).toHaveLength(1);
    expect(compute(folded, { x: [3, -4] }).y).toEqual([6, -8]);
  });

  it('fold keeps the shape that broadcasting by a neutral scalar gives', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [1]);
    graph.output('y', ops.mul(x, graph.constant('f32', [2, 1], Float32Array.of(1, 1))));
    graph.output('z', ops.add(x, graph.constant('f32', [1, 1], Float32Array.of(0))));
    expect([...fold(graph).outputs.values()].map(({ shape }) => shape)).toEqual([
      [2, 1],
      [1, 1],
    ]);
  });

  it('drops nodes that no output needs', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [2]);
    ops.exp(x);
    graph.output('y', ops.neg(x));
    expect(dedupe(graph).nodes.map(({ op }) => op)).toEqual(['neg']);
  });

  it('recompute lowers the peak of normed layers and keeps their gradients to the bit', () => {
    const graph = new Graph();
    const shape = [160, 128];
    const layers = [0, 1, 2, 3];
    const matrices = layers.map((i) => graph.input(`matrix${i}`, 'f32', [128, 128]));
    const norms = layers.map((i) => graph.input(`norm${i}`, 'f32', [128]));
    let x = graph.input('x', 'f32', shape);
    for (const i of layers)
      x = ops.add(x, ops.tanh(ops.matmul(ops.rmsNorm(x, norms[i]!, 1e-6), matrices[i]!)));
    const seed = graph.constant('f32', shape, noise(160 * 128, 1));
    const grads = backward([{ value: x, grad: seed }], [...matrices, ...norms]);
    grads.forEach((grad, i) => {
      graph.output(`grad${i}`, grad!);
    });
    const lean = recompute(graph);
    expect(lean.nodes.length).toBeGreaterThan(graph.nodes.length);
    expect(peaksOf(lean).highest.bytes).toBeLessThan(peaksOf(graph).highest.bytes);
    const data = Object.fromEntries(
      [...graph.inputs].map(([name, value], i) => [name, noise(sizeOf(value.shape), i + 2, 0.2)]),
    );
    expect(compute(lean, data)).toEqual(compute(graph, data));
  });
});
