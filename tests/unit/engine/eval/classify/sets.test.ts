/** Several categories a text: F1 as scikit-learn 1.9.1 computes it, and the limits from which on categories are given. */
import { describe, expect, test } from 'vitest';
import {
  categoryFigures,
  limitsOf,
  mostFrequentSet,
  setRights,
  setScores,
  setsOf,
} from '../../../../../main/engine/eval/classify/sets.ts';

const sets = (texts: string) => texts.split(' ').map((text) => (text === '-' ? [] : text.split('')));
// rng(7): 40 rows, a fifth of all cells turned over
const TRUTHS = sets(
  '- ac - a - abd a - ab ab a c - a - - abd b c - a - abc a ac - - a ac b a bc a ab - - ac - - ad',
);
const GIVEN = sets(
  'd ac - abc d abd abcd c bc b ad bc b - c b ad b d - a ac abc a c acd ab ad ac ab ac c acd ab - b ac a - acd',
);
const CATEGORIES = ['a', 'b', 'c', 'd'];

describe('as scikit-learn has them', () => {
  test('accuracy_score, and f1_score micro and macro', () => {
    const { exact, microF1, macroF1 } = setScores(CATEGORIES, TRUTHS, GIVEN);
    expect(exact.value).toBe(0.325);
    expect(microF1.value).toBeCloseTo(0.6407766990291263, 12);
    expect(macroF1.value).toBeCloseTo(0.5944387214058476, 12);
    for (const { value, low, high } of [exact, microF1, macroF1]) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
      expect(high - low).toBeLessThan(0.35);
    }
  });

  test('precision_recall_fscore_support', () => {
    const found = CATEGORIES.map((category) => categoryFigures(category, TRUTHS, GIVEN));
    const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 7));
    expect(found.map(({ precision }) => precision)).toEqual(close([0.76190476, 0.5, 0.41176471, 0.27272727]));
    expect(found.map(({ recall }) => recall)).toEqual(close([0.8, 0.77777778, 0.875, 1]));
    expect(found.map(({ f1 }) => f1)).toEqual(close([0.7804878, 0.60869565, 0.56, 0.42857143]));
    expect(found.map(({ rows }) => rows)).toEqual([20, 9, 8, 3]);
  });

  test('a category that was not learned is missed: in the whole set and in micro F1', () => {
    const { exact, microF1 } = setScores(['a', 'b', 'c'], sets('ad b c'), sets('a b c'));
    expect(exact.value).toBeCloseTo(2 / 3, 12);
    // f1_score of three columns given and four wanted: 2 * 3 / (2 * 3 + 1)
    expect(microF1.value).toBeCloseTo(6 / 7, 12);
  });
});

const known = (odds: readonly number[], truths: readonly number[]) =>
  odds.map((one, i) => ({ scores: Float64Array.of(0, one), truth: truths[i]! }));
const times = (count: number, list: readonly number[]) => Array.from({ length: count }, () => list).flat();

describe('limits', () => {
  // found well from -1 on; found hardly at all; too few rows to say
  const clear = known(times(10, [-3, -2, 0, 2]), times(10, [0, 0, 1, 1]));
  const vague = known(times(10, [-4, -4.1, -4.2, -4.3]), times(10, [1, 0, 0, 0]));
  const rare = known(times(10, [-3, -3, -3, -3]), [1, ...times(39, [0])]);

  test('lie where F1 is best, between what is given and what is not', () => {
    expect(limitsOf([clear])).toEqual([-1]);
  });

  test('of a category that is hardly found, or rare, are those of all together', () => {
    expect(limitsOf([clear, vague, rare])).toEqual([-1, -1, -1]);
    const alone = limitsOf([vague]);
    expect(alone[0]).toBeLessThan(-4);
  });

  test('say which categories a text is given, and which texts have all right', () => {
    const odds = [clear.slice(0, 4), vague.slice(0, 4)];
    expect(setsOf(['x', 'y'], odds, [-1, -4.05])).toEqual([['y'], [], ['x'], ['x']]);
    expect(setRights(odds, [-1, -4.05])).toEqual([true, true, true, true]);
    expect(setRights(odds, [-1, 0])).toEqual([false, true, true, true]);
  });
});

test('the set that most rows have', () => {
  expect(mostFrequentSet(sets('ab - ba - ab c'))).toEqual(['a', 'b']);
  expect(mostFrequentSet(sets('ab - -'))).toEqual([]);
});
