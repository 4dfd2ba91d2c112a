import { describe, expect, it } from 'vitest';
import {
  type Amounts,
  affordableAmounts,
  budgetNote,
  type Costs,
  costOf,
  Effort,
  FLOOR,
  fewTestRows,
  timeShare,
} from '../../../../../main/engine/eval/assess/budget.ts';

const COSTS: Costs = {
  ...{ after: 100, before: 200, baselines: 400, training: 100, closed: 80, quiz: 120, passage: 100 },
};
const MOST: Amounts = { rows: 100, closedRows: 300, baselineRows: 100, quizItems: 205, passages: 64 };

describe('affordableAmounts', () => {
  it('asks everything where there is time', () => {
    expect(affordableAmounts(MOST, COSTS, costOf(MOST, COSTS))).toEqual(MOST);
    expect(budgetNote(MOST, MOST)).toBeNull();
  });

  it('scales down to what fits, and says so', () => {
    const affordable = 0.6 * costOf(MOST, COSTS);
    const amounts = affordableAmounts(MOST, COSTS, affordable);
    expect(costOf(amounts, COSTS)).toBeLessThanOrEqual(affordable);
    expect(costOf(amounts, COSTS)).toBeGreaterThan(0.95 * affordable);
    expect(amounts.rows).toBeGreaterThan(FLOOR.rows);
    expect(budgetNote(MOST, amounts)).toContain(`${amounts.rows} of 100 test rows`);
    expect(budgetNote(MOST, amounts)).toContain(`${amounts.closedRows} of 300 test rows for allowed answers`);
  });

  it('asks rows beyond a hundred last, from what is left', () => {
    const many = { ...MOST, rows: 400 };
    const each = COSTS.after + COSTS.before;
    const all = costOf(MOST, COSTS);
    expect(affordableAmounts(many, COSTS, all + 20.5 * each)).toEqual({ ...MOST, rows: 120 });
    expect(affordableAmounts(many, COSTS, all + 1000 * each)).toEqual(many);
    expect(affordableAmounts(many, COSTS, 0.6 * all)).toEqual(affordableAmounts(MOST, COSTS, 0.6 * all));
  });

  it('never goes below the floor, nor above what there is', () => {
    expect(affordableAmounts(MOST, COSTS, 0)).toEqual(FLOOR);
    const few = { rows: 6, closedRows: 0, baselineRows: 6, quizItems: 0, passages: 0 };
    expect(affordableAmounts(few, COSTS, 0)).toEqual(few);
  });
});

describe('Effort', () => {
  it('makes one figure of all parts, by what they cost, and never goes back', async () => {
    const told: [string, number][] = [];
    const effort = new Effort(1, (detail, fraction) => told.push([detail, fraction]));
    effort.expect(100);
    await effort.part('losses', 20, async (tell) => tell(0.5));
    // there is more to do than was thought
    effort.expect(180);
    await effort.part('answers', 90, async (tell) => tell(1));
    effort.expect(90);
    await effort.part('quiz', 90, async (tell) => [0.5, 1].forEach(tell));
    expect(told).toEqual([
      ['losses', 0],
      ['losses', 0.1],
      ['answers', 0.1],
      ['answers', 0.55],
      ['quiz', 0.55],
      ['quiz', 0.775],
      ['quiz', 1],
    ]);
  });
});

it('takes a fifth of the training, or all the time that a thorough one needs', () => {
  expect([timeShare({}), timeShare({ thorough: false }), timeShare({ thorough: true })]).toEqual([
    0.2,
    0.2,
    null,
  ]);
});

it('a plan warns of few test rows, and of none elsewhere', () => {
  expect(fewTestRows(8)).toBe('Only 8 test rows: the verdict will be uncertain.');
  expect(fewTestRows(1)).toBe('Only 1 test row: the verdict will be uncertain.');
  expect([fewTestRows(0), fewTestRows(FLOOR.rows)]).toEqual([null, null]);
});
