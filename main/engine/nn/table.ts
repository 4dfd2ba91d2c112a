/**
 * The embedding and the output head, with the rows of new tokens beside them. A table of the model's files stays as it is. The few rows that
 * a run adds are a matrix of their own, which is read for their ids (PEFT's `trainable_token_indices`). These ids lie behind the table, or
 * among its rows that no token uses.
 */
import type { Graph, Value } from '../ir/graph.ts';
import {
  and,
  cast,
  concat,
  gather,
  lessEqual,
  matmul,
  mul,
  reshape,
  slice,
  sub,
  tanh,
  where,
} from '../ops/functions.ts';
import { HIDDEN } from './attention.ts';
import type { ParameterKind, Parameters } from './parameters.ts';

/** Ids from `first` on that are new; the files have `stored` rows. */
export interface NewTokens {
  readonly first: number;
  readonly count: number;
  readonly stored: number;
}

export interface TableShape {
  /** Rows in all, with those of new tokens. */
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly newTokens: NewTokens | null;
}

/** The rows of new tokens [N,H], whose ids begin at `first`. */
export interface AddedRows {
  readonly rows: Value;
  readonly first: number;
}

/** A table [V,H] with what replaces some of its rows, or follows them. */
export interface Table {
  readonly rows: Value;
  readonly added: AddedRows | null;
  /** Of a head whose logits are soft-capped, what they stay below. */
  readonly cap?: number;
}

/** Logits z as c tanh(z / c) for a `cap` c, and the slope of that; as they are without one. */
export function softCapped(z: Value, cap?: number): { readonly z: Value; readonly slope: Value | null } {
  if (cap === undefined) return { z, slope: null };
  const bent = tanh(mul(z, 1 / cap));
  return { z: mul(bent, cap), slope: sub(1, mul(bent, bent)) };
}

/** The sizes of a vocabulary of `vocabSize` rows once it has `count` new tokens from the id `first` on. */
export function withNewRows(
  { vocabSize }: { readonly vocabSize: number },
  first: number,
  count: number,
): Pick<TableShape, 'vocabSize' | 'newTokens'> {
  return {
    vocabSize: Math.max(vocabSize, first + count),
    newTokens: { first, count, stored: vocabSize },
  };
}

/** The table `name`; where all parameters are trained it is one matrix, new rows included. */
export function tableOf(
  p: Parameters,
  name: string,
  { vocabSize, hiddenSize, newTokens }: TableShape,
  kind: ParameterKind & ('embedding' | 'matrix'),
): Table {
  if (newTokens === null || p.method.kind === 'full')
    return { rows: p.table(name, [vocabSize, hiddenSize], kind), added: null };
  const { first, count, stored } = newTokens;
  const rows = p.table(name, [stored, hiddenSize], kind);
  return { rows, added: { rows: p.tokenRows(name, [count, hiddenSize]), first } };
}

/** Rows at `ids` (int32, any shape): [...ids, H]. */
export function lookUp({ rows, added }: Table, ids: Value): Value {
  if (!added) return gather(rows, ids);
  const { isNew, own, others } = apart(ids, added);
  const chosen = reshape(isNew, [...ids.shape, 1]);
  return where(chosen, gather(added.rows, own), gather(rows, others));
}

/** Which of `ids` are new, their places among the new rows, and the other ids; 0 stands in both for those that are not meant. */
export function apart(ids: Value, { rows, first }: AddedRows): { isNew: Value; own: Value; others: Value } {
  const number = (value: number) => ids.graph.constant('i32', [], Int32Array.of(value));
  const last = number(first + rows.shape[0]! - 1);
  const isNew = and(lessEqual(number(first), ids), lessEqual(ids, last));
  const chosen = cast(isNew, 'i32');
  const own = mul(sub(ids, number(first)), chosen);
  return { isNew, own, others: mul(ids, sub(number(1), chosen)) };
}

/** The logits [N,V] of hidden states [N,H], in the order of the ids. */
export function logits(hidden: Value, { cap, ...table }: Table): Value {
  return softCapped(plainLogits(hidden, table), cap).z;
}

function plainLogits(hidden: Value, { rows, added }: Table): Value {
  const stored = matmul(hidden, rows, { transB: true });
  if (!added) return stored;
  const { first } = added;
  const [columns, end] = [rows.shape[0]!, first + added.rows.shape[0]!];
  const parts = [
    ...(first > 0 ? [slice(stored, 1, 0, first)] : []),
    matmul(hidden, added.rows, { transB: true }),
    ...(end < columns ? [slice(stored, 1, end, columns)] : []),
  ];
  return parts.length === 1 ? parts[0]! : concat(parts, 1);
}

/**
 * What is added to the logits of the table's rows [start, end) so that those whose ids are new have no part in a softmax: [1, end - start];
 * null where there are none.
 */
export function withoutReplaced(graph: Graph, added: AddedRows, start: number, end: number): Value | null {
  const [from, to] = [Math.max(start, added.first), Math.min(end, added.first + added.rows.shape[0]!)];
  if (from >= to) return null;
  const mask = new Float32Array(end - start).fill(HIDDEN, from - start, to - start);
  return graph.constant('f32', [1, end - start], mask);
}
