/** A layer-wise update among the plan's ways to save memory, and its prices. */
import { expect, it } from 'vitest';
import { estimate } from '../../../main/plan/estimate.ts';
import { COMFORTABLE_SHARE } from '../../../main/plan/peak-memory.ts';
import { propose } from '../../../main/plan/propose.ts';
import { catalogModel } from '../../../main/plan/situation-for.ts';
import { exampleGrid, examplePrices, groundsWith } from '../../helpers/example-prices.ts';
import { fakePeaks, fakePrice, profileOf, situationOf } from '../../helpers/fake-price.ts';

async function planned(freeBytes: number, method: 'full' | 'lora') {
  const situation = situationOf({
    model: { parameters: 135e6, contextLength: 8192 },
    profile: profileOf(Array.from({ length: 300 }, (_, i) => (i === 299 ? 1000 : 40 + i))),
    own: { method },
    freeBytes,
  });
  const { price } = fakePrice(135e6, { flops: 3e11, tokens: situation.rows * 300 });
  const { methods } = await propose(situation, price, fakePeaks);
  return methods.find((one) => one.method === method)!.planned!;
}

it('is given up for after all layers are recomputed, and before weights in 16 bits', async () => {
  const most = await planned(64e9, 'full');
  expect(most.settings.layerwiseUpdate).toBe(false);
  const found: string[] = [];
  for (let share = 1.4; share > 0.35; share -= 0.01) {
    const { fit, settings, whys, runSettings } = await planned(most.price.peakBytes.value * share, 'full');
    if (fit !== 'comfortable') continue;
    if (settings.layerwiseUpdate) {
      expect(whys.layerwiseUpdate.key).toBe('layerwise-memory');
      expect(runSettings).toMatchObject({ layerwiseUpdate: true, recompute: 'block' });
    } else expect(runSettings).not.toHaveProperty('layerwiseUpdate');
    const more = [settings.layerwiseUpdate && ' layers', settings.masterBits === 16 && ' 16'];
    found.push(`${settings.recompute}${more.filter(Boolean).join('')}`);
  }
  expect(found.filter((one, i) => one !== found[i - 1]).slice(-3)).toEqual([
    ...['block', 'block layers', 'block layers 16'],
  ]);
});

it('is nothing for adapters', async () => {
  const adapters = await planned(COMFORTABLE_SHARE * 2e9, 'lora');
  expect(adapters.settings.layerwiseUpdate).toBe(false);
  expect(adapters.whys.layerwiseUpdate.key).toBe('layerwise-adapters');
});

it('lets all weights of larger models be trained', async () => {
  const fitting = async (freeBytes: number) => {
    const { cells } = await exampleGrid(groundsWith(null), freeBytes);
    return cells.filter(({ method }) => method === 'full');
  };
  expect((await fitting(16e9)).map(({ fits }) => fits)).toEqual([
    ...[...Array(5).fill('comfortable'), 'tight', 'too-big'],
  ]);
  expect((await fitting(8e9)).at(-1)!.peakBytes!.value).toBeLessThan(40e9);
});

it('is what a model of 1B needs in 8 GB', async () => {
  const grid = await exampleGrid(groundsWith(null), 8e9);
  const large = grid.cells.find(({ size, method }) => size === '1B' && method === 'full')!;
  expect(large.fits).toBe('tight');
  expect(large.lighter.map(({ key }) => key).slice(1)).toEqual([
    ...['optimizer-memory', 'recompute-block', 'layerwise-memory', 'masters-memory'],
  ]);
});

it('saves the gradients of 134 million weights but for those of a layer and of the embedding', async () => {
  const settings = { method: 'full', recompute: 'block' };
  const rows = { count: 100, tokens: 256, labelled: 64 };
  const [plain, layered] = await examplePrices(
    [{}, { layerwiseUpdate: true }].map((more) => ({
      model: catalogModel('HuggingFaceTB/SmolLM2-135M-Instruct')!,
      settings: { ...settings, ...more, tokensPerMicroBatch: 512, maxLength: 256 },
      rows,
    })),
  );
  const bytes = (price: typeof plain) => estimate(price!, groundsWith(null)).neededBytes.value;
  expect(bytes(layered)).toBeLessThan(bytes(plain) - 3e8);
});
