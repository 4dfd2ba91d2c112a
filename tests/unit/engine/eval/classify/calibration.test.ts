import { expect, test } from 'vitest';
import { Rng } from '../../../../../main/engine/data/rows/rng.ts';
import {
  calibrate,
  calibrationError,
  fitTemperature,
  type KnownRow,
  probabilities,
  sureFrom,
} from '../../../../../main/engine/eval/classify/calibration.ts';

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

test('the temperature takes back what made the scores too sure', () => {
  const rows = overconfident(4000, 3);
  const temperature = fitTemperature(rows);
  expect(temperature).toBeGreaterThan(2.6);
  expect(temperature).toBeLessThan(3.4);
  expect(calibrationError(rows, 1)).toBeGreaterThan(0.2);
  expect(calibrationError(rows, temperature)).toBeLessThan(0.04);
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
  expect(accuracy).toBe(0.75);
  // a: 2 of 3 given and 2 of 2 known; b: 1 of 1 given and 1 of 2 known
  expect(macroF1).toBeCloseTo((0.8 + 2 / 3) / 2, 12);
  expect(counts).toEqual([
    [2, 0],
    [1, 1],
  ]);
  expect(confused).toEqual([{ truth: 'b', given: 'a', rows: 1 }]);
  // bins of 0.8, 0.6, 0.7 and 0.9: gaps 0.2, 0.4, 0.7, 0.1
  expect(calibrationError(rows, 1)).toBeCloseTo((0.2 + 0.4 + 0.7 + 0.1) / 4, 12);
});

test('a score that can be trusted is one above which at least 95 % were right', () => {
  const right = Array.from({ length: 19 }, () => row(0, 0.9, 0.1));
  const wrong = Array.from({ length: 10 }, () => row(1, 0.6, 0.4));
  expect(sureFrom([...right, ...wrong], 1)).toMatchObject({ share: 19 / 29, right: 1 });
  expect(sureFrom([...right, row(1, 0.9, 0.1)], 1)?.right).toBe(0.95);
  expect(sureFrom([...right, row(1, 0.9, 0.1), row(1, 0.9, 0.1)], 1)).toBeNull();
  expect(sureFrom(right.slice(0, 9), 1)).toBeNull();
});
