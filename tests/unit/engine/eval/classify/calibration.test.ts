import { expect, test } from 'vitest';
import {
  calibrate,
  calibrationError,
  crossFitted,
  fitTemperature,
  judgedAt,
  type KnownRow,
  probabilities,
  sureFrom,
} from '../../../../../main/engine/eval/classify/calibration.ts';
import { Rng } from '../../../../../main/rows/rng.ts';

/** Rows whose category is drawn from softmax(logits), given with scores that are `factor` times too sure. */
function overconfident(count: number, factor: number): KnownRow[] {
  const rng = Rng.fromSeed(5);
  return Array.from({ length: count }, () => {
    const logits = Float64Array.from({ length: 4 }, () => 3 * rng.uniform());
    const chances = probabilities(logits, 1);
    let [truth, left] = [0, rng.uniform()];
    while (truth < 3 && left > chances[truth]!) left -= chances[truth++]!;
    return { scores: logits.map((logit) => logit * factor), truth };
  });
}

/** What rows say at one temperature. */
const at = (rows: readonly KnownRow[], temperature: number) =>
  judgedAt(
    rows,
    rows.map(() => temperature),
  );

test('the temperature takes back what made the scores too sure', () => {
  const rows = overconfident(4000, 3);
  const temperature = fitTemperature(rows);
  expect(temperature).toBeGreaterThan(2.6);
  expect(temperature).toBeLessThan(3.4);
  expect(calibrationError(at(rows, 1))).toBeGreaterThan(0.2);
  expect(calibrationError(at(rows, temperature))).toBeLessThan(0.04);
  expect(fitTemperature(overconfident(4000, 1))).toBeCloseTo(1, 0);
});

/** A row with these log-probabilities. */
const row = (truth: number, ...chances: number[]): KnownRow => ({
  truth,
  scores: Float64Array.from(chances, Math.log),
});

test('figures by hand', () => {
  const rows = [row(0, 0.8, 0.2), row(0, 0.6, 0.4), row(1, 0.7, 0.3), row(1, 0.1, 0.9)];
  const { accuracy, macroF1, counts, confused } = calibrate(['a', 'b'], rows);
  expect(accuracy).toMatchObject({ key: null, rows: 4, value: 0.75 });
  expect(accuracy.low).toBeGreaterThan(0.25);
  expect(accuracy.high).toBeLessThan(1);
  // a: 2 of 3 given and 2 of 2 known; b: 1 of 1 given and 1 of 2 known
  expect(macroF1).toBeCloseTo((0.8 + 2 / 3) / 2, 12);
  expect(counts).toEqual([
    [2, 0],
    [1, 1],
  ]);
  expect(confused).toEqual([{ truth: 'b', given: 'a', rows: 1 }]);
  // bins of 0.8, 0.6, 0.7 and 0.9: gaps 0.2, 0.4, 0.7, 0.1
  expect(calibrationError(at(rows, 1))).toBeCloseTo((0.2 + 0.4 + 0.7 + 0.1) / 4, 12);
});

test('a score that can be trusted is one above which at least 95 % were right', () => {
  const right = Array.from({ length: 19 }, () => row(0, 0.9, 0.1));
  const wrong = Array.from({ length: 10 }, () => row(1, 0.6, 0.4));
  const sure = (rows: readonly KnownRow[]) => sureFrom(at(rows, 1));
  expect(sure([...right, ...wrong])).toMatchObject({ share: 19 / 29, right: 1 });
  expect(sure([...right, row(1, 0.9, 0.1)])?.right).toBe(0.95);
  expect(sure([...right, row(1, 0.9, 0.1), row(1, 0.9, 0.1)])).toBeNull();
  expect(sure(right.slice(0, 9))).toBeNull();
});

test('a category that was never taught is wrong, and nothing is fitted on it', () => {
  const rows = [row(0, 0.8, 0.2), row(1, 0.3, 0.7), row(-1, 0.6, 0.4)];
  const { accuracy, counts } = calibrate(['a', 'b'], rows);
  expect(accuracy).toMatchObject({ rows: 3, value: 2 / 3 });
  expect(counts.flat().reduce((a, b) => a + b)).toBe(2);
  expect(fitTemperature(rows)).toBe(fitTemperature(rows.slice(0, 2)));
});

test('the error with a temperature is that of rows that it was not fitted on', () => {
  const rows = overconfident(50, 3);
  const temperatures = crossFitted(rows);
  const others = rows.filter((_, i) => i % 5 !== 2);
  expect(temperatures[2]).toBe(fitTemperature(others));
  expect(temperatures[7]).toBe(temperatures[2]);
  const { errorAfter, fitted } = calibrate(['a', 'b', 'c', 'd'], rows);
  expect(errorAfter).toBe(calibrationError(judgedAt(rows, temperatures)));
  expect(fitted).toBe(fitTemperature(rows));
});

test('a temperature that makes scores truer is used', () => {
  const labels = ['a', 'b', 'c', 'd'];
  const good = calibrate(labels, overconfident(1000, 3));
  expect(good).toMatchObject({ used: true, limit: null });
  expect(good.temperature).toBe(good.fitted);
});

test('a temperature that makes scores no truer is not used, and says so', () => {
  // the scores are those that the rows were drawn from
  const truthful = calibrate(['a', 'b', 'c', 'd'], overconfident(40, 1));
  expect(truthful.errorAfter).toBeGreaterThanOrEqual(truthful.errorBefore);
  expect(truthful).toMatchObject({ used: false, temperature: 1, limit: null });
});

test('a fit that runs into its limit says which, and is not used', () => {
  const right = Array.from({ length: 20 }, () => row(0, 0.7, 0.3));
  expect(calibrate(['a', 'b'], right)).toMatchObject({ limit: 'lowest', used: false, temperature: 1 });
  const wrong = Array.from({ length: 20 }, () => row(1, 0.7, 0.3));
  expect(calibrate(['a', 'b'], wrong)).toMatchObject({ limit: 'highest', used: false, temperature: 1 });
});
