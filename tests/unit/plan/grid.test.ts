import { describe, expect, it } from 'vitest';
import { fitOf } from '../../../main/plan/fit.ts';
import { GRID_SIZES, planGrid } from '../../../main/plan/grid.ts';
import { parametersOf, shapeOf } from '../../../main/plan/shapes.ts';
import type { GridCell, RangedFigure, Rates } from '../../../preload/contract.ts';
import { exampleGrid, groundsWith } from '../../helpers/example-prices.ts';
import { madeUpRates } from '../../helpers/rates.ts';

const prices = await exampleGrid();
const exactly = (value: number): RangedFigure => ({ value, low: value, high: value, restsOn: 'formula' });
const ratesOf = (flops: number): Rates => ({
  ...madeUpRates(flops),
  ...{ measured: '2026-05-03T12:00:00Z', onBattery: null, versions: {} },
});
const unmeasured = (freeBytes: number) => planGrid(prices, groundsWith(null), freeBytes);

const fits = (cells: readonly GridCell[], method: GridCell['method']) =>
  cells.filter((cell) => cell.method === method).map((cell) => cell.fits);

describe('the grid', () => {
  it('has a cell for each size and method, with what it takes', () => {
    const { cells, examples, tokens } = planGrid(prices, groundsWith(ratesOf(3e11)), 16e9);
    expect(cells).toHaveLength(3 * GRID_SIZES.length);
    expect([examples, tokens]).toEqual([1000, 300]);
    expect(fits(cells, 'lora')).toEqual([
      ...['comfortable', 'comfortable', 'comfortable', 'comfortable', 'comfortable', 'too-big', 'too-big'],
    ]);
    expect(fits(cells, 'full').slice(0, 4)).toEqual(['comfortable', 'comfortable', 'tight', 'too-big']);
    // rounded weights fit where those in float32 do not
    expect(fits(cells, 'qlora').slice(4)).toEqual(['comfortable', 'comfortable', 'tight']);
    expect(cells[0]).toMatchObject({ size: '135M', model: 'SmolLM2 135M', method: 'lora' });
    expect(cells[1]).toMatchObject({ method: 'qlora' });
  });

  it('has a model of the catalog for each size, which has about as many weights as the size says', () => {
    for (const { size, repo } of GRID_SIZES) {
      const said = size.match(/[\d.]+/g)!.map(Number);
      const parameters = parametersOf(shapeOf(repo)!) / (size.endsWith('B') ? 1e9 : 1e6);
      expect(parameters, size).toBeGreaterThan(0.9 * said[0]!);
      expect(parameters, size).toBeLessThan(1.25 * said.at(-1)!);
    }
  });

  it.each([
    [750, 1000, 'comfortable'],
    [751, 1000, 'tight'],
    [1000, 1000, 'tight'],
    [1001, 1000, 'too-big'],
  ])('a peak of %d in %d free is %s', (peak, free, word) => {
    expect(fitOf(exactly(peak), free)).toBe(word);
  });

  it('is not comfortable where the high end of the range does not fit', () => {
    expect(fitOf({ ...exactly(700), high: 1001 }, 1000)).toBe('tight');
  });

  it.each([
    [
      20e9,
      'This computer can fine-tune models up to 7–8B with QLoRA, up to 1.7B with LoRA, up to 0.5B with full fine-tuning.',
    ],
    [3e9, 'This computer can fine-tune models up to 135M with LoRA, up to 135M with QLoRA.'],
    [
      2e9,
      'This computer can fine-tune models up to 135M with QLoRA, but only just: close other programs first.',
    ],
    [
      1e9,
      'There is too little free memory to fine-tune even the smallest of these models now. The practice model needs less.',
    ],
  ])('says of %d free bytes in a sentence what can be done', (free, sentence) => {
    expect(unmeasured(free).sentence).toBe(sentence);
  });
});

describe('the figures that it is filled with', () => {
  it('have no time before the computer is measured, and a shorter one on a faster computer', () => {
    expect(unmeasured(16e9).cells.every(({ seconds }) => seconds === null)).toBe(true);
    const [slow, fast] = [1e11, 2e11].map(
      (flops) => planGrid(prices, groundsWith(ratesOf(flops)), 16e9).cells,
    );
    for (const [index, { seconds }] of slow!.entries())
      if (seconds) expect(seconds.value).toBeGreaterThan(1.1 * fast![index]!.seconds!.value);
  });

  it('are corrected by what this computer has really done', () => {
    const residuals = { memory: [1, 2, 3].map(() => ({ predicted: 1e9, measured: 1.2e9 })), step: [] };
    const [before, after] = [groundsWith(null), { ...groundsWith(null), residuals }].map(
      (grounds) => planGrid(prices, grounds, 16e9).cells[0]!.peakBytes!,
    );
    expect(after!.value).toBeGreaterThan(1.1 * before!.value);
    expect([before!.restsOn, after!.restsOn]).toEqual(['formula', 'runs']);
  });

  it('come near the measured memory of SmolLM2-135M with LoRA: 2.1 GB', () => {
    const { peakBytes } = unmeasured(16e9).cells[0]!;
    expect(peakBytes!.value).toBeGreaterThan(2e9);
    expect(peakBytes!.value).toBeLessThan(2.3e9);
  });
});
