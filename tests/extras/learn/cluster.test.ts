/** Cards in parallel, beside what was published of large trainings, and by hand where nothing was. */
import { describe, expect, it } from 'vitest';
import { ClusterQuestion } from '../../../common/extras/learn/calls.ts';
import { clusterTraining } from '../../../main/extras/learn/cluster.ts';
import { publishedFigures } from './docs/published.ts';

const asked = (question: Partial<ClusterQuestion>) => clusterTraining(ClusterQuestion.parse(question));
const named = (question: Partial<ClusterQuestion>, name: string) => {
  const found = asked(question).models.find((model) => model.name === name)!;
  return { ...found, figures: found.figures! };
};

describe('cards in parallel', () => {
  it.each(publishedFigures())('is within a tenth of what was published: $what', ({ published, ours }) => {
    expect(ours / published).toBeGreaterThan(0.9);
    expect(ours / published).toBeLessThan(1.1);
  });

  it('counts 400 W for an A100 and a tenth more for what is around it, as the Llama 2 paper does', () => {
    const { figures } = named({ card: 'a100-80' }, 'Llama 2 7B');
    expect(figures.kwh).toBeCloseTo(figures.cardHours * 0.44, 3);
  });

  it('divides 16 bytes for each weight, as in figure 1 of the ZeRO paper', () => {
    const { parameters, stateBytes } = named({}, 'Llama 2 7B');
    expect(stateBytes).toBe(16 * parameters);
    expect((16 * 7.5e9) / 64 / 1e9).toBeCloseTo(1.9, 1);
    const { cards, figures, activationBytes, layerBytes } = named({ leastCards: 64 }, 'Llama 2 7B');
    expect(cards).toBe(64);
    expect(figures.bytesOfACard).toBeCloseTo((16 * parameters) / 64 + activationBytes + layerBytes, 0);
  });

  it('trains 65 billion weights and more on one card of 48 GB or 80 GB with QLoRA, as its paper says', () => {
    const { cards, stateBytes } = named({ method: 'qlora', rowsPerCard: 1 }, 'Llama 2 70B');
    expect(cards).toBe(1);
    expect(stateBytes).toBeLessThan(48e9);
  });

  it('takes as many cards as the states need: a part of a computer, or whole ones', () => {
    const cards = (question: Partial<ClusterQuestion>) => asked(question).models.map((model) => model.cards);
    expect(cards({ card: 'a100-80' })).toEqual([2, 4, 24, 128]);
    expect(cards({ card: 'a100-80', method: 'lora' })).toEqual([1, 1, 4, 24]);
    expect(cards({ card: 'a100-80', method: 'qlora' })).toEqual([1, 1, 1, 4]);
    expect(cards({ card: 'a100-80', method: 'lora', leastCards: 3 })).toEqual([4, 4, 4, 24]);
    for (const { cards: many, figures, activationBytes } of asked({ card: 'rtx-4090' }).models)
      if (many !== null && many > 1) {
        expect(figures!.bytesOfACard).toBeLessThanOrEqual(24e9 * 0.9);
        expect(activationBytes).toBeGreaterThan(0);
      }
  });

  it('says so where a card has no room for its own rows', () => {
    const { models } = asked({ card: 'rtx-3060', tokensPerRow: 100_000, rowsPerCard: 8 });
    for (const { cards, figures } of models) expect([cards, figures]).toEqual([null, null]);
  });

  it('waits for what the cards tell each other where that takes longer than computing', () => {
    const fast = named({}, 'Llama 2 70B').figures;
    expect(fast.link).toBe(25e9);
    expect(fast.trafficSeconds).toBeGreaterThan(fast.computeSeconds);
    expect(fast.seconds).toBeCloseTo(fast.steps * fast.trafficSeconds, 3);
    const more = named({ rowsPerCard: 16 }, 'Llama 2 70B').figures;
    expect(more.computeSeconds).toBeGreaterThan(more.trafficSeconds);
    expect(named({ networkBandwidth: 50e9 }, 'Llama 2 70B').figures.trafficSeconds).toBeCloseTo(
      fast.trafficSeconds / 2,
      6,
    );
    const one = named({ method: 'qlora' }, 'Llama 2 7B').figures;
    expect([one.trafficBytes, one.trafficSeconds]).toEqual([0, 0]);
  });

  it('receives all weights twice and the gradients once, but for its own part', () => {
    const { parameters, cards, figures } = named({}, 'Llama 2 7B');
    expect(figures.trafficBytes).toBeCloseTo(((cards! - 1) / cards!) * (2 * 2 + 2) * parameters, -3);
  });

  it('costs hours times price, and a price or power that is given wins', () => {
    const { figures } = named({ pricePerHour: 5, watts: 100, surroundings: 2 }, 'Llama 2 13B');
    expect(figures.cost).toBeCloseTo(figures.cardHours * 5, 6);
    expect(figures.kwh).toBeCloseTo(figures.cardHours * 0.2, 6);
    const { question, cards } = asked({ card: 'no such card' });
    expect(question).toMatchObject({ card: 'a100-80', watts: 400 });
    expect(question.pricePerHour).toBe(cards[0]!.pricePerHour);
    for (const { watts, pricePerHour } of cards) expect(Math.min(watts, pricePerHour)).toBeGreaterThan(0);
  });
});
