/** The graph of generation: a few new tokens attend to cached keys and values and give logits for the last of them. */
import { Graph } from '../ir/graph.ts';
import { type Model, modelInputs } from '../models/model.ts';
import { attendCached } from '../nn/attention.ts';
import { attentionMask, oncePerWindow } from '../nn/mask.ts';
import { type Method, Parameters, type Trainable, withoutDropout } from '../nn/parameters.ts';
import { concat, gather, matmul } from '../ops/functions.ts';

export interface DecodeShape {
  /** New tokens per run. */
  readonly time: number;
  /** Cached positions. */
  readonly capacity: number;
}

/**
 * (tokens, positions, segments [1,T], pastPositions, pastSegments [1,C], pastK.l, pastV.l [1,G,C,D], row [1]) ->
 * (logits [1,V] of row `row`, k.l, v.l [1,G,T,D]). Empty cache slots have segment -1.
 */
export function decodeStep(
  model: Model,
  method: Method,
  { time, capacity }: DecodeShape,
): { graph: Graph; trainables: readonly Trainable[] } {
  const graph = new Graph();
  const p = new Parameters(graph, withoutDropout(method));
  const inputs = modelInputs(graph, model, 1, time);
  const ints = (name: string, size: number) => graph.input(name, 'i32', [1, size]);
  const queries = { positions: inputs.positions, segments: ints('segments', time) };
  const keys = {
    positions: concat([ints('pastPositions', capacity), queries.positions], 1),
    segments: concat([ints('pastSegments', capacity), queries.segments], 1),
  };
  const maskFor = oncePerWindow((window) => attentionMask(queries, keys, window));
  const hidden = model.hidden(p, inputs, attendCached(maskFor, capacity));
  graph.output(
    'logits',
    matmul(gather(hidden, graph.input('row', 'i32', [1])), model.head(p), { transB: true }),
  );
  return { graph, trainables: [...p.trainables.values()] };
}
