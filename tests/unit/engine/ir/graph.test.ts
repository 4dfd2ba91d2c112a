/** Building and printing graphs. */
import { describe, expect, it } from 'vitest';
import { bytesOf, Graph, printGraph, describe as text } from '../../../../main/engine/ir/graph.ts';
import { broadcastShapes } from '../../../../main/engine/ir/shape.ts';
import { add, matmul, mul, reduceSum, softmax } from '../../../../main/engine/ops/functions.ts';

describe('a graph', () => {
  it('refuses data that does not fill the shape', () => {
    expect(() => new Graph().constant('f32', [2, 3], new Float32Array(5))).toThrow(
      '5 elements for shape 2,3',
    );
  });

  it('keeps names of inputs and outputs unique', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [2]);
    expect(() => graph.input('x', 'f32', [3])).toThrow('input x is declared twice');
    graph.output('y', x);
    expect(() => graph.output('y', x)).toThrow('output y is declared twice');
  });

  it('gives a weight that is asked for twice once', () => {
    const graph = new Graph();
    expect(graph.weight('w', [2])).toBe(graph.weight('w', [2]));
    expect(graph.weights.size).toBe(1);
  });

  it('takes no operands or outputs of another graph', () => {
    const [a, b] = [new Graph(), new Graph()];
    const [x, y] = [a.input('x', 'f32', [2]), b.input('y', 'f32', [2])];
    expect(() => add(x, y)).toThrow('add: operand y f32[2] belongs to another graph');
    expect(() => a.output('z', y)).toThrow('output z belongs to another graph');
  });

  it('leaves a scope when building in it fails', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [2]);
    expect(() =>
      graph.scoped('broken', () => {
        throw new Error('no');
      }),
    ).toThrow('no');
    mul(x, 2);
    expect(graph.nodes.at(-1)!.scope).toBe('');
  });

  it('describes values for messages', () => {
    const graph = new Graph();
    const x = graph.input('x', 'i32', [2, 3]);
    const y = mul(graph.weight('w', [4]), 2);
    expect(text(x)).toBe('x i32[2,3]');
    expect(text(y)).toBe(`%${y.id} f32[4] from mul`);
    expect(bytesOf(x)).toBe(24);
  });
});

it('broadcasts shapes as NumPy does', () => {
  expect(broadcastShapes([2, 1, 4], [3, 1])).toEqual([2, 3, 4]);
  expect(broadcastShapes([], [5])).toEqual([5]);
  expect(broadcastShapes([2, 3], [3, 2])).toBeNull();
});

it('prints a graph in SSA form with scopes', () => {
  const graph = new Graph();
  const x = graph.input('x', 'f32', [4, 8]);
  const hidden = graph.scoped('layer', () =>
    graph.scoped('linear', () => matmul(x, graph.weight('w', [3, 8]), { transB: true })),
  );
  const scaled = graph.scoped('loss', () => softmax(mul(hidden, 0.5)));
  graph.output('p', scaled);
  graph.output('sum', reduceSum(scaled, [-1]));
  expect(printGraph(graph)).toMatchInlineSnapshot(`
    "input  x: f32[4,8]
    weight w: f32[3,8]
    # layer.linear
      %2: f32[4,3] = matmul(x, w, transA=false, transB=true, alpha=1)
    # loss
      %4: f32[4,3] = mul(%2, 0.5)
      %5: f32[4,3] = softmax(%4)
    # 
      %6: f32[4] = reduceSum(%5, axes=[1], keepDims=false)
    output p = %5: f32[4,3]
    output sum = %6: f32[4]
    "
  `);
});
