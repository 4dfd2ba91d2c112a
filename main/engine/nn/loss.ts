/**
 * The output head and its loss, forward and backward together and in chunks of rows: each chunk's logits turn into its gradient before the
 * next chunk's are computed, so that the logits of all rows never exist at once.
 */
import { type Node, producer, type Value } from '../ir/graph.ts';
import { rowsOfPiece, sizeOf } from '../ir/shape.ts';
import {
  add,
  after,
  broadcastTo,
  type CodeType,
  concat,
  dequantise,
  div,
  exp,
  gather,
  log,
  matmul,
  mul,
  partsOf,
  reduceMax,
  reduceSum,
  reshape,
  scalar,
  scatterAdd,
  slice,
  softmax,
  sub,
  where,
  widen,
} from '../ops/functions.ts';
import { type AddedRows, apart, lookUp, softCapped, withoutReplaced } from './table.ts';

/** Logits of one chunk take about this many bytes, for large vocabularies more: a product needs rows to be quick. */
const CHUNK_BYTES = 32 * 2 ** 20;
const ROW_STEP = 16;
const FEWEST_ROWS = 128;

export interface HeadLoss {
  /** Negative log-likelihood of each row's target, [N]. */
  readonly nll: Value;
  /** Gradient of sum(weights * nll) by the hidden rows, [N,H]; null when not asked for. */
  readonly gradHidden: Value | null;
  /** Gradient by the head's matrix [V,H]; null when it is frozen. */
  readonly gradHead: Value | null;
  /** Gradient by the rows of new tokens [N,H]; null where there are none, or when they are frozen. */
  readonly gradAdded: Value | null;
  /** What is told beside it, such as logits or a term of its own [N], by the names under which a tally finds them. */
  readonly also?: Readonly<Record<string, Value>>;
}

export interface HeadLossInputs {
  readonly hidden: Value; // [N,H]
  readonly head: Value; // [V,H]
  /** What replaces rows of the head, or follows them. */
  readonly added?: AddedRows | null;
  readonly targets: Value; // int32 [N]
  /** [N], 0 for rows that only fill up; or what makes them of the `nll` of all rows, taken as constants. */
  readonly weights: Value | ((nll: Value) => Value);
  /** What soft-capped logits stay below. */
  readonly cap?: number | undefined;
}

interface Wanted {
  readonly hidden: boolean;
  readonly head: boolean;
  readonly added?: boolean;
}

/** Rows per chunk for a vocabulary of `vocabSize`, at most `rows`. */
export function chunkRows(vocabSize: number, rows: number): number {
  const fitting = Math.floor(CHUNK_BYTES / (4 * vocabSize) / ROW_STEP) * ROW_STEP;
  return Math.min(rows, Math.max(FEWEST_ROWS, fitting));
}

/**
 * Cross-entropy of softmax(hidden head^T) with gradients: nll = logsumexp(z) - z[target],
 * d hidden = w (softmax(z) head - head[target]), d head = (w softmax(z))^T hidden - scatter(target, w hidden). Beside rows of new tokens
 * the head itself is frozen. Capped logits multiply each gradient by their slope.
 */
export function headLoss(given: HeadLossInputs, wanted: Wanted): HeadLoss {
  const { weights: of } = given;
  if (typeof of !== 'function') return weightedLoss({ ...given, weights: of }, wanted);
  const ones = broadcastTo(scalar(given.hidden.graph, 1), given.targets.shape);
  const same = { ...given, weights: ones };
  if (!wanted.head && !wanted.added) {
    const loss = weightedLoss(same, wanted);
    return { ...loss, gradHidden: loss.gradHidden && mul(loss.gradHidden, column(of(loss.nll))) };
  }
  // what is trained adds up over rows, weights and all: they must be known before
  const { nll } = weightedLoss(same, { hidden: false, head: false });
  const weights = of(nll);
  const hidden = after(given.hidden, weights);
  return { ...weightedLoss({ ...given, hidden, weights }, wanted), nll };
}

type Weighted = HeadLossInputs & { readonly weights: Value };

