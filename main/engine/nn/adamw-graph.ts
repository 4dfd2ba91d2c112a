/**
 * Clipped AdamW as graphs, for state that lives on a device: one graph gives the norm of all gradients, others update a few
 * parameters each, so that only a few have their old and their new values side by side. The loops over arrays in this process'
 * memory are in adamw.ts; both compute the same formulas, these in float32.
 */
import { Graph, type Value } from '../ir/graph.ts';
import {
  add,
  concat,
  div,
  equal,
  mul,
  reduceSum,
  reshape,
  scalar,
  sqrt,
  sub,
  where,
} from '../ops/functions.ts';
import { isDecayed, type Trainable } from './parameters.ts';

type Updated = Pick<Trainable, 'name' | 'shape' | 'kind'>;

/** Inputs of an update besides the tensors, each one number: see `UpdateScalars` in adamw.ts; `step` is rate x unbias1. */
export const UPDATE_INPUTS = [
  'scale',
  'step',
  'shrinkDecayed',
  'shrinkOther',
  'pull',
  'beta1',
  'rest1',
  'beta2',
  'rest2',
  'eps',
  'unbias2',
] as const;
export type UpdateInput = (typeof UPDATE_INPUTS)[number];

/** (`grad.<name>` of all) -> `squares` [P]: the sum of the squares of each parameter's gradient. */
export function squaresGraph(trainables: readonly Updated[]): Graph {
  const graph = new Graph();
  const sums = trainables.map(({ name, shape }) => {
    const grad = graph.input(`grad.${name}`, 'f32', shape);
    // axis by axis from the last: sums of sums lose less than one long sum
    const sum = shape.reduceRight((x, _, axis) => reduceSum(x, [axis]), mul(grad, grad));
    return reshape(sum, [1]);
  });
  graph.output('squares', sums.length === 1 ? sums[0]! : concat(sums, 0));
  return graph;
}

/**
 * (`<name>`, `grad.<name>`, `m.<name>`, `v.<name>`, with an anchor `anchor.<name>`, numbers) -> the same, updated; gradients become zero.
 * The formula is that of `adamw` in adamw.ts.
 */
export function updateGraph(trainables: readonly Updated[], isAnchored: boolean): Graph {
  const graph = new Graph();
  const numbers = Object.fromEntries(UPDATE_INPUTS.map((name) => [name, graph.input(name, 'f32', [])]));
  const of = numbers as Record<UpdateInput, Value>;
  // never true; it keeps the zeros from being computed beforehand
  const isKept = equal(of.scale, scalar(graph, -1));
  for (const { name, shape, kind } of trainables) {
    const tensor = (prefix: string) => graph.input(`${prefix}${name}`, 'f32', shape);
    const [param, grad, m, v] = [tensor(''), tensor('grad.'), tensor('m.'), tensor('v.')];
    const g = mul(grad, of.scale);
    const nextM = add(mul(m, of.beta1), mul(g, of.rest1));
    const nextV = add(mul(v, of.beta2), mul(mul(g, g), of.rest2));
    const change = div(mul(nextM, of.step), add(mul(sqrt(nextV), of.unbias2), of.eps));
    const moved = sub(mul(param, isDecayed(kind) ? of.shrinkDecayed : of.shrinkOther), change);
    graph.output(name, isAnchored ? add(moved, mul(tensor('anchor.'), of.pull)) : moved);
    graph.output(`m.${name}`, nextM);
    graph.output(`v.${name}`, nextV);
    graph.output(`grad.${name}`, where(isKept, grad, scalar(graph, 0)));
  }
  return graph;
}
