/**
 * A large head in pieces of the vocabulary, with cut cross-entropy (Wijmans and others, 2024): the logits of
 * a piece are computed for the sum of exponentials, then again for the gradients. All logits never exist at
 * once.
 */
import type { HostArray } from '../../ir/dtype.ts';
import { Graph, type Value } from '../../ir/graph.ts';
import { rowsOfPiece } from '../../ir/shape.ts';
import type { Trainable } from '../../nn/parameters.ts';
import { softCapped } from '../../nn/table.ts';
import {
  add,
  cast,
  equal,
  exp,
  gather,
  matmul,
  mul,
  reduceMax,
  reduceSum,
  sub,
  widen,
} from '../../ops/functions.ts';

/** Logits of a piece at most, and weights of it: 16 MiB. */
const MOST = 2 ** 22;

export const WIDE = {
  /** Hidden states of the labelled positions [N,H], and the gradient by them. */
  rows: 'rows',
  gradient: 'gradient',
  /** The piece's part of the head [P,H], and its gradient. */
  table: 'table',
  tableGradient: 'grad.table',
  /** Logits of the targets [N]. */
  target: 'target',
  /** Largest logit of a piece and its sum of exponentials [N,1]; log of the sum over all pieces [N,1]. */
  largest: 'largest',
  sum: 'sum',
  logSumExp: 'logSumExp',
  /** Targets counted from the piece's first row, int32 [N,1]; weights [N,1]. */
  targets: 'targets',
  weights: 'weights',
} as const;

/** Rows [start, end) of the vocabulary, and which graphs compute them. */
export interface VocabularyPiece {
  readonly start: number;
  readonly end: number;
  readonly size: number;
}

interface PieceGraphs {
  /** (rows, table) -> largest, sum. */
  readonly score: Graph;
  /** (rows, table, logSumExp, targets, weights, gradient so far) -> gradient, grad.table. */
  readonly backward: Graph;
}

export interface WideHead {
  readonly table: Trainable;
  readonly pieces: readonly VocabularyPiece[];
  /** By the number of rows of a piece: there are one or two. */
  readonly graphs: ReadonlyMap<number, PieceGraphs>;
}

/** The pieces of the head `table` [V,H] for `labels` rows; `accumulates`: its gradient is added to. */
export function wideHead(table: Trainable, labels: number, accumulates: boolean, cap?: number): WideHead {
  const [rows, width] = table.shape as [number, number];
  const step = rowsOfPiece(rows, Math.max(labels, width), MOST);
  const pieces = Array.from({ length: Math.ceil(rows / step) }, (_, i): VocabularyPiece => {
    const [start, end] = [i * step, Math.min(rows, (i + 1) * step)];
    return { start, end, size: end - start };
  });
  const sizes = new Set(pieces.map(({ size }) => size));
  const graphs = new Map(
    [...sizes].map((size) => {
      const shape = { labels, size, width, cap };
      const backward = backwardGraph(table, shape, accumulates);
      return [size, { score: scoreGraph(table, shape), backward }] as const;
    }),
  );
  return { table, pieces, graphs };
}

interface PieceShape {
  readonly labels: number;
  readonly size: number;
  readonly width: number;
  readonly cap: number | undefined;
}

function logitsIn(graph: Graph, { dtype }: Trainable, { labels, size, width, cap }: PieceShape) {
  const rows = graph.input(WIDE.rows, 'f32', [labels, width]);
  const stored = graph.input(WIDE.table, dtype ?? 'f32', [size, width]);
  const table = dtype ? widen(stored) : stored;
  const { z: logits, slope } = softCapped(matmul(rows, table, { transB: true }), cap);
  return { rows, table, logits, slope };
}

function scoreGraph(trained: Trainable, shape: PieceShape): Graph {
  const graph = new Graph();
  graph.scoped('loss', () => {
    const { logits } = logitsIn(graph, trained, shape);
    const largest = reduceMax(logits, [1], true);
    graph.output(WIDE.largest, largest);
    graph.output(WIDE.sum, reduceSum(exp(sub(logits, largest)), [1], true));
  });
  return graph;
}

/** d logits = w (softmax(z) - onehot(target)); by rows d logits W, by the piece (d logits)^T rows. */
function backwardGraph(trained: Trainable, shape: PieceShape, accumulates: boolean): Graph {
  const graph = new Graph();
  const { labels, size, width } = shape;
  graph.scoped('loss', () => {
    const { rows, table, logits, slope } = logitsIn(graph, trained, shape);
    const column = (name: string, dtype: 'f32' | 'i32') => graph.input(name, dtype, [labels, 1]);
    const words = graph.constant(
      'i32',
      [1, size],
      Int32Array.from({ length: size }, (_, i) => i),
    );
    const probabilities = exp(sub(logits, column(WIDE.logSumExp, 'f32')));
    const isTarget = cast(equal(column(WIDE.targets, 'i32'), words), 'f32');
    const ofCapped = mul(sub(probabilities, isTarget), column(WIDE.weights, 'f32'));
    const errors = slope ? mul(ofCapped, slope) : ofCapped;
    const gradient = matmul(errors, rows, { transA: true });
    const sum = (name: string, shapeOf: readonly number[], own: Value) =>
      add(graph.input(name, 'f32', shapeOf), own);
    const whole = accumulates ? sum(WIDE.tableGradient, [size, width], gradient) : gradient;
    graph.output(WIDE.tableGradient, whole);
    graph.output(WIDE.gradient, sum(WIDE.gradient, [labels, width], matmul(errors, table)));
  });
  return graph;
}

export function targetLogits(rows: Value, head: Value, targets: Value, cap?: number): Value {
  return softCapped(reduceSum(mul(rows, gather(head, targets)), [1]), cap).z;
}

/** log sum exp of the logits of each row, from the largest one and the sum of each piece. */
export class LogSumExp {
  readonly #largest: Float64Array;
  readonly #sum: Float64Array;

  constructor(rows: number) {
    this.#largest = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY);
    this.#sum = new Float64Array(rows);
  }

  add(largest: HostArray, sum: HostArray): void {
    for (let i = 0; i < this.#sum.length; i++) {
      const [known, own] = [this.#largest[i]!, largest[i]!];
      const most = Math.max(known, own);
      this.#sum[i] = this.#sum[i]! * Math.exp(known - most) + sum[i]! * Math.exp(own - most);
      this.#largest[i] = most;
    }
  }

  values(): Float32Array {
    return Float32Array.from(this.#sum, (sum, i) => this.#largest[i]! + Math.log(sum));
  }
}

/** Adds row i of `rows` to row `indices[i]` of `table`: the gradient of a table of which rows were read. */
export function addRows(table: Float32Array, indices: HostArray, rows: HostArray, width: number): void {
  for (let i = 0; i < indices.length; i++) {
    const [to, from] = [Number(indices[i]) * width, i * width];
    for (let c = 0; c < width; c++) table[to + c]! += Number(rows[from + c]);
  }
}
