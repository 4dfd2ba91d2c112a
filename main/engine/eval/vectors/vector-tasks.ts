/** What trains vectors: queries with their passages, or pairs with a score. Texts are numbers; each is read once a step, however often it stands there. */
import type { HostArray } from '../../ir/dtype.ts';
import type { VectorLoss } from '../../step/encoder-steps.ts';
import { NEVER, orderLoss, rankingLoss, type VectorLossSettings } from '../../step/vector-losses.ts';

/** A query, the passage that answers it, and passages that look so and don't. */
export interface RankedRow {
  readonly query: number;
  readonly passage: number;
  readonly negatives: readonly number[];
}

/** Two texts, and how similar they are on any scale. */
export interface GradedRow {
  readonly first: number;
  readonly second: number;
  readonly score: number;
}

/** Where the vector of a text stands among those of its step. */
export type PlaceOf = (text: number) => number;

/** The steps of a training by vectors, each of so many rows. */
export interface VectorTask {
  /** The texts of each step, none twice. */
  readonly texts: readonly (readonly number[])[];
  readonly loss: VectorLoss;
  feeds(step: number, placeOf: PlaceOf): Record<string, HostArray>;
  /** What the summed loss of a step is divided by. */
  countOf(step: number): number;
}

const once = (texts: readonly number[]): number[] => [...new Set(texts)];
const most = (counts: readonly number[]): number => counts.reduce((a, b) => Math.max(a, b), 1);

/** The passage of each query is told from all other passages of its step, unless these are known to answer it, too. */
export function rankingTask(
  rows: readonly RankedRow[],
  steps: readonly (readonly number[])[],
  settings: VectorLossSettings,
): VectorTask {
  const answers = new Map<number, Set<number>>();
  for (const { query, passage } of rows) {
    const known = answers.get(query) ?? new Set([query]);
    answers.set(query, known.add(passage));
  }
  const taken = steps.map((step) => step.map((row) => rows[row]!));
  const candidates = taken.map((own) =>
    once([...own.map(({ passage }) => passage), ...own.flatMap(({ negatives }) => negatives)]),
  );
  const queries = most(steps.map(({ length }) => length));
  const columns = most(candidates.map(({ length }) => length));
  return {
    texts: taken.map((own, step) => once([...own.map(({ query }) => query), ...candidates[step]!])),
    loss: rankingLoss(queries, columns, settings),
    countOf: (step) => taken[step]!.length,
    feeds(step, placeOf) {
      const [own, among] = [taken[step]!, candidates[step]!];
      const closed = new Float32Array(queries * columns);
      const wanted = new Float32Array(queries * columns);
      const columnOf = new Map(among.map((text, column) => [text, column]));
      for (const [row, { query, passage }] of own.entries()) {
        const known = answers.get(query)!;
        for (let column = 0; column < columns; column++)
          if (column >= among.length || (known.has(among[column]!) && among[column] !== passage))
            closed[row * columns + column] = NEVER;
        wanted[row * columns + columnOf.get(passage)!] = 1;
      }
      return {
        closed,
        wanted,
        queries: placed(own, queries, ({ query }) => placeOf(query)),
        candidates: placed(among, columns, placeOf),
        weights: new Float32Array(queries).fill(1, 0, own.length),
      };
    },
  };
}

/** Pairs are put in the order of their scores. */
export function gradedTask(
  rows: readonly GradedRow[],
  steps: readonly (readonly number[])[],
  settings: VectorLossSettings,
): VectorTask {
  const taken = steps.map((step) => step.map((row) => rows[row]!));
  const pairs = most(steps.map(({ length }) => length));
  return {
    texts: taken.map((own) => once(own.flatMap(({ first, second }) => [first, second]))),
    loss: orderLoss(pairs, settings),
    countOf: () => 1,
    feeds(step, placeOf) {
      const own = taken[step]!;
      const order = new Float32Array(pairs * pairs).fill(NEVER);
      for (const [i, lower] of own.entries())
        for (const [j, upper] of own.entries()) if (lower.score < upper.score) order[i * pairs + j] = 0;
      return {
        order,
        firsts: placed(own, pairs, ({ first }) => placeOf(first)),
        seconds: placed(own, pairs, ({ second }) => placeOf(second)),
      };
    },
  };
}

function placed<T>(all: readonly T[], room: number, placeOf: (one: T) => number): Int32Array {
  const places = new Int32Array(room);
  for (const [i, one] of all.entries()) places[i] = placeOf(one);
  return places;
}