function weightedLoss(inputs: Weighted, wanted: Wanted): HeadLoss {
  const { hidden, head, added } = inputs;
  const [rows, vocabSize] = [hidden.shape[0]!, head.shape[0]!];
  const step = chunkRows(vocabSize, rows);
  const pieces = wanted.head ? null : piecesOf(head, added ?? null, Math.ceil(rows / step));
  const chunks: Chunk[] = [];
  for (let start = 0; start < rows; start += step) {
    const end = Math.min(rows, start + step);
    const previous = chunks.at(-1);
    chunks.push(
      hidden.graph.scoped(`chunk${chunks.length}`, () =>
        chunkLoss(cut(inputs, start, end), pieces, wanted, previous),
      ),
    );
  }
  const { gradHead, gradAdded } = chunks.at(-1)!;
  const weights = slopedWeights(inputs.weights, chunks);
  return {
    nll: concat(
      chunks.map((c) => c.nll),
      0,
    ),
    gradHidden: wanted.hidden
      ? concat(
          chunks.map((c) => c.gradHidden!),
          0,
        )
      : null,
    gradHead: gradHead && sub(gradHead, scatterAdd(mul(hidden, column(weights)), inputs.targets, vocabSize)),
    gradAdded: gradAdded && sub(gradAdded, atNewTargets({ ...inputs, weights }, added!)),
  };
}

/** The weights of targets, with the slopes of their logits where these are capped. */
function slopedWeights(weights: Value, chunks: readonly Chunk[]): Value {
  const slopes = chunks.flatMap(({ targetSlope }) => targetSlope ?? []);
  return slopes.length === 0 ? weights : mul(weights, concat(slopes, 0));
}

/** w hidden of the rows whose target is new, added up for each of these, [N,H]. */
function atNewTargets({ hidden, targets, weights }: Weighted, added: AddedRows): Value {
  const { isNew, own } = apart(targets, added);
  const counted = where(isNew, weights, scalar(hidden.graph, 0));
  return scatterAdd(mul(hidden, column(counted)), own, added.rows.shape[0]!);
}

/** Rows of the vocabulary, and what is added to their logits. */
interface Piece extends Pick<HeadPiece, 'make'> {
  readonly mask: Value | null;
}

/** The head in pieces, the rows of new tokens behind the others; null where it is one. */
function piecesOf(head: Value, added: AddedRows | null, chunks: number): readonly Piece[] | null {
  const made = headPieces(head, chunks);
  if (!added) return made?.map(({ make }) => ({ make, mask: null })) ?? null;
  const stored = (made ?? [{ start: 0, end: head.shape[0]!, make: () => head }]).map(
    ({ start, end, make }) => ({ make, mask: withoutReplaced(head.graph, added, start, end) }),
  );
  return [...stored, { make: () => added.rows, mask: null }];
}

interface Chunk {
  readonly nll: Value;
  readonly gradHidden: Value | null;
  /** Sum of this and all earlier chunks' (w softmax(z))^T hidden. */
  readonly gradHead: Value | null;
  /** The same for the rows of new tokens. */
  readonly gradAdded: Value | null;
  /** The slope of the targets' logits [N], where they are capped. */
  readonly targetSlope: Value | null;
}

function cut(inputs: Weighted, start: number, end: number): Weighted {
  const { hidden, targets, weights } = inputs;
  const rows = (x: Value) => slice(x, 0, start, end);
  return { ...inputs, hidden: rows(hidden), targets: rows(targets), weights: rows(weights) };
}

function chunkLoss(
  inputs: Weighted,
  pieces: readonly Piece[] | null,
  wanted: Wanted,
  previous: Chunk | undefined,
): Chunk {
  const { head, added = null, targets, weights, cap } = inputs;
  // after everything that needs the logits before: what is left out would keep them to the end
  const done = previous ? [previous.nll, previous.gradHidden, previous.gradHead, previous.gradAdded] : [];
  const hidden = done.reduce<Value>((x, one) => (one ? after(x, one) : x), inputs.hidden);
  if (pieces) {
    const { logSumExp, mean, lastProbabilities } = inPieces(hidden, pieces, wanted.hidden, cap);
    const targetRows = lookUp({ rows: head, added }, targets);
    const { z, slope: targetSlope } = softCapped(reduceSum(mul(hidden, targetRows), [1]), cap);
    const nll = sub(logSumExp, z);
    const pull = targetSlope ? mul(targetRows, column(targetSlope)) : targetRows;
    const gradHidden = mean && mul(sub(mean, pull), column(weights));
    if (!wanted.added) return { nll, gradHidden, gradHead: null, gradAdded: null, targetSlope };
    const own = matmul(lastProbabilities(), mul(hidden, column(weights)), { transA: true });
    const gradAdded = previous?.gradAdded ? add(previous.gradAdded, own) : own;
    return { nll, gradHidden, gradHead: null, gradAdded, targetSlope };
  }
  const { z: logits, slope } = softCapped(matmul(hidden, head, { transB: true }), cap);
  const p = softmax(logits);
  // the largest probability is 1 / sum(exp(z - max)): log-sum-exp without another pass of exponentials
  const logSumExp = sub(reduceMax(logits, [1]), log(reduceMax(p, [1])));
  const targetRows = gather(head, targets);
  const { z, slope: targetSlope } = softCapped(reduceSum(mul(hidden, targetRows), [1]), cap);
  const nll = sub(logSumExp, z);
  const push = slope ? mul(p, slope) : p;
  const pull = targetSlope ? mul(targetRows, column(targetSlope)) : targetRows;
  const gradHidden = wanted.hidden ? mul(sub(matmul(push, head), pull), column(weights)) : null;
  if (!wanted.head) return { nll, gradHidden, gradHead: null, gradAdded: null, targetSlope };
  const own = matmul(push, mul(hidden, column(weights)), { transA: true });
  const gradHead = previous?.gradHead ? add(previous.gradHead, own) : own;
  return { nll, gradHidden, gradHead, gradAdded: null, targetSlope };
}

