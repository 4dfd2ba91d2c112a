import { describe, expect, it } from 'vitest';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import { add, exp, matmul, reduceSum, reshape, transpose } from '../../../../main/engine/ops/functions.ts';
import { workOf } from '../../../../main/engine/pricing/graph-figures.ts';

describe('the work of a graph', () => {
  it('counts products by shape, and the same one several times', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [2, 8, 16]);
    const [a, b] = ['a', 'b'].map((name) => graph.input(name, 'f32', [16, 4]));
    graph.output('y', add(matmul(x, a!), matmul(x, b!)));
    const { products } = workOf(graph);
    // a matrix for all rows is one product of all of them
    expect(products).toEqual([{ batch: 1, rows: 16, inner: 16, columns: 4, count: 2 }]);
  });

  it('tells what goes in steps from what goes straight, and counts all that a sum reads', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [32, 64]);
    const bytes = 4 * 32 * 64;
    graph.output('turned', transpose(add(x, x), [1, 0]));
    graph.output('sum', reduceSum(reshape(x, [2048]), [0]));
    const { moved, nodes, exponentials } = workOf(graph);
    expect(moved).toEqual([
      { operandBytes: bytes, bytes: 3 * bytes + bytes + 4 },
      { operandBytes: bytes, bytes: 2 * bytes, strided: true },
    ]);
    expect([nodes, exponentials]).toEqual([4, 0]);
  });

  it('counts what is handed over', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [10]);
    graph.output('e', exp(x));
    graph.output('d', add(x, x));
    expect(workOf(graph)).toMatchObject({ outputBytes: 80, runs: 1, exponentials: 10 });
  });
});
