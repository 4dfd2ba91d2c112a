/** The graph that advances sequences side by side by some tokens, beside what is remembered of those before. */
import { Graph } from '../ir/graph.ts';
import { sizeOfAll } from '../ir/shape.ts';
import { type Model, modelInputs } from '../models/model.ts';
import { attendCached, attentionMask, type Memory, oncePerWindow } from '../nn/attention.ts';
import { recurCached } from '../nn/gated-delta.ts';
import { headLoss } from '../nn/loss.ts';
import { convolveCached } from '../nn/mixing.ts';
import { type Method, Parameters, withoutDropout } from '../nn/parameters.ts';
import { logits } from '../nn/table.ts';
import { broadcastTo, concat, gather, scalar } from '../ops/functions.ts';

/** The segment of tokens of a sequence. */
export const REAL = 0;
/** Segment of cache places that hold nothing, and of tokens that are padding: no query sees either. */
export const EMPTY = -1;
export const PADDING = -2;

interface DecodeShape {
  readonly batch: number;
  /** New tokens of each per run. */
  readonly time: number;
  /** Cached positions of each. */
  readonly capacity: number;
  /** Followers of each that are scored. */
  readonly followerCount: number;
}

/** What `model` remembers of one sequence of at most `capacity` tokens. */
export function memoriesOf(model: Model, capacity: number): readonly Memory[] {
  return decodeStep(
    model,
    { kind: 'frozen' },
    { batch: 1, time: 1, capacity: Math.max(1, capacity), followerCount: 0 },
  ).memories;
}

/** Bytes of what `model` remembers of one sequence of at most `capacity` tokens. */
export function memoryBytes(model: Model, capacity: number): number {
  return 4 * sizeOfAll(memoriesOf(model, capacity));
}

/**
 * (tokens, positions, segments [B,T], pastPositions, pastSegments [B,C], row [B], memories [B, ...]) -> (logits [B,V], what is new of the
 * memories); where F followers a slot are scored also (followed, followers [B * F]) -> nll [B * F]. Empty cache slots have segment -1.
 */
export function decodeStep(
  model: Model,
  method: Method,
  { batch, time, capacity, followerCount }: DecodeShape,
): { graph: Graph; memories: readonly Memory[] } {
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
  const memories: Memory[] = [];
  const remember = (memory: Memory) => void memories.push(memory);
  const mixing = {
    attend: attendCached(maskFor, capacity, remember),
    convolve: convolveCached(remember),
    recur: recurCached(queries.segments, REAL, remember),
  };
  const hidden = model.hidden(p, inputs, mixing);
  const table = model.head(p);
  graph.output('logits', logits(gather(hidden, graph.input('row', 'i32', [batch])), table));
  if (followerCount > 0) {
    const { rows: head, added, cap } = table;
    const scored = {
      hidden: gather(hidden, graph.input('followed', 'i32', [batch * followerCount])),
      targets: graph.input('followers', 'i32', [batch * followerCount]),
      // nothing is trained: no weight counts
      weights: broadcastTo(scalar(graph, 1), [batch * followerCount]),
    };
    graph.output('nll', headLoss({ ...scored, head, added, cap }, { hidden: false, head: false }).nll);
  }
  return { graph, memories };
}
