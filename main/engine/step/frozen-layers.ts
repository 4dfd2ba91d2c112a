/**
 * A step cut below the lowest layer that is trained: a graph for what the frozen layers put out, and the rest, which is fed that. Numbers
 * are kept in 16 bits, or in 32 where a test compares bits.
 */
import { internal } from '../../../common/errors.ts';
import { type Graph, producer, type Value } from '../ir/graph.ts';
import { mul, widen } from '../ops/functions.ts';
import { layerOf } from '../passes/layer-scopes.ts';
import { pieceOf, rewrite, trimmed } from '../passes/rewrite.ts';
import type { KeptType } from '../tasks/feeds.ts';

/** The name that it has as the output of the frozen layers and as the input of the others. */
export const KEPT = 'kept';

/** A power of two that what is kept in float16 is divided by: some models have values beyond its range of 65,504. */
export const KEPT_UNIT = 64;

/** What frozen layers put out for a micro-batch, float32 [B*T,H]: the graph below the lowest layer that `trained` inputs reach. */
export function frozenPart(graph: Graph, trained: Iterable<string>): Graph {
  const border = borderOf(graph, trained);
  const piece = pieceOf(graph, [border], new Map());
  piece.graph.output(KEPT, piece.at(border));
  return piece.graph;
}

/** `graph`, a step with or without its backward pass, without its frozen layers: it is fed what they put out. */
export function withoutFrozen(graph: Graph, trained: Iterable<string>, type: KeptType): Graph {
  const border = borderOf(graph, trained);
  const above = rewrite(graph, ({ output }, _, copy) => {
    if (output !== border) return null;
    const fed = copy.input(KEPT, type, output.shape);
    return type === 'f16' ? mul(widen(fed), KEPT_UNIT) : fed;
  });
  return trimmed(above);
}

/** The one value of tokens that goes from the frozen layers into the lowest layer that `trained` inputs reach; masks are made for both. */
function borderOf(graph: Graph, trained: Iterable<string>): Value {
  const ofTrained = dependents(graph, trained);
  const ofTokens = dependents(graph, ['tokens']);
  let lowest = Number.POSITIVE_INFINITY;
  for (const { scope, output } of graph.nodes)
    if (ofTrained.has(output)) lowest = Math.min(lowest, layerOf(scope) ?? lowest);
  const crossing = new Set<Value>();
  for (const { scope, inputs } of graph.nodes) {
    const layer = layerOf(scope);
    if (layer === null || layer < lowest) continue;
    for (const x of inputs) if (ofTokens.has(x) && layerIn(x) < lowest) crossing.add(x);
  }
  const [border] = crossing;
  if (!border || crossing.size > 1)
    throw internal(`${crossing.size} values cross the border below layer ${lowest}`);
  return border;
}

/** The inputs of those names, and all that is computed of them. */
function dependents(graph: Graph, names: Iterable<string>): ReadonlySet<Value> {
  const found = new Set<Value>();
  for (const name of names) {
    const input = graph.inputs.get(name);
    if (input) found.add(input);
  }
  for (const { inputs, output } of graph.nodes) if (inputs.some((x) => found.has(x))) found.add(output);
  return found;
}

/** The layer that makes `x`; beyond all of them for what none makes. */
function layerIn(x: Value): number {
  const node = producer(x);
  return (node && layerOf(node.scope)) ?? Number.POSITIVE_INFINITY;
}
