/**
 * What a micro-batch feeds to a step graph. The one place for the rule of causal training: logits at t predict the label at t + 1 of the
 * same segment. Only those positions are listed, because only they go through the output head.
 */
import { assert } from '../../../../common/errors.ts';
import type { StoredRow } from '../tokens/token-store.ts';
import { NOT_TRAINED } from '../tokens/tokenizer-types.ts';

/** The laid out tokens of B rows of T tokens before the labels are listed; the flattened index of row b, position t is b * T + t. */
export interface BatchLayout {
  /** B. */
  readonly rowCount: number;
  /** T. */
  readonly rowLength: number;
  /** [B*T] token ids; padding holds 0. */
  readonly tokens: Int32Array;
  /** [B*T] positions, from 0 in each segment; padding holds 0. */
  readonly positions: Int32Array;
  /** [B*T] 0, 1, 2, … in each row, of pairs with gaps; padding holds -1. */
  readonly segments: Int32Array;
  /** [B*T] unshifted, -100 where untrained. */
  readonly labels: Int32Array;
  /**
   * [B*T] the last segment that continues a token's own; its own where none does, -1 for padding. Left out where no segment continues
   * another.
   */
  readonly until?: Int32Array;
  /** Tokens that stand for those of several samples, counted once for each sample but the first. */
  repeated: number;
  /** What lies there in pairs of sequences. */
  readonly pairs?: PairLayout;
  /** [B*T] of texts that are sorted, at the last token of each: its category; -1 elsewhere. */
  readonly categories?: Int32Array;
}

/** Pairs of sequences, such as a better and a worse answer, in two segments one after the other. */
interface PairLayout {
  /** P, the most that there may be. */
  readonly capacity: number;
  readonly rows: PairRow[];
  /** [B*T] twice the pair, and 1 more in its second sequence. */
  readonly sides: Int32Array;
  /** [B*T] 1 for a label that is no part of an answer. */
  readonly aside: Uint8Array;
}

export type PairRow = Pick<StoredRow, 'bad' | 'reference'>;

/** The pairs of a micro-batch: how its labels make up 2 P answers. */
interface BatchPairs {
  /** Those that there are, at most P. */
  readonly rows: readonly PairRow[];
  /** [labelCapacity] the answer that a label belongs to: twice the pair, and 1 more for its second sequence. */
  readonly answers: Int32Array;
  /** [labelCapacity] 1 for a label of an answer, 0 for one of the prompt and for filler. */
  readonly inAnswer: Float32Array;
  /** [2P] labels of each answer; 1 for filler. */
  readonly lengths: Float32Array;
}

/** One micro-batch. */
export interface Batch extends Omit<BatchLayout, 'labels' | 'pairs' | 'categories' | 'repeated'> {
  readonly pairs?: BatchPairs;
  /** [B*T,H] what frozen layers put out for each token, where that is kept; zeros for padding. */
  readonly kept?: Uint16Array | Float32Array;
  /** [labelCapacity] flattened index of each position whose logits predict a label; ascending, then 0 as filler. */
  readonly rows: Int32Array;
  /** [labelCapacity] the token id or the category to predict there; filler holds 0. */
  readonly targets: Int32Array;
  /** [labelCapacity] 1 for a real entry, 0 for filler. */
  readonly weights: Float32Array;
  /** Real entries of `rows`, `targets` and `weights`. */
  readonly labelledCount: number;
  /** Tokens of its samples: what several share counts for each. */
  readonly realTokens: number;
}

/**
 * An empty layout: all padding; with room for `pairs` where there are some, for what segments continue, and for categories where texts are
 * `sorted`.
 */
export function emptyLayout(
  rowCount: number,
  rowLength: number,
  {
    pairs,
    continues = false,
    sorted = false,
  }: { readonly pairs?: number | undefined; readonly continues?: boolean; readonly sorted?: boolean } = {},
): BatchLayout {
  const size = rowCount * rowLength;
  return {
    ...(sorted && { categories: new Int32Array(size).fill(NOT_TRAINED) }),
    ...(pairs !== undefined && {
      pairs: { capacity: pairs, rows: [], sides: new Int32Array(size), aside: new Uint8Array(size) },
    }),
    ...((continues || pairs !== undefined) && { until: new Int32Array(size).fill(-1) }),
    repeated: 0,
    rowCount,
    rowLength,
    tokens: new Int32Array(size),
    positions: new Int32Array(size),
    segments: new Int32Array(size).fill(-1),
    labels: new Int32Array(size).fill(NOT_TRAINED),
  };
}

/** The label that the logits at flattened index `i` predict: a category, or the next token of its own segment; below 0 where none counts. */
function predictedAt({ rowLength, segments, labels, categories }: BatchLayout, i: number): number {
  if (categories) return categories[i]!;
  if ((i + 1) % rowLength === 0 || segments[i]! < 0) return NOT_TRAINED;
  return segments[i + 1] === segments[i] ? labels[i + 1]! : NOT_TRAINED;
}

