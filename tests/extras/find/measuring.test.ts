/** What trainings of encoders are measured on: whole test queries, and everyday sentences with an interval. */
import { expect, test } from 'vitest';
import { GENERAL_PAIRS, knownInGeneral } from '../../../main/engine/extras/find/general-pairs.ts';
import { ofDrawnQueries } from '../../../main/engine/extras/find/rows-asked.ts';

test('a test query that is drawn keeps all passages that answer it', () => {
  const rows = Array.from({ length: 60 }, (_, i) => ({
    ...{ query: `query ${i % 20}`, passage: `passage ${i}` },
    ...{ negatives: [], score: null },
  }));
  const kept = ofDrawnQueries(rows, 7, 3);
  const byQuery = Map.groupBy(kept, ({ query }) => query);
  expect(byQuery.size).toBe(7);
  expect([...byQuery.values()].map(({ length }) => length)).toEqual(Array(7).fill(3));
  expect(ofDrawnQueries(rows, 20, 3)).toEqual(rows);
});

const right = GENERAL_PAIRS.map(({ score }, i) => score! + 0.9 * Math.sin(i));
const shaken = (by: number, times = 7) => right.map((cosine, i) => cosine + by * Math.sin(times * i));

test.each([
  ['nothing', right],
  ['nothing', shaken(0.2)],
  ['little', shaken(0.5, 3)],
  ['much', shaken(2)],
] as const)('it forgot %s', (forgot, after) => {
  const general = knownInGeneral(right, after, 1);
  const { value, low, high } = general.lost;
  expect(value).toBeCloseTo(general.before - general.after, 12);
  expect([low <= value, value <= high, low > 0]).toEqual([true, true, forgot !== 'nothing']);
  expect(general.forgot).toBe(forgot);
});
