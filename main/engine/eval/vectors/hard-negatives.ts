/** Passages that an encoder finds near a query and that do not answer it: a training learns more from them than from any others. */
import type { RankedRow } from './vector-tasks.ts';

/** What is nearer than this share of the passage's own cosine likely answers, too (NV-Retriever, Moreira et al. 2024). */
const MOST_OF_RIGHT = 0.95;

interface Mining {
  /** For each row at most. */
  readonly count: number;
  /** The passages that are searched, by the numbers of their texts. */
  readonly passages: readonly number[];
  readonly stop: AbortSignal;
}

/** The rows with the nearest wrong passages; `vectors` of all texts by their numbers. */
export function withHardNegatives(
  rows: readonly RankedRow[],
  vectors: readonly Float32Array[],
  { count, passages, stop }: Mining,
): RankedRow[] {
  const units = vectors.map(unit);
  const answers = new Map<number, Set<number>>();
  for (const { query, passage } of rows) {
    const known = answers.get(query) ?? new Set([query]);
    answers.set(query, known.add(passage));
  }
  return rows.map((row) => {
    stop.throwIfAborted();
    const own = units[row.query]!;
    const most = MOST_OF_RIGHT * product(own, units[row.passage]!);
    const known = answers.get(row.query)!;
    const near: { readonly text: number; readonly cosine: number }[] = [];
    for (const text of passages) {
      if (known.has(text) || row.negatives.includes(text)) continue;
      const cosine = product(own, units[text]!);
      if (cosine > most || (near.length >= count && cosine <= near.at(-1)!.cosine)) continue;
      const place = near.findIndex((one) => one.cosine < cosine);
      near.splice(place < 0 ? near.length : place, 0, { text, cosine });
      if (near.length > count) near.pop();
    }
    return { ...row, negatives: [...row.negatives, ...near.map(({ text }) => text)] };
  });
}

export function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector) || 1;
  return vector.map((x) => x / length);
}

export function product(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
