/**
 * Reverse-mode differentiation from graph to graph: walks the nodes backwards from the seeds and appends each one's
 * gradient rule. Only nodes between a wanted value and a seed are touched, so nothing is computed below the lowest
 * trained layer and nothing for frozen weights.
 */
import { internal } from '../../../common/errors.ts';
import { type Graph, type Node, producer, type Value } from '../ir/graph.ts';
import { sameShape } from '../ir/shape.ts';
import type { OpDef } from '../ops/define.ts';
import { add, opOf } from '../ops/functions.ts';

/** A value with the gradient of the loss by it, known from outside. */
export interface Seed {
  readonly value: Value;
  readonly grad: Value;
}

/** Gradients of the seeded loss by each of `wanted` (any values of the graph); null where the loss does not depend on it. */
export function backward(seeds: readonly Seed[], wanted: readonly Value[]): (Value | null)[] {
  const graph = seeds[0]?.value.graph;
  if (!graph) throw internal('backward needs a seed');
  return differentiate(graph, 0, seeds, wanted);
}

function differentiate(
  graph: Graph,
  from: number,
  seeds: readonly Seed[],
  wanted: readonly Value[],
): (Value | null)[] {
  const nodes = graph.nodes.slice(from);
  const stops = new Set(wanted);
  const active = dependents(nodes, stops);
  const grads = new Map<Value, Value>();
  for (const { value, grad } of seeds) accumulate(grads, value, grad);
  for (const node of nodes.reverse()) {
    const grad = grads.get(node.output);
    if (!grad || !active.has(node.output) || stops.has(node.output)) continue;
    const needs = node.inputs.map((x) => active.has(x));
    const inputGrads = graph.scoped(`${node.scope}'`, () => gradientsOf(node, grad, needs));
    node.inputs.forEach((x, i) => {
      const g = inputGrads[i];
      if (g && needs[i]) accumulate(grads, x, g);
    });
    grads.delete(node.output);
  }
  return wanted.map((value) => grads.get(value) ?? null);
}

/** The wanted values and all that is computed from them. */
function dependents(nodes: readonly Node[], wanted: ReadonlySet<Value>): ReadonlySet<Value> {
  const active = new Set(wanted);
  for (const node of nodes) if (node.inputs.some((x) => active.has(x))) active.add(node.output);
  return active;
}

function gradientsOf(node: Node, grad: Value, needs: readonly boolean[]): (Value | null)[] {
  const def: OpDef = opOf(node.op);
  if (def.vjp === 'none') return node.inputs.map(() => null);
  if (def.vjp === 'decompose') return throughDecomposition(def, node, grad, needs);
  return def.vjp({ inputs: node.inputs, attrs: node.attrs, output: node.output, grad, needs });
}

/** Differentiates an operation that has no rule of its own by building its decomposition and going through that. */
function throughDecomposition(
  def: OpDef,
  node: Node,
  grad: Value,
  needs: readonly boolean[],
): (Value | null)[] {
  const { graph } = node.output;
  const from = graph.nodes.length;
  const value = def.decompose!(node.inputs, node.attrs);
  if (!producer(value)) throw internal(`${node.op} decomposes into nothing`);
  const wanted = [...new Set(node.inputs.filter((_, i) => needs[i]))];
  const found = differentiate(graph, from, [{ value, grad }], wanted);
  // an operand that occurs twice has its whole gradient at its first place
  return node.inputs.map((x, i) =>
    needs[i] && node.inputs.indexOf(x) === i ? (found[wanted.indexOf(x)] ?? null) : null,
  );
}

function accumulate(grads: Map<Value, Value>, value: Value, grad: Value): void {
  if (!sameShape(value.shape, grad.shape))
    throw internal(`a gradient of shape [${grad.shape}] for a value of shape [${value.shape}]`);
  const known = grads.get(value);
  grads.set(value, known ? add(known, grad) : grad);
}
