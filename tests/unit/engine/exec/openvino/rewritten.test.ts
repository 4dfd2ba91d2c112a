/** What OpenVINO's executor makes of a graph: weights in bfloat16 that are fed, and sums of products in one. */
import { describe, expect, it } from 'vitest';
import { withHalfWeights, withOneSum } from '../../../../../main/engine/exec/openvino/rewritten.ts';
import { createReferenceExecutor } from '../../../../../main/engine/exec/reference/reference-executor.ts';
import { Graph } from '../../../../../main/engine/ir/graph.ts';
import { add, gather, matmul, mul } from '../../../../../main/engine/ops/functions.ts';

const [ROWS, INNER, RANK, OUTPUTS] = [3, 4, 2, 5];

/** x W^T + bias + 2 y B^T, and the same without a bias the other way round. */
function layer(): Graph {
  const graph = new Graph();
  const x = graph.input('x', 'f32', [ROWS, INNER]);
  const y = graph.input('y', 'f32', [ROWS, RANK]);
  const b = graph.input('b', 'f32', [OUTPUTS, RANK]);
  const weight = graph.weight('w', [OUTPUTS, INNER]);
  const low = matmul(y, b, { transB: true, alpha: 2 });
  graph.output(
    'forward',
    add(add(matmul(x, weight, { transB: true }), graph.input('bias', 'f32', [OUTPUTS])), low),
  );
  const back = graph.input('back', 'f32', [ROWS, OUTPUTS]);
  graph.output('backward', add(matmul(back, weight), matmul(y, graph.input('a', 'f32', [RANK, INNER]))));
  return graph;
}

const numbers = (count: number, scale = 1) =>
  Float32Array.from({ length: count }, (_, i) => scale * Math.sin(i + scale));

async function computed(graph: Graph) {
  const program = await createReferenceExecutor().compile(graph, {
    weights: () => ({ kind: 'memory', data: numbers(OUTPUTS * INNER) }),
  });
  const feeds = Object.fromEntries(
    [...graph.inputs].map(([name, { shape }], i) => [
      name,
      numbers(
        shape.reduce((a, b) => a * b, 1),
        1 + i / 7,
      ),
    ]),
  );
  return (await program.run(feeds)).outputs;
}

describe('a sum of two products', () => {
  it('is one product, and computes the same', async () => {
    const [before, after] = [layer(), withOneSum(layer())];
    const ops = (graph: Graph) =>
      graph.nodes.map(({ op }) => op).filter((op) => op === 'matmul' || op === 'add');
    expect(ops(before).toSorted()).toEqual(['add', 'add', 'add', 'matmul', 'matmul', 'matmul', 'matmul']);
    expect(ops(after).toSorted()).toEqual(['add', 'matmul', 'matmul']);
    const [wanted, got] = [await computed(before), await computed(after)];
    for (const name of ['forward', 'backward'])
      for (const [i, value] of [...got[name]!].entries()) expect(value).toBeCloseTo(wanted[name]![i]!, 5);
  });

  it('stays where a product is read elsewhere, too', () => {
    const graph = new Graph();
    const [x, w] = [graph.input('x', 'f32', [2, 2]), graph.weight('w', [2, 2])];
    const product = matmul(x, w);
    graph.output('sum', add(product, matmul(mul(x, 2), w)));
    graph.output('product', product);
    expect(withOneSum(graph).nodes.filter(({ op }) => op === 'matmul')).toHaveLength(2);
  });
});

describe('frozen weights', () => {
  it('are read in bfloat16 where they are matrices of products and lookups', () => {
    const graph = new Graph();
    const table = graph.weight('table', [8, INNER]);
    const rows = gather(table, graph.input('ids', 'i32', [ROWS]));
    graph.output('y', matmul(mul(rows, graph.weight('norm', [INNER])), table, { transB: true }));
    const { weights } = withHalfWeights(graph);
    expect([...weights].map(([name, { dtype }]) => [name, dtype])).toEqual([
      ['table:bf16', 'bf16'],
      ['norm', 'f32'],
    ]);
  });

  it('keep the scales of their codes in float32', () => {
    const graph = new Graph();
    const scales = graph.weight('scales', [2, 1, 1]);
    graph.output('y', mul(scales, 2));
    expect([...withHalfWeights(graph).weights.keys()]).toEqual(['scales']);
  });
});
