/** What the plan says of rented graphics cards: plain words, and nothing where they would tell nothing. */
import { describe, expect, it } from 'vitest';
import type { IfYouHad, RangedFigure } from '../../../common/api/contract.ts';
import { estimate } from '../../../main/plan/estimate.ts';
import { pricesOf, worthSaying } from '../../../renderer/steps/plan/plan-step.ts';
import { ifYouHadWords } from '../../../renderer/text/text.ts';
import { madeUpPrice } from '../../helpers/run-price.ts';

const nothing = { rates: null, platform: 'linux', probe: null, watts: null, pricePerKwh: 0 };
const cardsOf = (operations: number, parameters = 1e9, cardPrices = {}) =>
  estimate(madeUpPrice({ steps: 1, flops: operations, parameters }), {
    ...{ ...nothing, cardPrices },
    residuals: { memory: [], step: [] },
  }).ifYouHad;
const linesOf = (cards: readonly IfYouHad[]) => cards.map(ifYouHadWords.line);
const seconds = (value: number): RangedFigure => ({ value, low: value, high: value, restsOn: 'benchmark' });

describe('the words for rented cards', () => {
  it('are a time as a person says it, and what it costs', () => {
    expect(linesOf(cardsOf(9.5e16))).toEqual([
      'NVIDIA A100 80 GB: about 13 minutes, about 0.38\u00a0USD.',
      'NVIDIA H100 SXM: about 4 minutes, about 0.20\u00a0USD.',
    ]);
  });

  it('do not pretend to know seconds', () => {
    expect(linesOf(cardsOf(1e14))[1]).toBe('NVIDIA H100 SXM: under a minute, less than 0.05\u00a0USD.');
  });

  it('say where it would not fit', () => {
    expect(linesOf(cardsOf(9.5e16, 45e9))[0]).toBe(
      'NVIDIA A100 80 GB: too small. It has 80\u00a0GB, and 90\u00a0GB is needed.',
    );
  });

  it('say what they rest on', () => {
    const basis = (prices = {}) => {
      const cards = cardsOf(1e16, 1e9, prices);
      return ifYouHadWords.basis(cards[0]!, pricesOf(cards));
    };
    expect(basis()).toMatch(
      /^Estimated from the makers’ figures, not measured: 20% to 50% .* Prices are assumptions of \d{4}-\d\d\.$/,
    );
    expect(basis({ 'h100-sxm': 2 })).toMatch(/ Prices are yours, or assumptions of \d{4}-\d\d\.$/);
    expect(basis({ 'h100-sxm': 2, 'a100-80': 1 })).toMatch(/ The prices are yours\.$/);
  });
});

describe('whether they are said', () => {
  const ifYouHad = cardsOf(1e16);

  it.each([
    ['not before the time on this computer is known', null, 0],
    ['not where this computer is done before a card is rented', seconds(300), 0],
    ['from ten minutes on', seconds(600), 2],
  ])('%s', (_, totalSeconds, count) => {
    expect(worthSaying({ ifYouHad, totalSeconds })).toHaveLength(count);
  });
});
