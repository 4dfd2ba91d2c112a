/** The graph of generation: a few new tokens of each row attend to cached keys and values and give the row's logits. */
import { Graph } from '../ir/graph.ts';
import { type Model, modelInputs } from '../models/model.ts';
import { attendCached } from '../nn/attention.ts';
import { attentionMask, oncePerWindow } from '../nn/mask.ts';
import { type Method, Parameters, type Trainable, withoutDropout } from '../nn/parameters.ts';
import { logits } from '../nn/table.ts';
import { concat, gather } from '../ops/functions.ts';

export interface DecodeShape {
  /** Sequences side by side. */
  readonly batch: number;
  /** New tokens of each per run. */
  readonly time: number;
  /** Cached positions of each. */
  readonly capacity: number;
}

/**
 * (tokens, positions, segments [B,T], pastPositions, pastSegments [B,C], pastK.l, pastV.l [B,G,C,D], row [B]) ->
 * (logits [B,V] of the rows `row` of [B*T], k.l, v.l [B,G,T,D]). Empty cache slots have segment -1.
 */
export function decodeStep(
  model: Model,
  method: Method,
  { batch, time, capacity }: DecodeShape,
): { graph: Graph; trainables: readonly Trainable[] } {
  const graph = new Graph();
  const p = new Parameters(graph, withoutDropout(method));
  const inputs = modelInputs(graph, model, batch, time);
  const ints = (name: string, size: number) => graph.input(name, 'i32', [batch, size]);
  const queries = { positions: inputs.positions, segments: ints('segments', time) };
  const keys = {
    positions: concat([ints('pastPositions', capacity), queries.positions], 1),
    segments: concat([ints('pastSegments', capacity), queries.segments], 1),
  };
  const maskFor = oncePerWindow((window) => attentionMask(queries, keys, window));
  const hidden = model.hidden(p, inputs, attendCached(maskFor, capacity));
  graph.output('logits', logits(gather(hidden, graph.input('row', 'i32', [batch])), model.head(p)));
  return { graph, trainables: [...p.trainables.values()] };
}
