import { describe, expect, it } from 'vitest';
import {
  type Amounts,
  affordableAmounts,
  budgetNote,
  type Costs,
  costOf,
  FLOOR,
} from '../../../../../main/engine/eval/assess/budget.ts';

const COSTS: Costs = { after: 100, before: 200, baselines: 400, training: 100, quiz: 120 };
const MOST: Amounts = { rows: 100, baselineRows: 100, quizItems: 205 };

describe('affordableAmounts', () => {
  it('asks everything where there is time', () => {
    expect(affordableAmounts(MOST, COSTS, costOf(MOST, COSTS))).toEqual(MOST);
    expect(budgetNote(MOST, MOST, 60)).toBeNull();
  });

  it('scales down to what fits, and says so', () => {
    const affordable = 0.6 * costOf(MOST, COSTS);
    const amounts = affordableAmounts(MOST, COSTS, affordable);
    expect(costOf(amounts, COSTS)).toBeLessThanOrEqual(affordable);
    expect(costOf(amounts, COSTS)).toBeGreaterThan(0.95 * affordable);
    expect(amounts.rows).toBeGreaterThan(FLOOR.rows);
    expect(budgetNote(MOST, amounts, 60)).toContain(`${amounts.rows} of 100 held-out rows`);
  });

  it('never goes below the floor, nor above what there is', () => {
    expect(affordableAmounts(MOST, COSTS, 0)).toEqual(FLOOR);
    const few = { rows: 6, baselineRows: 6, quizItems: 0 };
    expect(affordableAmounts(few, COSTS, 0)).toEqual(few);
  });
});