function countLabelled(layout: BatchLayout): number {
  let count = 0;
  for (let i = 0; i < layout.tokens.length; i++) if (predictedAt(layout, i) >= 0) count++;
  return count;
}

/**
 * Lists the positions that predict a label and makes the batch. `labelCapacity` (default: as many as there are, at least 1) is the static
 * length of the lists; more labels than that is a bug of whoever chose it.
 */
export function finishBatch(layout: BatchLayout, labelCapacity?: number): Batch {
  const { rowCount, rowLength, tokens, positions, segments, until } = layout;
  const labelledCount = countLabelled(layout);
  const capacity = labelCapacity ?? Math.max(1, labelledCount);
  assert(
    labelledCount <= capacity,
    `${labelledCount} labelled positions do not fit a capacity of ${capacity}`,
  );
  const rows = new Int32Array(capacity);
  const targets = new Int32Array(capacity);
  let filled = 0;
  let realTokens = layout.repeated;
  for (let i = 0; i < tokens.length; i++) {
    if (segments[i]! >= 0) realTokens++;
    const label = predictedAt(layout, i);
    if (label < 0) continue;
    rows[filled] = i;
    targets[filled++] = label;
  }
  const weights = new Float32Array(capacity).fill(1, 0, labelledCount);
  return {
    rowCount,
    rowLength,
    tokens,
    positions,
    segments,
    rows,
    targets,
    weights,
    labelledCount,
    realTokens,
    ...(until && { until }),
    ...(layout.pairs && { pairs: pairLists(layout.pairs, rows, labelledCount) }),
  };
}

/** How the labels that the logits at `rows` predict, `count` of them, belong to answers. */
function pairLists(
  { capacity, rows: pairs, sides, aside }: PairLayout,
  rows: Int32Array,
  count: number,
): BatchPairs {
  assert(pairs.length <= capacity, `${pairs.length} pairs do not fit a capacity of ${capacity}`);
  const lists = {
    rows: pairs,
    answers: new Int32Array(rows.length),
    inAnswer: new Float32Array(rows.length),
    lengths: new Float32Array(2 * capacity),
  };
  for (let i = 0; i < count; i++) {
    const label = rows[i]! + 1;
    lists.answers[i] = sides[label]!;
    lists.inAnswer[i] = 1 - aside[label]!;
    lists.lengths[sides[label]!]! += lists.inAnswer[i]!;
  }
  return { ...lists, lengths: lists.lengths.map((length) => Math.max(1, length)) };
}

/** Arrays of [B,T] as a training script holds them; int64 tensors may come as bigint arrays. */
interface BatchArrays {
  readonly rowCount: number;
  readonly rowLength: number;
  readonly tokens: ArrayLike<number | bigint>;
  /** Unshifted, -100 where untrained. */
  readonly labels: ArrayLike<number | bigint>;
  /** Instead of them, at the last token of each text that is sorted: its category; -100 elsewhere. */
  readonly categories?: ArrayLike<number | bigint>;
  /** 1 for a token, 0 for padding. Without it nothing is padding unless `segments` says so. */
  readonly attentionMask?: ArrayLike<number | bigint>;
  /** Packed rows: the segment of each token, -1 for padding; default 0 everywhere. */
  readonly segments?: ArrayLike<number | bigint>;
  /** Default: counted from 0 in each segment. */
  readonly positions?: ArrayLike<number | bigint>;
  readonly labelCapacity?: number;
}

/**
 * A batch from given arrays, padded (`attentionMask`) or packed (`segments`, `positions`): how reference values and hand-written cases
 * enter the engine.
 */
export function batchFromArrays(arrays: BatchArrays): Batch {
  const { rowCount, rowLength } = arrays;
  const layout = emptyLayout(rowCount, rowLength, { sorted: arrays.categories !== undefined });
  for (const [name, given] of Object.entries(arrays)) {
    const length = typeof given === 'number' ? null : (given as ArrayLike<number | bigint>).length;
    const fits = length === null || length === rowCount * rowLength;
    assert(
      fits,
      `${name} has ${length} values; a [${rowCount},${rowLength}] batch has ${rowCount * rowLength}`,
    );
  }
  for (let row = 0; row < rowCount; row++) copyRow(arrays, layout, row * rowLength);
  return finishBatch(layout, arrays.labelCapacity);
}

function copyRow(arrays: BatchArrays, layout: BatchLayout, start: number): void {
  let segment = -1;
  let position = 0;
  for (let i = start; i < start + layout.rowLength; i++) {
    const real = arrays.attentionMask === undefined || Number(arrays.attentionMask[i]) !== 0;
    const own = real ? Number(arrays.segments?.[i] ?? 0) : -1;
    if (own < 0) continue;
    if (own !== segment) position = 0;
    segment = own;
    layout.tokens[i] = Number(arrays.tokens[i]);
    layout.labels[i] = Number(arrays.labels[i]);
    if (layout.categories) layout.categories[i] = Number(arrays.categories![i]);
    layout.segments[i] = own;
    layout.positions[i] = Number(arrays.positions?.[i] ?? position);
    position++;
  }
}
