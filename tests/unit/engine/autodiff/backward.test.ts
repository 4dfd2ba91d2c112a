/** The backward pass as a graph: what it computes, and above all what it leaves alone. */
import { describe, expect, it } from 'vitest';
import { backward } from '../../../../main/engine/autodiff/backward.ts';
import { Graph, type Node } from '../../../../main/engine/ir/graph.ts';
import type { Method } from '../../../../main/engine/nn/parameters.ts';
import { add, gelu, mul, reduceSum, sub } from '../../../../main/engine/ops/functions.ts';
import { gradientStep } from '../../../../main/engine/step/step-graphs.ts';
import { compute, tinyModel } from '../../../helpers/graphs.ts';

function loraOn(modules: RegExp): Method {
  return {
    kind: 'lora',
    dropout: 0,
    adapterOf: (module) => (modules.test(module) ? { rank: 3, scale: 1 } : null),
  };
}

/** Nodes that the backward pass appended: their scope is marked with a prime. */
function backwardNodes(method: Method): Node[] {
  const { model } = tinyModel({ num_hidden_layers: 3 });
  const { graph } = gradientStep(model, method, { batch: 1, time: 6, labels: 4 });
  return graph.nodes.filter((node) => node.scope.includes("'"));
}

describe('the gradient step', () => {
  it('computes nothing below the lowest trained layer', () => {
    const nodes = backwardNodes(loraOn(/layers\.1\..*v_proj/));
    expect(nodes.length).toBeGreaterThan(0);
    const layers = new Set(nodes.map(({ scope }) => /layers\.(\d+)/.exec(scope)?.[1]));
    expect(layers).toEqual(new Set(['1', '2', undefined]));
    // in the lowest trained layer only the way to the adapter is walked, not that to q, k and the norm before them
    const lowest = nodes.map(({ scope }) => scope).filter((scope) => scope.includes('layers.1.'));
    expect(lowest.some((scope) => /input_layernorm|q_proj|k_proj/.test(scope))).toBe(false);
  });

  it('has one way back through each layer for an adapter in every layer', () => {
    const count = (method: Method) => backwardNodes(method).filter(({ op }) => op === 'matmul').length;
    const [lowest, highest] = [count(loraOn(/layers\.0\..*v_proj/)), count(loraOn(/layers\.2\..*v_proj/))];
    // two further layers: 7 linear layers and the attention's 5 products less its forward recomputation
    expect(lowest).toBeGreaterThan(highest + 2 * 7);
  });

  it('makes no gradient by a frozen weight', () => {
    const { model, weights } = tinyModel({ num_hidden_layers: 3, hidden_size: 20, head_dim: 6 });
    const { graph, trainables } = gradientStep(model, loraOn(/proj/), { batch: 1, time: 7, labels: 5 });
    expect(trainables).toHaveLength(3 * 7 * 2);
    const shapes = new Set([...graph.weights.values()].map(({ shape }) => shape.join()));
    expect(graph.weights.size).toBe(weights.size);
    const made = graph.nodes.filter(({ output }) => shapes.has(output.shape.join()));
    expect(made.map(({ op, scope }) => `${scope} ${op}`)).toEqual([]);
  });

  it('gives a gradient by every parameter when all are trained', () => {
    const { model, weights } = tinyModel();
    const { graph, trainables } = gradientStep(model, { kind: 'full' }, { batch: 1, time: 6, labels: 4 });
    expect(new Set(trainables.map(({ name }) => name))).toEqual(new Set(weights.keys()));
    for (const { name, shape } of trainables) expect(graph.outputs.get(`grad.${name}`)!.shape).toEqual(shape);
    expect(graph.weights.size).toBe(0);
  });
});

describe('backward', () => {
  it('adds up the gradients of all uses', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [3]);
    const y = add(mul(x, x), sub(x, mul(x, 3)));
    const [grad] = backward([{ value: y, grad: graph.constant('f32', [3], Float32Array.of(1, 1, 2)) }], [x]);
    graph.output('dx', grad!);
    // d(x^2 - 2x) = 2x - 2
    expect(compute(graph, { x: [1, 2, -3] }).dx).toEqual([0, 2, -16]);
  });

  it('knows values that the loss does not depend on', () => {
    const graph = new Graph();
    const [x, y] = [graph.input('x', 'f32', [2]), graph.input('y', 'f32', [2])];
    const loss = reduceSum(mul(x, 2), [0]);
    expect(backward([{ value: loss, grad: graph.constant('f32', [], Float32Array.of(1)) }], [y])).toEqual([
      null,
    ]);
  });

  it('goes through decompositions where there is no rule', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [1]);
    const y = gelu(x);
    graph.output(
      'dx',
      backward([{ value: y, grad: graph.constant('f32', [1], Float32Array.of(1)) }], [x])[0]!,
    );
    const at = 0.7;
    const normal = Math.exp(-(at ** 2) / 2) / Math.sqrt(2 * Math.PI);
    expect(compute(graph, { x: [at] }, true).dx![0]).toBeCloseTo(0.7580363477769269 + at * normal, 7);
  });

  it('refuses a seed whose gradient has another shape', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [2]);
    const seed = { value: mul(x, 2), grad: graph.constant('f32', [1], Float32Array.of(1)) };
    expect(() => backward([seed], [x])).toThrow('a gradient of shape [1] for a value of shape [2]');
    expect(() => backward([], [x])).toThrow('needs a seed');
  });
});
