/** A run on cards that are not here: its very operations, and the textbook's arithmetic. */
import { describe, expect, it } from 'vitest';
import { ACCELERATORS, assumedPricePerHour, USUAL_UTILISATION } from '../../../main/plan/accelerators.ts';
import { ifYouHad, runOperations } from '../../../main/plan/estimate.ts';
import { shapeOf } from '../../../main/plan/shapes.ts';
import { catalogModel } from '../../../main/plan/situation-for.ts';
import { operationsPerToken } from '../../../main/plan/textbook.ts';
import { examplePrices } from '../../helpers/example-prices.ts';
import { madeUpPrice, madeUpWork } from '../../helpers/run-price.ts';

const plain = madeUpPrice({ steps: 10, flops: 2e12, batches: 3 });
const measuring = {
  ...plain,
  work: {
    ...plain.work,
    evaluation: madeUpWork(1e12),
    evaluationBatches: 4,
    evaluations: 5,
    evaluationTokens: 100,
  },
};
const assessing = (least: number, most: number, assessmentShare?: number | null) => ({
  ...measuring,
  work: {
    ...measuring.work,
    assessmentTokens: [least, most] as const,
    ...(assessmentShare !== undefined && { assessmentShare }),
  },
});

describe('the operations of a run', () => {
  it('are those of its micro-batches', () => {
    expect(runOperations(plain)).toBe(10 * 3 * 2e12);
  });

  it('and of its evaluations', () => {
    expect(runOperations(measuring)).toBe(60e12 + 4 * 5 * 1e12);
  });

  it('and of the assessment: its share of the training, all of it in older prices, within its floor and all that there is to ask', () => {
    // evaluations read 2,000 tokens with 2e13 operations, so a token takes 1e10
    expect(runOperations(assessing(10, 1e6))).toBe(80e12 + 60e12);
    expect(runOperations(assessing(7_000, 1e6))).toBe(80e12 + 70e12);
    expect(runOperations(assessing(10, 2_000))).toBe(80e12 + 20e12);
    expect(runOperations(assessing(10, 1e6, 0.5))).toBe(80e12 + 30e12);
    expect(runOperations(assessing(4_000, 1e6, 0.5))).toBe(80e12 + 40e12);
    expect(runOperations(assessing(10, 9_000, null))).toBe(80e12 + 90e12);
  });
});

describe('the operations of the graphs of a run', () => {
  const repo = 'HuggingFaceTB/SmolLM2-135M';
  const rows = { count: 100, tokens: 1024, labelled: 1024 };

  it.each(['lora', 'full'] as const)('with %s are the textbook’s, and those of attention', async (method) => {
    const settings = { method, trainOn: 'all', heldOut: 0, assess: false, epochs: 2 };
    const [price] = await examplePrices([{ model: catalogModel(repo)!, settings, rows }]);
    const { parameters, trainableParameters: trained } = price!;
    const each = operationsPerToken({ method, parameters, trained, recompute: false });
    const flops = 2 * rows.count * rows.tokens * Object.values(each).reduce((sum, one) => sum + one);
    // 2 products of width x tokens for each layer and token, there and twice back
    const { layers, heads, headWidth } = shapeOf(repo)!;
    const attention = 3 * 2 * 2 * layers * heads * headWidth * rows.tokens * (rows.count * rows.tokens * 2);
    // a token looks at those before it, which are half of all; blocks that lie in the future are left out
    expect(runOperations(price!)).toBeGreaterThan(0.99 * (flops + attention / 2));
    expect(runOperations(price!)).toBeLessThan(1.01 * (flops + 0.7 * attention));
  });
});