/**
 * log sum exp(z) of the logits z of each row [N], the probabilities (times slopes) of the last piece's rows and, where it is wanted, the
 * head's rows weighted with their probabilities [N,H]. The logits of all pieces are there until the largest is known; then one piece after
 * the other gives its exponentials, and is gone.
 */
function inPieces(hidden: Value, pieces: readonly Piece[], wantsMean: boolean, cap?: number) {
  const capped = pieces.map(({ make, mask }) => {
    const { z, slope } = softCapped(matmul(hidden, make(), { transB: true }), cap);
    return { z: mask ? add(z, mask) : z, slope };
  });
  const logits = capped.map(({ z }) => z);
  const largest = reduceMax(
    concat(
      logits.map((z) => reduceMax(z, [1], true)),
      1,
    ),
    [1],
    true,
  );
  let [sum, product, last]: [Value | null, Value | null, Value | null] = [null, null, null];
  for (const [i, z] of logits.entries()) {
    // what needs the exponentials before is done, or they would all be there at the end
    const done: (Value | null)[] = [sum, product];
    const e = exp(
      sub(
        z,
        done.reduce<Value>((x, one) => (one ? after(x, one) : x), largest),
      ),
    );
    const own = reduceSum(e, [1], true);
    sum = sum ? add(sum, own) : own;
    const { slope } = capped[i]!;
    last = slope ? mul(e, slope) : e;
    if (!wantsMean) continue;
    const weighted = matmul(last, pieces[i]!.make());
    product = product ? add(product, weighted) : weighted;
  }
  return {
    logSumExp: reshape(add(largest, log(sum!)), [hidden.shape[0]!]),
    mean: product && div(product, sum!),
    lastProbabilities: () => div(last!, sum!),
  };
}

function column(x: Value): Value {
  return reshape(x, [x.shape[0]!, 1]);
}

// A head that rests in few bits is never whole in float32: the loss takes its vocabulary in pieces. A smaller piece takes less memory, and
// more pieces are more nodes, for each of which the executor keeps something, too; the size of a piece follows from both.

/** Weights of a piece at most, 64 MiB in float32, and at least. */
const MOST = 2 ** 24;
const LEAST = 2 ** 20;
/** Heads of 16 bits up to 256 MiB in float32 are widened whole: results are those of float32 to the bit. */
const MOST_WIDENED = 2 ** 26;
/** What a piece costs in nodes for each chunk of the loss, about 30 of 14 kB, over the bytes that a weight of it takes while it is made. */
const WEIGHTS_PER_PIECE = (30 * 14_000) / 5;

/** The rows [start, end) of the vocabulary. */
interface HeadPiece {
  readonly start: number;
  readonly end: number;
  /** Makes them, in float32; each call makes them again. */
  make(): Value;
}

/** The pieces of `head` [V,H] for a loss of so many chunks; null where it is there whole. */
function headPieces(head: Value, chunks: number): readonly HeadPiece[] | null {
  const node = producer(head);
  const make = node && rowsMaker(node, head);
  if (!make) return null;
  const [rows, columns] = head.shape as [number, number];
  const best = Math.sqrt(WEIGHTS_PER_PIECE * chunks * rows * columns);
  const step = rowsOfPiece(rows, columns, Math.min(MOST, Math.max(LEAST, best)));
  if (step >= rows) return null;
  return Array.from({ length: Math.ceil(rows / step) }, (_, i) => {
    const [start, end] = [i * step, Math.min(rows, (i + 1) * step)];
    return { start, end, make: () => make([start, end]) };
  });
}

type MakeRows = (rows: readonly [start: number, end: number]) => Value;

function rowsMaker({ op, inputs, attrs }: Node, head: Value): MakeRows | null {
  if (op === 'dequantise')
    return (rows) => dequantise(partsOf(inputs), attrs.type as CodeType, attrs.block as number, rows);
  return op === 'widen' && sizeOf(head.shape) > MOST_WIDENED ? (rows) => widen(inputs[0]!, rows) : null;
}
