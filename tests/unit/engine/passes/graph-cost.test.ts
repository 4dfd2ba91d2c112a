/** Cost, memory and order of graphs small enough to count by hand. */
import { describe, expect, it } from 'vitest';
import { batchFromArrays } from '../../../../main/engine/data/batches/batch.ts';
import type { ProgramTimes, TimedKernel } from '../../../../main/engine/exec/executor.ts';
import { NATIVE_FUSED } from '../../../../main/engine/exec/onnx/lower.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { Graph, type Node } from '../../../../main/engine/ir/graph.ts';
import { exp, matmul, mul, neg, reshape, silu } from '../../../../main/engine/ops/functions.ts';
import { costOfNode, flopsOf, peaksOf, weightBytesOf } from '../../../../main/engine/passes/graph-cost.ts';
import { optimise } from '../../../../main/engine/passes/index.ts';
import { scheduled } from '../../../../main/engine/passes/schedule.ts';
import { gradientStep } from '../../../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../../../main/engine/tasks/feeds.ts';
import { tinyModel } from '../../../helpers/graphs.ts';

/** Operations that onnxruntime computes by several nodes: the one that gives the result. */
const LAST_NODES: Readonly<Record<string, readonly string[]>> = {
  rope: ['RotaryEmbedding'],
  scatterAdd: ['ScatterElements', 'ScatterND'],
};

describe('peaksOf', () => {
  it('counts what is alive at once', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [100]); // 400 bytes, counted apart
    const a = neg(x); // a
    const b = exp(a); // a b
    const c = mul(a, b); // a b c: the peak
    const d = neg(c); // c d
    graph.output('d', d);
    const { highest } = peaksOf(graph);
    expect(highest.bytes).toBe(1200);
    expect(highest.node!.op).toBe('mul');
  });

  it('keeps outputs to the end, unless they are written into memory from outside', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [100]);
    const first = neg(x);
    graph.output('first', first);
    graph.output('last', neg(neg(exp(x))));
    expect(peaksOf(graph).highest.bytes).toBe(1200);
    expect(peaksOf(graph, new Set(['first'])).highest.bytes).toBe(800);
  });

  it('takes a reshape for a view of its operand', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [10, 10]);
    const a = neg(x);
    graph.output('y', neg(reshape(a, [100])));
    expect(peaksOf(graph).highest.bytes).toBe(800);
  });

  it('says what the loss has of the peak, and leaves weights out', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [10]);
    const a = graph.scoped('small', () => neg(x));
    const w = graph.weight('w', [10, 90]);
    const b = graph.scoped('loss.inner', () => matmul(reshape(a, [1, 10]), w));
    graph.output('y', b);
    graph.output('a', a);
    expect(peaksOf(graph).highest).toMatchObject({ bytes: 400, lossBytes: 360 });
    expect(weightBytesOf(graph)).toBe(3600);
  });
});

describe('costOfNode', () => {
  const costs = (graph: Graph) => new Map(graph.nodes.map((node) => [node.op, costOfNode(node)]));

  it('counts operations and bytes', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [5, 8]);
    const y = matmul(x, graph.weight('w', [3, 8]), { transB: true }); // 2 * 5 * 3 * 8
    graph.output('z', silu(reshape(y, [15])));
    expect(Object.fromEntries(costs(graph))).toEqual({
      matmul: { flops: 240, bytes: 4 * (40 + 24 + 15) },
      reshape: { flops: 0, bytes: 0 },
      silu: { flops: 150, bytes: 120 },
    });
    expect(flopsOf(graph)).toBe(390);
  });

  it('counts the products of attention', () => {
    const { model } = tinyModel({ num_hidden_layers: 1 });
    const { graph } = gradientStep(model, { kind: 'full' }, { batch: 1, time: 8, labels: 1 });
    // q k^T and p v: 2 * (heads 4) * 8 * 8 * (head width 4), each
    expect(costs(graph).get('attention')!.flops).toBe(2 * (2 * 4 * 8 * 8 * 4));
  });
});

it.each([
  ['none', 0],
  ['block', 0.1],
] as const)(
  'onnxruntime computes in the order that the schedule predicts: %s',
  async (recompute, dropout) => {
    const { model, source } = tinyModel({ num_hidden_layers: 3 });
    const adapterOf = () => ({ rank: 2, scale: 1 });
    const { graph } = gradientStep(
      model,
      { kind: 'lora', dropout, adapterOf },
      { batch: 1, time: 6, labels: 5 },
      recompute,
    );
    const tokens = Int32Array.of(3, 1, 4, 1, 5, 9);
    const batch = batchFromArrays({ rowCount: 1, rowLength: 6, tokens, labels: tokens });
    const feeds: Record<string, Float32Array | Int32Array> = {
      ...(batchFeeds(model, batch) as Record<string, Float32Array | Int32Array>),
      ...(dropout > 0 && { dropoutSeed: Int32Array.of(1) }),
    };
    for (const [name, { shape }] of graph.inputs)
      feeds[name] ??= new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.1);
    const kernels: TimedKernel[] = [];
    const profile = (times: ProgramTimes) => void kernels.push(...times.kernels);
    const executor = await openExecutor('ort', { threads: 1, profile });
    const program = await executor.compile(graph, { weights: source });
    await program.run(feeds);
    await program.release();
    const nameOf = ({ scope, op }: Node) => `${scope}/${op}`;
    const ran = kernels
      .filter(({ node, kernel }) => node && (LAST_NODES[node.op]?.includes(kernel) ?? true))
      .map(({ node }) => nameOf(node!));
    const planned = scheduled(optimise(graph, NATIVE_FUSED)).map(nameOf);
    const collapse = (names: readonly string[]) => names.filter((name, i) => name !== names[i - 1]);
    const shown = new Set(ran);
    expect(ran.length).toBeGreaterThan(100);
    expect(collapse(ran)).toEqual(collapse(planned.filter((name) => shown.has(name))));
  },
);