describe('if you had', () => {
  it('an A100 or an H100: operations over the published rate and the share of it that trainings reach', () => {
    const found = ifYouHad(plain);
    expect(found.map(({ id }) => id)).toEqual(['a100-80', 'h100-sxm']);
    const [a100] = found;
    expect(a100).toMatchObject({ operations: 6e13, fits: true, restsOn: 'published', currency: 'USD' });
    expect(a100!.seconds.value).toBeCloseTo(6e13 / (312e12 * 0.4), 9);
    expect(a100!.seconds.low).toBeCloseTo(6e13 / (312e12 * 0.5), 9);
    expect(a100!.seconds.high).toBeCloseTo(6e13 / (312e12 * 0.2), 9);
    for (const end of ['value', 'low', 'high'] as const)
      expect(a100!.cost[end]).toBeCloseTo((a100!.seconds[end] * assumedPricePerHour('a100-80')) / 3600, 12);
  });

  it('takes the price of an hour that the person knows, and says which it took', () => {
    const [a100, h100] = ifYouHad(plain, { 'a100-80': 0.9, l4: 7 });
    expect(a100).toMatchObject({ pricePerHour: 0.9, assumedPrice: false });
    expect(a100!.cost.value).toBeCloseTo((a100!.seconds.value * 0.9) / 3600, 12);
    expect(h100).toMatchObject({ pricePerHour: assumedPricePerHour('h100-sxm'), assumedPrice: true });
  });

  it('takes no less than handing over each layer of each micro-batch, and says that the card waits', () => {
    const { textbook, work } = assessing(4_000, 1e6, 0.5);
    const small = (flops: number) => ({
      ...madeUpPrice({ steps: 10, flops, batches: 3 }),
      textbook: { ...textbook!, layers: 30 },
    });
    // 30 micro-batches of 30 layers, at 1 ms (0.4 to 2 ms) a layer
    for (const { seconds, waits, cost, pricePerHour } of ifYouHad(small(1e9))) {
      expect(waits).toBe(true);
      expect(seconds.value).toBeCloseTo(0.9, 9);
      expect([seconds.low / 0.36, seconds.high / 1.8]).toEqual([expect.closeTo(1, 9), expect.closeTo(1, 9)]);
      expect(cost.value).toBeCloseTo((0.9 * pricePerHour) / 3600, 12);
    }
    // 20 of the evaluation and 20 of an assessment that reads as much, forward alone
    const read = { ...small(1e9), work: { ...work, gradient: madeUpWork(1e9), evaluation: madeUpWork(3e8) } };
    expect(ifYouHad(read)[0]!.seconds.value).toBeCloseTo(0.9 + ((20 + 40) * 30 * 1e-3) / 3, 6);
    const [large] = ifYouHad(small(2e14));
    expect(large).toMatchObject({ waits: false });
    expect(large!.seconds.value).toBeCloseTo(6e15 / (312e12 * 0.4), 6);
  });

  it('of 135 million weights takes minutes for thousands of steps, not seconds', async () => {
    const rows = { count: 2000, tokens: 300, labelled: 100 };
    const settings = { method: 'lora', tokensPerMicroBatch: 512, heldOut: 0, assess: false, epochs: 3 };
    const model = catalogModel('HuggingFaceTB/SmolLM2-135M')!;
    const [price] = await examplePrices([{ model, settings, rows }]);
    for (const { id, seconds, waits, operations } of ifYouHad(price!)) {
      const byRate = operations / (0.4 * ACCELERATORS.find((card) => card.id === id)!.peakFlops);
      expect([waits, seconds.value > 10 * byRate, seconds.value > 100]).toEqual([true, true, true]);
    }
  });

  it('says whether the run fits in 16 bits, whatever it takes here', () => {
    const full = (parameters: number) => {
      const price = madeUpPrice({ weightBytes: 300e9 });
      const textbook = { ...price.textbook!, method: 'full', parameters, trained: parameters } as const;
      return ifYouHad({ ...price, textbook });
    };
    expect(full(9.99e9).every(({ fits }) => fits)).toBe(true);
    expect(full(10.01e9).some(({ fits }) => fits)).toBe(false);
    expect(full(9.99e9)[0]!.neededBytes).toBeCloseTo(8 * 9.99e9, -6);
  });

  it('says nothing by a price of before', () => {
    const { textbook: _, ...before } = plain;
    expect(ifYouHad(before)).toEqual([]);
  });

  it('has a range with what was published of trainings inside it', () => {
    for (const reached of [0.213, 0.302, 0.325, 0.462]) {
      expect(reached).toBeGreaterThan(USUAL_UTILISATION.low);
      expect(reached).toBeLessThan(USUAL_UTILISATION.high);
    }
    expect(ACCELERATORS.length).toBeGreaterThan(2);
  });
});
