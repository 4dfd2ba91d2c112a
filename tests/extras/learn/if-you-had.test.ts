/** The plan's "If you had" says what the lesson on time says of the same training. */
import { describe, expect, it } from 'vitest';
import { TimeQuestion } from '../../../common/extras/learn/calls.ts';
import { trainingTime } from '../../../main/extras/learn/textbook.ts';
import { USUAL_UTILISATION } from '../../../main/plan/accelerators.ts';
import { ifYouHad } from '../../../main/plan/estimate.ts';
import { configOf, parametersOf, typicalShape } from '../../../main/plan/shapes.ts';
import { examplePrices } from '../../helpers/example-prices.ts';
import { madeUpPrice } from '../../helpers/run-price.ts';

describe('if you had', () => {
  it.each([
    ...([
      ['full', 7e9, { recompute: 'none' }, true],
      ['full', 13e9, { recompute: 'none' }, false],
      ['lora', 13e9, { recompute: 'none' }, true],
    ] as const),
    ...([
      ['qlora', 70e9, { recompute: 'none' }, false],
      ['qlora', 70e9, { recompute: 'block' }, true],
    ] as const),
    ...([['lora', 70e9, { recompute: 'block' }, false]] as const),
  ] as const)(
    'has the memory of the lesson for %s of %d weights with %o',
    async (method, size, given, isThere) => {
      const shape = typicalShape(size);
      const settings = { method, trainOn: 'all', heldOut: 0, assess: false, maxLength: 1024, ...given };
      const rows = { count: 64, tokens: 1024, labelled: 1024 };
      const [price] = await examplePrices([{ model: { config: configOf(shape) }, settings, rows }]);
      const lesson = trainingTime({
        ...TimeQuestion.parse({ method, tokensPerRow: 1024, recompute: given.recompute === 'block' }),
        parameters: parametersOf(shape),
        shape,
      });
      for (const { id, fits, neededBytes } of ifYouHad(price!)) {
        expect(neededBytes).toBe(lesson.neededBytes);
        expect(fits).toBe(isThere);
        expect(fits).toBe(lesson.machines.find((card) => card.id === id)!.fits);
      }
    },
  );

  it('gives what the lesson gives for as many operations, at the utilisation that it begins with', () => {
    const question = TimeQuestion.parse({ rows: 1000, tokensPerRow: 100, epochs: 2 });
    expect(question.utilisation).toBe(USUAL_UTILISATION.value);
    const { flops, machines } = trainingTime(question);
    const same = ifYouHad(madeUpPrice({ steps: 1, flops }));
    for (const { id, seconds, cost, pricePerHour, memoryBytes, source } of same)
      expect(machines.find((card) => card.id === id)).toMatchObject({
        seconds: seconds.value,
        cost: cost.value,
        pricePerHour,
        memoryBytes,
        source,
      });
  });
});
