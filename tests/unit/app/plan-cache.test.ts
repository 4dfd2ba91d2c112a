import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CatalogModel, PlanSettings } from '../../../common/api/contract.ts';
import type { PriceCase } from '../../../common/protocol/protocol.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import { readGrounds } from '../../../main/app/grounds.ts';

import { PRICED_EXECUTOR, Prices } from '../../../main/app/plan-cache.ts';
import type { Needs } from '../../../main/plan/peak-memory.ts';
import { catalogModel, catalogPeaks } from '../../../main/plan/situation-for.ts';
import type { EngineCalls } from '../../../main/runs/engine-calls.ts';
import { computerWith, examplePrices, groundsWith } from '../../helpers/example-prices.ts';
import { addModel, type TestParts, testParts } from '../../helpers/test-parts.ts';

// so that what fits depends on no other program
vi.mock('../../../main/hardware/facts.ts', async (original) => ({
  ...(await original<typeof import('../../../main/hardware/facts.ts')>()),
  freeMemory: Object.assign(() => 8e9, { settled: async () => 8e9 }),
}));

const SMALL = 'HuggingFaceTB/SmolLM2-135M-Instruct';
const LARGE = 'Qwen/Qwen2.5-7B-Instruct';

let opened: TestParts;
let router: ApiRouter;
/** The engine, for which a model that is here is a SmolLM2. */
const prices = vi.fn<EngineCalls['prices']>((cases) =>
  examplePrices(
    cases.map((one) =>
      'path' in one.model
        ? { ...one, model: one.model.path.includes('odd') ? { config: {} } : catalogModel(SMALL)! }
        : one,
    ),
  ),
);

beforeEach(async () => {
  prices.mockClear();
  const catalog = [SMALL, LARGE, 'someone/else'].map((repo) => ({ repo, localId: null })) as CatalogModel[];
  opened = await testParts({ engine: { prices }, hub: { catalog: async () => catalog } });
  router = apiRouter(opened.parts, opened.log);
});
afterEach(() => opened.remove());

describe('models.needs', () => {
  it('tells of models of the catalog before they are here, and of those that are', async () => {
    const here = addModel(opened.store, 'Here');
    const { catalog, local, freeBytes } = await call(router.models.needs, undefined);
    expect(local[here.id]).toEqual(catalog[SMALL]);
    expect(catalog['someone/else']).toBeNull();
    const [small, large] = [catalog[SMALL]!, catalog[LARGE]!];
    expect(small.lora.peakBytes.value).toBeLessThan(small.full.peakBytes.value);
    // they stay in the 16 bits of the files, or have 8 where this processor is quick with those
    expect(large.lora).toMatchObject({ fits: 'too-big', peakBytes: { restsOn: 'formula' } });
    expect(large.lora.peakBytes.value).toBeGreaterThan(7e9);
    expect(large.lora.peakBytes.low).toBeLessThan(large.lora.peakBytes.value);
    expect(freeBytes).toBe(8e9);
  });

  it('asks the engine once for what it knows, and again for a model that could not be read', async () => {
    const odd = addModel(opened.store, 'odd');
    const { local } = await call(router.models.needs, undefined);
    expect(local[odd.id]).toBeNull();
    const asked = prices.mock.calls.flatMap(([cases]) => cases).length;
    await call(router.models.needs, undefined);
    const again = prices.mock.calls.flatMap(([cases]) => cases).slice(asked);
    expect(again.map(({ model }) => model)).toEqual([{ path: odd.path }]);
  });

  it('says nothing of a model whose files are gone', async () => {
    const gone = { ...addModel(opened.store, 'Gone'), available: false };
    const computer = computerWith(groundsWith(null), 8e9);
    expect(await new Prices(opened.parts).ofLocal([gone], computer)).toEqual({ [gone.id]: null });
    expect(prices).not.toHaveBeenCalled();
  });
});

describe('the peaks of other models', () => {
  const settings = { method: 'lora', rank: 8, tokensPerMicroBatch: 512, maxLength: 256 } as PlanSettings;
  const rows = { count: 100, tokens: 256, labelled: 64 };
  const bytes = (needs: Needs | null | undefined) => needs!.peakBytes.value;
  const peaksOf = (repos: readonly string[], asked: PlanSettings, like: PriceCase['rows']) =>
    catalogPeaks(repos, asked, like, {
      pricesOf: new Prices(opened.parts).of,
      grounds: readGrounds(opened.store).of(PRICED_EXECUTOR, asked.device),
    });

  it('come from their graphs with the settings that are asked for', async () => {
    const [small, none, large] = await peaksOf([SMALL, 'someone/else', LARGE], settings, rows);
    expect(none).toBeNull();
    expect(small!.peakVramBytes).toBeNull();
    expect(bytes(small)).toBeLessThan(bytes(large));
    const [more] = await peaksOf([SMALL], { ...settings, tokensPerMicroBatch: 4096 }, rows);
    expect(bytes(more)).toBeGreaterThan(bytes(small) + 1e9);
    const [less] = await peaksOf([SMALL], { ...settings, recompute: 'block' }, rows);
    expect(bytes(less)).toBeLessThan(bytes(small));
    // the files of both hold 16 bits, in which frozen weights may stay
    const [halved] = await peaksOf([LARGE], { ...settings, bits: 16 }, rows);
    expect(bytes(halved)).toBeLessThan(0.6 * bytes(large));
    const [quantised] = await peaksOf([LARGE], { ...settings, method: 'qlora' }, rows);
    expect(bytes(quantised)).toBeLessThan(0.5 * bytes(large));
  });

  it('are those of the card where that computes', async () => {
    const wide = { ...settings, tokensPerMicroBatch: 4096 };
    const [here, there] = [
      (await peaksOf([SMALL], wide, rows))[0]!,
      (await peaksOf([SMALL], { ...wide, device: 'webgpu' }, rows))[0]!,
    ];
    // the values of a step lie on the card, and not in the computer's memory
    expect(bytes(there)).toBeLessThan(0.5 * bytes(here));
    expect(there.peakVramBytes!.value).toBeGreaterThan(2 * bytes(there));
  });
});
