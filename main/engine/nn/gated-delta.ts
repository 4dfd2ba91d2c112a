/**
 * The gated delta rule (Yang et al. 2024, arXiv 2412.06464): S decays, then learns what it does not foretell of v at k, and is read at q.
 * In chunks: what tokens of a chunk do to each other is solved by a triangular inverse, and a state goes from chunk to chunk.
 */
import type { Graph, Value } from '../ir/graph.ts';
import {
  add,
  and,
  cast,
  equal,
  exp,
  lessEqual,
  linearScan,
  matmul,
  mul,
  pad,
  reduceSum,
  reshape,
  scalar,
  slice,
  sub,
  unitLowerInverse,
  where,
} from '../ops/functions.ts';
import { HIDDEN, type Remember } from './attention.ts';

/** q and k [B,H,T,D], v [B,H,T,V]; logarithms of the decay (at most 0) and rates of learning, [B,H,T]. */
export interface DeltaInputs {
  readonly q: Value;
  readonly k: Value;
  readonly v: Value;
  readonly decay: Value;
  readonly rate: Value;
}

/**
 * In layer `layer`, from S = 0 [D,V] at a segment's start: S = exp(decay) S; S += k (rate (v - k^T S))^T; o = q^T S. Gives o [B,H,T,V].
 */
export type Recur = (layer: number, inputs: DeltaInputs) => Value;

/** Tokens of a chunk: their products with each other grow with it, the number of states falls. */
const CHUNK = 64;

/** What a token may see: of its chunk, [B,1,N,C,C], -1e30 where it may not; and 1 where the chunk's first state reaches it, [B,1,N,C,1]. */
interface Reach {
  readonly mask: Value;
  readonly carried: Value | null;
}

/** Among the tokens of a batch, `most` in a chunk; `segments` int32 [B,T]. */
export function recurWithin(segments: Value, most = CHUNK): Recur {
  const time = segments.shape[1]!;
  const chunk = Math.min(most, time);
  const chunks = Math.ceil(time / chunk);
  let known: Reach | null = null;
  return (_layer, inputs) => {
    known ??= segments.graph.scoped('mask', () => reachIn(segments, chunks, chunk));
    const parts = inChunks(inputs, chunks, chunk, known);
    return slice(outputs(parts, chunks === 1 ? null : statesOf(parts)), 2, 0, time);
  };
}

/**
 * With the state of the tokens before, input `pastState.<layer>`; output `state.<layer>` tells the next. Tokens whose segment [B,T] is not
 * `real` are padding and leave it as it is.
 */
export function recurCached(segments: Value, real: number, remember: Remember): Recur {
  const { graph } = segments;
  const [batch, time] = segments.shape as [number, number];
  let known: Value | null = null;
  const isReal = () =>
    cast(equal(reshape(segments, [batch, 1, time]), graph.constant('i32', [], Int32Array.of(real))), 'f32');
  return (layer, { q, k, v, decay, rate }) => {
    known ??= isReal();
    const memory = {
      past: `pastState.${layer}`,
      fresh: `state.${layer}`,
      shape: [q.shape[1]!, q.shape[3]!, v.shape[3]!],
    };
    remember({ ...memory, keeps: 'state' });
    const state = graph.input(memory.past, 'f32', [batch, ...memory.shape]);
    const inputs = { q, k, v, decay: mul(decay, known), rate: mul(rate, known) };
    const mask = where(notLater(graph, time), scalar(graph, 0), scalar(graph, HIDDEN));
    const parts = inChunks(inputs, 1, time, { mask, carried: null });
    const before = reshape(state, [batch, q.shape[1]!, 1, q.shape[3]!, v.shape[3]!]);
    const next = add(matmul(changeOf(parts), before), additionOf(parts));
    graph.output(memory.fresh, reshape(next, state.shape));
    return outputs(parts, before);
  };
}

interface Parts {
  readonly q: Value;
  readonly k: Value;
  /** exp of the decay from token j to token i, 0 where i may not see j: [B,H,N,C,C]. */
  readonly between: Value;
  /** exp of the decay from before the chunk to token i, 0 where the state does not reach it: [B,H,N,C,1]. */
  readonly since: Value;
  /** What each token adds, and what it takes of the chunk's first state S: u - w S, [B,H,N,C,V] and [B,H,N,C,D]. */
  readonly u: Value;
  readonly w: Value;
}

