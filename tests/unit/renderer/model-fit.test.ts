/** The grid of the first step and the model step say the same of the same computer, because both ask the planner. */
import { describe, expect, it } from 'vitest';
import type { ModelNeed } from '../../../common/api/contract.ts';
import { fitsOf, GRID_SIZES } from '../../../main/plan/example-fit.ts';
import { catalogModel } from '../../../main/plan/situation-for.ts';
import { firstMethod, fitsAtAll, otherMethods } from '../../../renderer/state/models.svelte.ts';
import { computerWith, exampleGrid, examplePrices, groundsWith } from '../../helpers/example-prices.ts';

const grounds = groundsWith(null);

async function needsIn(freeBytes: number): Promise<ModelNeed[]> {
  const models = GRID_SIZES.map(({ repo }) => catalogModel(repo)!);
  const found = await fitsOf(models, computerWith(grounds, freeBytes), examplePrices);
  return found.map((need) => need!);
}

describe.each([4e9, 8e9, 16e9, 24e9])('in %d free bytes', (freeBytes) => {
  it('a model is hidden exactly where all cells of its size are too big', async () => {
    const [needs, { cells }] = [await needsIn(freeBytes), await exampleGrid(grounds, freeBytes)];
    for (const [i, { size }] of GRID_SIZES.entries()) {
      const row = cells.filter((cell) => cell.size === size);
      expect(fitsAtAll(needs[i]!), size).toBe(row.some(({ fits }) => fits !== 'too-big'));
      for (const { method, fits, peakBytes, lighter } of row)
        expect(needs[i]![method], size).toMatchObject({ fits, peakBytes, lighter });
    }
  });
});

describe('the method that a card speaks of first', () => {
  const need = (lora: string, qlora: string, full: string) =>
    ({ lora: { fits: lora }, qlora: { fits: qlora }, full: { fits: full } }) as ModelNeed;

  it.each([
    ['comfortable', 'comfortable', 'comfortable', 'lora'],
    ['tight', 'comfortable', 'too-big', 'qlora'],
    ['tight', 'tight', 'too-big', 'qlora'],
    ['too-big', 'too-big', 'too-big', 'qlora'],
    ['tight', 'too-big', 'comfortable', 'full'],
  ] as const)('LoRA %s, QLoRA %s, all weights %s: %s', (lora, qlora, full, method) => {
    const found = need(lora, qlora, full);
    expect(firstMethod(found)).toBe(method);
    expect(otherMethods(method)).not.toContain(method);
    expect(otherMethods(method)).toHaveLength(2);
    expect(fitsAtAll(found)).toBe([lora, qlora, full].some((fits) => fits !== 'too-big'));
  });

  it('is the leaner one where LoRA takes very much longer, as in a plan', () => {
    const taking = (hours: number) => ({ fits: 'comfortable', seconds: { value: 3600 * hours } });
    const first = (lora: number, qlora: number) =>
      firstMethod({ lora: taking(lora), qlora: taking(qlora), full: taking(100) });
    expect([first(28, 2), first(5, 2), first(1, 0.2)]).toEqual(['qlora', 'lora', 'lora']);
  });

  it('is QLoRA for 7–8B in 16 GB, where LoRA is too big, and the model is not hidden', async () => {
    const eight = (await needsIn(16e9)).at(-1)!;
    expect([eight.lora.fits, eight.qlora.fits]).toEqual(['too-big', 'comfortable']);
    expect([fitsAtAll(eight), firstMethod(eight)]).toEqual([true, 'qlora']);
  });
});
