/** Where a graph of a model's way there can be cut: at the hidden states that one layer hands to the next. */
import { internal } from '../../../common/errors.ts';
import { type Graph, producer, type Value } from '../ir/graph.ts';
import { layerOf } from './turn.ts';

export interface LayerBorders {
  /** What comes into each layer, the lowest first, and at the end what comes out of the last one. */
  readonly hidden: readonly Value[];
  /** What layers read besides and that is made for all of them at once, such as masks. */
  readonly shared: readonly Value[];
}

/**
 * The borders of the layers of `graph`, which has no way back. A hidden state is what depends on `trained` values and comes from outside of the
 * layer; each layer must have one.
 */
export function layerBorders(graph: Graph, trained: Iterable<Value>): LayerBorders {
  const depends = new Set<Value>(trained);
  const into = new Map<number, Set<Value>>();
  const shared = new Set<Value>();
  const out = new Set<Value>();
  for (const { scope, inputs, output } of graph.nodes) {
    if (inputs.some((x) => depends.has(x))) depends.add(output);
    const layer = layerOf(scope);
    for (const x of inputs) {
      const from = producer(x);
      if (!from || layerOf(from.scope) === layer) continue;
      if (layer === null) out.add(x);
      else if (depends.has(x)) into.set(layer, (into.get(layer) ?? new Set()).add(x));
      else shared.add(x);
    }
  }
  const borders = [...into].sort(([a], [b]) => a - b).map(([, values]) => values);
  return { hidden: [...borders, out].map(onlyOne), shared: [...shared] };
}

function onlyOne(values: ReadonlySet<Value>, layer: number): Value {
  const [value] = values;
  if (values.size !== 1 || !value)
    throw internal(`${values.size} values that training changes cross the border before layer ${layer}`);
  return value;
}
