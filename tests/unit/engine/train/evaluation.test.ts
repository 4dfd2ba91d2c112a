import { describe, expect, it } from 'vitest';
import type { Measurement } from '../../../../main/engine/eval/measure.ts';
import {
  isClearlyBetter,
  type KnownLosses,
  noteEvaluation,
} from '../../../../main/engine/train/evaluation.ts';
import { seeded } from '../../../helpers/random.ts';

const NEW: KnownLosses = {
  ...{ heldOutLoss: null, heldOutLossBefore: null, bestLoss: null, bestStep: 0, evaluationsSinceBest: 0 },
};

/** An evaluation of rows with these losses per token, each of `tokens` tokens. */
function measured(losses: readonly number[], tokens = 10): Measurement {
  const loss = losses.reduce((a, b) => a + b, 0) / losses.length;
  const rows = {
    rows: Uint32Array.from(losses, (_, i) => i),
    nll: Float64Array.from(losses, (one) => one * tokens),
    labelled: new Uint32Array(losses.length).fill(tokens),
  };
  const labelledTokens = tokens * losses.length;
  return { loss, perplexity: Math.exp(loss), labelledTokens, tokens: labelledTokens, seconds: 1, rows };
}

/** Whether the best of these evaluations is kept over the last. */
function keepsBest(...evaluations: (readonly number[])[]): boolean {
  const course = { ...NEW };
  for (const [step, losses] of evaluations.entries()) noteEvaluation(course, step, measured(losses));
  return isClearlyBetter(course, new Array(evaluations[0]!.length).fill(10), 1);
}

describe('noteEvaluation', () => {
  it('keeps the earlier of two equal losses, and counts the later one as no better', () => {
    const course = { ...NEW };
    expect(noteEvaluation(course, 0, measured([2, 3]))).toBe(true);
    expect(noteEvaluation(course, 5, measured([1, 2]))).toBe(true);
    expect(noteEvaluation(course, 10, measured([2, 1]))).toBe(false);
    expect(course).toMatchObject({ bestLoss: 1.5, bestStep: 5, evaluationsSinceBest: 1, heldOutLoss: 1.5 });
    expect(course.rowLosses).toEqual({
      ...{ labelled: [10, 10], before: [20, 30], best: [10, 20], last: [20, 10] },
    });
    expect(course.heldOutLossBefore).toBe(2.5);
    expect(noteEvaluation(course, 15, measured([1, 1.9]))).toBe(true);
    expect(course).toMatchObject({ bestStep: 15, evaluationsSinceBest: 0 });
  });
});

describe('isClearlyBetter', () => {
  // one row more or less by chance: means 0.143 and 0.147 as in a real run
  const early = [0.1, 0.2, 0.05, 0.3, 0.12, 0.08, 0.15, 0.14, 0.19, 0.1];
  const later = early.map(
    (loss, i) => loss + [0.04, -0.05, 0.03, -0.06, 0.05, 0.02, -0.01, 0.04, -0.06, 0.04][i]!,
  );

  it('does not take a lower mean for a better model', () => {
    expect(keepsBest(early, later)).toBe(false);
  });

  it('keeps an earlier step whose rows are nearly all better', () => {
    expect(
      keepsBest(
        early,
        early.map((loss, i) => loss + 0.03 + 0.002 * (i % 3)),
      ),
    ).toBe(true);
  });

  it('pairs by row: rows may differ from each other as much as they like', () => {
    const apart = early.map((_, i) => 10 * i);
    expect(
      keepsBest(
        apart,
        apart.map((loss, i) => loss + 0.03 + 0.002 * (i % 3)),
      ),
    ).toBe(true);
  });

  it('weighs rows by their tokens, as the loss does', () => {
    // the same by token in every row, one of which is long
    const labelled = [...new Array(11).fill(10), 2000];
    const best = labelled.map((tokens) => 0.1 * tokens);
    const course = { ...NEW, rowLosses: { best, last: best.map((nll) => 1.1 * nll) } };
    expect(isClearlyBetter(course, labelled, 1)).toBe(true);
    expect(isClearlyBetter(course, new Array(12).fill(10), 1)).toBe(false);
  });

  it('keeps the last step where nothing tells: equal rows, one row, or none known', () => {
    expect(keepsBest(early, early)).toBe(false);
    expect(keepsBest([1], [2])).toBe(false);
    expect(isClearlyBetter(NEW, [], 1)).toBe(false);
    expect(isClearlyBetter({ ...NEW, rowLosses: { best: [], last: [1, 2] } }, [1, 1], 1)).toBe(false);
  });
});

describe('the rule against the lowest mean', () => {
  const ROWS = 20;
  const random = seeded(23);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

  /** True losses, on average over runs, of the weights that each rule ends with; `course` has the true loss by evaluation. */
  function simulated(course: readonly number[]): { lowest: number; last: number; rule: number } {
    const sums = { lowest: 0, last: 0, rule: 0 };
    const runs = 200;
    for (let run = 0; run < runs; run++) {
      const hard = Array.from({ length: ROWS }, () => 0.1 * Math.abs(normal()));
      const found: KnownLosses = { ...NEW };
      // what a row gains or loses by chance from one evaluation to the next
      for (const [step, truth] of course.entries())
        noteEvaluation(found, step, measured(hard.map((row) => row + truth + 0.08 * normal())));
      const earlier = isClearlyBetter(found, new Array(ROWS).fill(10), run);
      sums.lowest += course[found.bestStep]! / runs;
      sums.last += course.at(-1)! / runs;
      sums.rule += (earlier ? course[found.bestStep]! : course.at(-1)!) / runs;
    }
    return sums;
  }

  it('is better where the loss goes on falling slowly', () => {
    const { lowest, last, rule } = simulated([0.5, 0.3, 0.25, 0.23, 0.215, 0.205, 0.2, 0.196, 0.193, 0.19]);
    expect(rule).toBeLessThan(lowest - 0.003);
    expect(rule - last).toBeLessThan(0.001);
  });

  it('is nearly as good where the rows are overfitted', () => {
    const { lowest, last, rule } = simulated([0.5, 0.3, 0.2, 0.19, 0.22, 0.27, 0.33, 0.4]);
    expect(rule - lowest).toBeLessThan(0.005);
    expect(rule).toBeLessThan(last - 0.15);
  });
});
