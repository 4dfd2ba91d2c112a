import { describe, expect, it } from 'vitest';
import type { Grid, GridCell, RangedFigure, Rates } from '../../../common/api/contract.ts';
import type { DeviceFacts } from '../../../main/plan/devices.ts';
import { estimate } from '../../../main/plan/estimate.ts';
import { EXAMPLE_PROFILE, GRID_SIZES, planGrid } from '../../../main/plan/example-fit.ts';
import { fitOf } from '../../../main/plan/peak-memory.ts';
import { parametersOf, shapeOf } from '../../../main/plan/shapes.ts';
import { catalogModel, EXAMPLE_ROWS, exampleCase } from '../../../main/plan/situation-for.ts';
import {
  computerWith,
  exampleGrid,
  examplePrices,
  groundsWith,
  PROCESSOR_FACTS,
} from '../../helpers/example-prices.ts';
import { profileOf } from '../../helpers/fake-price.ts';
import { madeUpRates } from '../../helpers/rates.ts';

const exactly = (value: number): RangedFigure => ({ value, low: value, high: value, restsOn: 'formula' });
const ratesOf = (flops: number): Rates => ({
  ...madeUpRates(flops),
  measured: '2026-05-03T12:00:00Z',
  onBattery: null,
  versions: {},
});
const unmeasured = (freeBytes: number) => exampleGrid(groundsWith(null), freeBytes);

const fits = (cells: readonly GridCell[], method: GridCell['method']) =>
  cells.filter((cell) => cell.method === method).map((cell) => cell.fits);
const cellOf = ({ cells }: Grid, size: string, method: GridCell['method']): GridCell =>
  cells.find((cell) => cell.size === size && cell.method === method)!;
const given = ({ lighter }: GridCell) => lighter.map(({ key }) => key);

describe('the grid', () => {
  it('has a cell for each size and method, with what it takes', async () => {
    const { cells, examples, tokens } = await exampleGrid(groundsWith(ratesOf(3e11)), 16e9);
    expect(cells).toHaveLength(3 * GRID_SIZES.length);
    expect([examples, tokens]).toEqual([1000, 300]);
    const [first, ...others] = ['too-big', ...Array(6).fill('comfortable')];
    expect(fits(cells, 'lora')).toEqual([...others, first]);
    const full = fits(cells, 'full');
    expect([full.slice(0, 3), full.at(-1)]).toEqual([Array(3).fill('comfortable'), 'too-big']);
    expect(fits(cells, 'qlora')).toEqual([...others, 'slow']);
    expect(cells[0]).toMatchObject({ size: '135M', model: 'SmolLM2 135M', method: 'lora', place: null });
    expect(cells[1]).toMatchObject({ method: 'qlora' });
  });

  it('calls nothing comfortable that takes days', async () => {
    const grid = await exampleGrid(groundsWith(ratesOf(1e11)), 32e9);
    for (const { fits: fit, seconds, size } of grid.cells.filter((cell) => cell.method === 'lora'))
      expect(fit, size).toBe(seconds!.value > 86_400 ? 'slow' : 'comfortable');
    expect(cellOf(grid, '7–8B', 'lora').fits).toBe('slow');
    expect(grid.sentence).not.toContain('8B');
  });

  it('says nothing was given up where the usual settings are comfortable, and has their figures', async () => {
    const grid = await unmeasured(32e9);
    for (const { size, repo } of GRID_SIZES.slice(0, 3))
      for (const method of ['lora', 'qlora', 'full'] as const) {
        const [price] = await examplePrices([exampleCase(catalogModel(repo)!, { method })]);
        const { peakBytes, lighter } = cellOf(grid, size, method);
        expect(lighter, `${size} ${method}`).toEqual([]);
        expect(peakBytes).toEqual(estimate(price!, groundsWith(null)).neededBytes);
      }
  });

  it('tries lighter settings before it calls a model too big: 7–8B with QLoRA in 8 GB', async () => {
    const grid = await exampleGrid(groundsWith(ratesOf(3e11)), 8e9);
    const cell = cellOf(grid, '7–8B', 'qlora');
    expect(cell.fits).toBe('tight');
    expect(cell.peakBytes!.value).toBeLessThan(8e9);
    expect(given(cell)).toContain('quant-memory');
    // the time is that of the lighter settings
    const roomy = cellOf(await exampleGrid(groundsWith(ratesOf(3e11)), 32e9), '7–8B', 'qlora');
    expect(given(roomy)).toEqual([]);
    expect(cell.seconds!.value).toBeGreaterThan(roomy.seconds!.value);
    expect(grid.sentence).toBe('This computer can tune models up to 3B.');
  });

  it('comes to comfortable where the usual settings would be tight: 7–8B with QLoRA in 11 GB', async () => {
    const cell = cellOf(await unmeasured(11e9), '7–8B', 'qlora');
    const [usual] = await examplePrices([
      exampleCase(catalogModel('meta-llama/Llama-3.1-8B')!, { method: 'qlora' }),
    ]);
    expect(fitOf(estimate(usual!, groundsWith(null)).neededBytes, 11e9)).toBe('tight');
    expect([cell.fits, given(cell)]).toEqual(['comfortable', ['micro-memory']]);
  });

  it('gives up for all weights what the search gives up, in its order', async () => {
    const grid = await unmeasured(8e9);
    const small = cellOf(grid, '360M', 'full');
    expect([small.fits, given(small).slice(-2)]).toEqual([
      'comfortable',
      ['optimizer-memory', 'recompute-attention'],
    ]);
  });

  it('knows that the files of a model hold it in 16 bits: 3B with LoRA in 16 GB', async () => {
    const cell = cellOf(await unmeasured(16e9), '3B', 'lora');
    expect([cell.fits, given(cell)]).toEqual(['comfortable', ['bits-memory']]);
    expect(cell.peakBytes!.value).toBeLessThan(12e9);
  });

  it('says of what is too big how much it needs at least', async () => {
    const { fits: word, peakBytes } = cellOf(await unmeasured(8e9), '7–8B', 'full');
    expect(word).toBe('too-big');
    // much less than the usual settings need
    const large = catalogModel('meta-llama/Llama-3.1-8B')!;
    const [usual] = await examplePrices([exampleCase(large, { method: 'full' })]);
    expect(peakBytes!.value).toBeLessThan(0.6 * estimate(usual!, groundsWith(null)).neededBytes.value);
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
    [20e9, 'This computer can tune models up to 7–8B.'],
    [3e9, 'This computer can tune models up to 1.7B.'],
    [0.8e9, 'This computer can only just tune models up to 135M. Close other programs first.'],
    [
      0.6e9,
      'There is too little free memory, even for the smallest of these models. The practice model needs less.',
    ],
  ])('says of %d free bytes in a sentence what can be done', async (free, sentence) => {
    expect((await unmeasured(free)).sentence).toBe(sentence);
  });
});