function inChunks(inputs: DeltaInputs, chunks: number, chunk: number, { mask, carried }: Reach): Parts {
  const [batch, heads, time] = inputs.q.shape as [number, number, number];
  const cut = (x: Value) =>
    reshape(pad(x, 2, 0, chunks * chunk - time), [batch, heads, chunks, chunk, x.shape[3] ?? 1]);
  const [q, k, v, rate] = [cut(inputs.q), cut(inputs.k), cut(inputs.v), cut(inputs.rate)];
  const row = reshape(cut(inputs.decay), [batch, heads, chunks, 1, chunk]);
  // not a product: in 16 bits sums would be too coarse for an exponent
  const sums = reduceSum(mul(row, cast(notLater(q.graph, chunk), 'f32')), [4], true);
  const across = (x: Value) => reshape(x, row.shape);
  const between = left(add(sub(sums, across(sums)), mask));
  const since = carried ? mul(left(sums), carried) : left(sums);
  const taught = mul(mul(matmul(k, k, { transB: true }), between), rate);
  const solved = unitLowerInverse(taught);
  return {
    q,
    k,
    between,
    since,
    // the rows of a chunk are scaled as columns of the smaller matrix
    u: matmul(mul(solved, across(rate)), v),
    w: matmul(mul(solved, across(mul(rate, since))), k),
  };
}

/** What has faded to e^-32 of itself is gone: products of such numbers fall below 1e-38, where a processor takes tens of times as long. */
const FADED = -32;

const left = (decay: Value): Value =>
  exp(where(lessEqual(decay, scalar(decay.graph, FADED)), scalar(decay.graph, HIDDEN), decay));

/** Keys with the decay from each token to the end of its chunk. */
function keysAtEnd({ k, between }: Parts): Value {
  const chunk = k.shape[3]!;
  return mul(k, reshape(slice(between, 3, chunk - 1, chunk), [...k.shape.slice(0, 4), 1]));
}

/** What a chunk adds to a state, [B,H,N,D,V]. */
const additionOf = (parts: Parts): Value => matmul(keysAtEnd(parts), parts.u, { transA: true });

/** The matrix that a chunk changes the state before it with, [B,H,N,D,D]. */
function changeOf(parts: Parts): Value {
  const { k, since, w } = parts;
  const [chunk, width] = k.shape.slice(3) as [number, number];
  const unit = k.graph.constant(
    'f32',
    [width, width],
    Float32Array.from({ length: width ** 2 }, (_, i) => (i % (width + 1) === 0 ? 1 : 0)),
  );
  const kept = mul(slice(since, 3, chunk - 1, chunk), unit);
  return sub(kept, matmul(keysAtEnd(parts), w, { transA: true }));
}

/** The state that each chunk begins with, [B,H,N,D,V]; the first is 0. */
function statesOf(parts: Parts): Value {
  const chunks = parts.k.shape[2]!;
  const ends = linearScan(slice(changeOf(parts), 2, 1, chunks), additionOf(parts));
  return pad(slice(ends, 2, 0, chunks - 1), 2, 1, 0);
}

/** o of all tokens, [B,H,N*C,V]; `states` as above, null where they are 0. */
function outputs(parts: Parts, states: Value | null): Value {
  const { q, k, between, since, u, w } = parts;
  const own = states ? sub(u, matmul(w, states)) : u;
  const here = matmul(mul(matmul(q, k, { transB: true }), between), own);
  const o = states ? add(here, mul(matmul(q, states), since)) : here;
  const [batch, heads, chunks, chunk, width] = o.shape as [number, number, number, number, number];
  return reshape(o, [batch, heads, chunks * chunk, width]);
}

function reachIn(segments: Value, chunks: number, chunk: number): Reach {
  const { graph } = segments;
  const [batch, time] = segments.shape as [number, number];
  const cut = reshape(pad(cast(segments, 'f32'), 1, 0, chunks * chunk - time), [batch, 1, chunks, chunk, 1]);
  const same = equal(cut, reshape(cut, [batch, 1, chunks, 1, chunk]));
  const mask = where(and(same, notLater(graph, chunk)), scalar(graph, 0), scalar(graph, HIDDEN));
  if (chunks === 1) return { mask, carried: null };
  // before the first chunk is no state, so it does not matter which segment that has
  const before = pad(slice(slice(cut, 3, chunk - 1, chunk), 2, 0, chunks - 1), 2, 1, 0);
  return { mask, carried: cast(equal(cut, before), 'f32') };
}

/** Whether token j is no later than token i of a chunk, [C,C]. */
function notLater(graph: Graph, chunk: number): Value {
  const numbers = Int32Array.from({ length: chunk }, (_, i) => i);
  return lessEqual(graph.constant('i32', [1, chunk], numbers), graph.constant('i32', [chunk, 1], numbers));
}
