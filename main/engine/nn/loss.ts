/**
 * The output head and its loss, forward and backward together and in chunks of rows: each chunk's logits turn into its
 * gradient before the next chunk's are computed, so that the logits of all rows never exist at once. Where the head rests in few bits
 * its vocabulary is taken in pieces, too (head-pieces.ts): a chunk's logits are there once, and not once more as probabilities.
 */
import type { Value } from '../ir/graph.ts';
import {
  add,
  after,
  concat,
  div,
  exp,
  gather,
  log,
  matmul,
  mul,
  reduceMax,
  reduceSum,
  reshape,
  scatterAdd,
  slice,
  softmax,
  sub,
} from '../ops/functions.ts';
import { type HeadPiece, headPieces } from './head-pieces.ts';

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
}

export interface HeadLossInputs {
  readonly hidden: Value; // [N,H]
  readonly head: Value; // [V,H]
  readonly targets: Value; // int32 [N]
  readonly weights: Value; // [N], 0 for rows that only fill up
}

/** Rows per chunk for a vocabulary of `vocabSize`, at most `rows`. */
export function chunkRows(vocabSize: number, rows: number): number {
  const fitting = Math.floor(CHUNK_BYTES / (4 * vocabSize) / ROW_STEP) * ROW_STEP;
  return Math.min(rows, Math.max(FEWEST_ROWS, fitting));
}

/**
 * Cross-entropy of softmax(hidden head^T) with gradients: nll = logsumexp(z) - z[target],
 * d hidden = w (softmax(z) head - head[target]), d head = (w softmax(z))^T hidden - scatter(target, w hidden).
 */
export function headLoss(inputs: HeadLossInputs, wanted: { hidden: boolean; head: boolean }): HeadLoss {
  const { hidden, head } = inputs;
  const [rows, vocabSize] = [hidden.shape[0]!, head.shape[0]!];
  const step = chunkRows(vocabSize, rows);
  const pieces = wanted.head ? null : headPieces(head, Math.ceil(rows / step));
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
  const gradHead = chunks.at(-1)!.gradHead;
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
    gradHead:
      gradHead && sub(gradHead, scatterAdd(mul(hidden, column(inputs.weights)), inputs.targets, vocabSize)),
  };
}

interface Chunk {
  readonly nll: Value;
  readonly gradHidden: Value | null;
  /** Sum of this and all earlier chunks' (w softmax(z))^T hidden. */
  readonly gradHead: Value | null;
}

function cut({ hidden, head, targets, weights }: HeadLossInputs, start: number, end: number): HeadLossInputs {
  const rows = (x: Value) => slice(x, 0, start, end);
  return { hidden: rows(hidden), head, targets: rows(targets), weights: rows(weights) };
}

function chunkLoss(
  inputs: HeadLossInputs,
  pieces: readonly HeadPiece[] | null,
  wanted: { hidden: boolean; head: boolean },
  previous: Chunk | undefined,
): Chunk {
  const { head, targets, weights } = inputs;
  // after everything that needs the logits before: what is left out would keep them to the end
  const done = previous ? [previous.nll, previous.gradHidden, previous.gradHead] : [];
  const hidden = done.reduce<Value>((x, one) => (one ? after(x, one) : x), inputs.hidden);
  if (pieces) {
    const { logSumExp, mean } = inPieces(hidden, pieces, wanted.hidden);
    const targetRows = gather(head, targets);
    const nll = sub(logSumExp, reduceSum(mul(hidden, targetRows), [1]));
    return { nll, gradHidden: mean && mul(sub(mean, targetRows), column(weights)), gradHead: null };
  }
  const logits = matmul(hidden, head, { transB: true });
  const p = softmax(logits);
  // the largest probability is 1 / sum(exp(z - max)): log-sum-exp without another pass of exponentials
  const logSumExp = sub(reduceMax(logits, [1]), log(reduceMax(p, [1])));
  const targetRows = gather(head, targets);
  const nll = sub(logSumExp, reduceSum(mul(hidden, targetRows), [1]));
  const gradHidden = wanted.hidden ? mul(sub(matmul(p, head), targetRows), column(weights)) : null;
  if (!wanted.head) return { nll, gradHidden, gradHead: null };
  const own = matmul(p, mul(hidden, column(weights)), { transA: true });
  return { nll, gradHidden, gradHead: previous?.gradHead ? add(previous.gradHead, own) : own };
}

/**
 * log sum exp(z) of the logits z of each row [N] and, where it is wanted, the head's rows weighted with their probabilities [N,H]. The
 * logits of all pieces are there until the largest is known; then one piece after the other gives its exponentials, and is gone.
 */
function inPieces(hidden: Value, pieces: readonly HeadPiece[], wantsMean: boolean) {
  const logits = pieces.map((piece) => matmul(hidden, piece(), { transB: true }));
  const largest = reduceMax(
    concat(
      logits.map((z) => reduceMax(z, [1], true)),
      1,
    ),
    [1],
    true,
  );
  let [sum, product]: [Value | null, Value | null] = [null, null];
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
    if (!wantsMean) continue;
    const weighted = matmul(e, pieces[i]!());
    product = product ? add(product, weighted) : weighted;
  }
  return {
    logSumExp: reshape(add(largest, log(sum!)), [hidden.shape[0]!]),
    mean: product && div(product, sum!),
  };
}

function column(x: Value): Value {
  return reshape(x, [x.shape[0]!, 1]);
}