describe('graphics cards', () => {
  const card: DeviceFacts = {
    device: 'webgpu',
    executor: 'ort',
    obstacle: null,
    measured: 'benchmark',
    card: { name: 'RTX', freeBytes: 24e9, isShared: false },
  };
  const [cpu] = ratesOf(3e11).devices;
  const rates: Rates = {
    ...ratesOf(3e11),
    devices: [cpu!, { ...madeUpRates(6e12).devices[0]!, device: 'webgpu', cards: ['RTX'] }],
  };
  const gridWith = (...cards: DeviceFacts[]) =>
    planGrid(computerWith(groundsWith(rates), 16e9, [PROCESSOR_FACTS, ...cards]), examplePrices);

  it('are in the grid where they were measured: the faster place, with its own memory', async () => {
    const [grid, without] = [await gridWith(card), await gridWith()];
    expect(grid.basis).toContain('the processor and RTX through WebGPU');
    expect(without.basis).toBe('Estimated for the processor.');
    const [cell, slow] = [grid, without].map((one) => cellOf(one, '1B', 'lora'));
    expect([cell!.place, slow!.place]).toEqual(['RTX through WebGPU', null]);
    expect(cell!.seconds!.value).toBeLessThan(0.5 * slow!.seconds!.value);
    expect(cell!.vramBytes!.value).toBeGreaterThan(4e9);
    expect(slow!.vramBytes).toBeNull();
    // what the card has no room for is computed on the processor
    const small = await gridWith({ ...card, card: { ...card.card!, freeBytes: 3e9 } });
    expect(cellOf(small, '1B', 'lora').place).toBeNull();
  });

  it('that nothing has measured are not, which is said', async () => {
    const grid = await gridWith({ ...card, measured: null });
    expect(grid.cells.every(({ place }) => place === null)).toBe(true);
    expect(grid.basis).toBe('Estimated for the processor alone. Not measured yet: RTX through WebGPU.');
    const broken = await gridWith({ ...card, measured: null, obstacle: 'The driver is missing.' });
    expect(broken.basis).toBe('Estimated for the processor.');
  });
});

describe('the example rows', () => {
  it('are counted as the engine counts real ones', () => {
    const { count, tokens, labelled } = EXAMPLE_ROWS;
    expect(EXAMPLE_PROFILE).toEqual(profileOf(Array(count).fill(tokens), labelled));
  });
});

describe('the figures that it is filled with', () => {
  it('have no time before the computer is measured, and a shorter one on a faster computer', async () => {
    expect((await unmeasured(16e9)).cells.every(({ seconds }) => seconds === null)).toBe(true);
    const [slow, fast] = await Promise.all(
      [1e11, 2e11].map((flops) => exampleGrid(groundsWith(ratesOf(flops)), 16e9)),
    );
    for (const [index, { seconds }] of slow!.cells.entries())
      expect(seconds!.value).toBeGreaterThan(1.1 * fast!.cells[index]!.seconds!.value);
  });

  it('are corrected by what this computer has really done', async () => {
    const residuals = { memory: [1, 2, 3].map(() => ({ predicted: 1e9, measured: 1.2e9 })), step: [] };
    const grounds = [groundsWith(null), { ...groundsWith(null), residuals }];
    const grids = await Promise.all(grounds.map((one) => exampleGrid(one, 16e9)));
    const [before, after] = grids.map(({ cells }) => cells[0]!.peakBytes!);
    expect(after!.value).toBeGreaterThan(1.1 * before!.value);
    expect([before!.restsOn, after!.restsOn]).toEqual(['formula', 'runs']);
  });

  it('come near the measured memory of SmolLM2-135M with LoRA: 2.1 GB', async () => {
    const { peakBytes } = (await unmeasured(16e9)).cells[0]!;
    expect(peakBytes!.value).toBeGreaterThan(2e9);
    expect(peakBytes!.value).toBeLessThan(2.3e9);
  });
});
