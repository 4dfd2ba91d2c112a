/** What test rows say of a sorter's several categories: from which score on each is given, and how well whole sets are found. */
import type {
  Calibration,
  ColumnKind,
  SorterColumn,
  SorterSet,
} from '../../../../common/protocol/protocol.ts';
import { type KnownRow, probabilities, sureFrom } from '../classify/calibration.ts';
import {
  categoryFigures,
  isSameSet,
  limitsOf,
  mostFrequentSet,
  type Sets,
  setScores,
  setsOf,
  YES,
} from '../classify/sets.ts';

/** The categories of rows as they really are: of those that taught a sorter, and of the test rows. */
export interface TrueSet extends Pick<SorterSet, 'name' | 'columns' | 'separator' | 'categories' | 'left'> {
  readonly taught: Sets;
  readonly asked: Sets;
}

/** What a column's sorter said: of test rows, and of training rows that it had not seen. */
interface Measured {
  readonly rows: readonly KnownRow[];
  readonly crossed: readonly KnownRow[];
}

/** How likely it is that exactly these categories are right, were each of them decided apart. */
export function chanceOfSet(chances: readonly number[], from: readonly number[]): number {
  return chances.reduce((all, chance, i) => all * (chance >= from[i]! ? chance : 1 - chance), 1);
}

/** The set, and of each of its columns (by its place) the limit and the figures. */
export function figuresOfSet(
  set: TrueSet,
  kinds: readonly ColumnKind[],
  sorters: readonly Measured[],
  calibrations: readonly Calibration[],
): { readonly set: SorterSet; readonly columns: ReadonlyMap<number, Pick<SorterColumn, 'from' | 'found'>> } {
  const { name, columns, separator, left, categories, taught, asked } = set;
  const places = [...kinds.keys()].filter((place) => kinds[place]!.of === name);
  const temperatures = places.map((place) => calibrations[place]!.temperature);
  const [crossed, rows] = [
    places.map((place) => sorters[place]!.crossed),
    places.map((place) => sorters[place]!.rows),
  ];
  const limits = limitsOf(crossed);
  const from = limits.map((limit, i) => 1 / (1 + Math.exp(-limit / temperatures[i]!)));
  const given = setsOf(categories, rows, limits);
  const judged = [crossed, rows].flatMap((known) =>
    setsOf(categories, known, limits).map((one, row) => {
      const truth = categories.filter((_, i) => known[i]![row]!.truth === YES);
      // a category that was not learned is missed
      const isWhole = known !== rows || asked[row]!.length === truth.length;
      const chances = known.map((of, i) => probabilities(of[row]!.scores, temperatures[i]!)[YES]!);
      return { score: chanceOfSet(chances, from), right: isWhole && isSameSet(one, truth) };
    }),
  );
  const frequent = mostFrequentSet(taught);
  const always = frequent.length === 0 ? [[]] : [[], frequent];
  return {
    set: {
      name,
      columns,
      separator,
      categories,
      left,
      askBelow: sureFrom(judged)?.score ?? null,
      rows: asked.length,
      scores: setScores(categories, asked, given),
      beside: always.map((one) => ({
        ...setScores(
          categories,
          asked,
          asked.map(() => one),
        ),
        given: one,
      })),
    },
    columns: new Map(
      places.map((place, i) => [
        place,
        { from: from[i]!, found: categoryFigures(categories[i]!, asked, given) },
      ]),
    ),
  };
}
