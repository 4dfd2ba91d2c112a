import { describe, expect, it } from 'vitest';
import type { PriceOf } from '../../../main/plan/cell-price.ts';
import { fitOf } from '../../../main/plan/fit.ts';
import { GRID_SIZES, gridOf, planGrid } from '../../../main/plan/grid.ts';
import type { GridCell, MatmulRate, RangedFigure, Rates } from '../../../preload/contract.ts';

const exactly = (value: number): RangedFigure => ({ value, low: value, high: value, restsOn: 'formula' });
/** 10 bytes a weight with LoRA, 20 with all weights; a second for each million weights. */
const price: PriceOf = (parameters, method) =>
  method === 'qlora'
    ? null
    : {
        peakBytes: exactly((method === 'lora' ? 10 : 20) * parameters),
        secondsPer1000Examples: exactly(parameters / 1e6),
      };

const fits = (cells: readonly GridCell[], method: GridCell['method']) =>
  cells.filter((cell) => cell.method === method).map((cell) => cell.fits);

describe('the grid', () => {
  it('has a cell for each size and method, with what it takes', () => {
    const { cells, examples, tokens } = gridOf(16e9, price);
    expect(cells).toHaveLength(3 * GRID_SIZES.length);
    expect([examples, tokens]).toEqual([1000, 300]);
    expect(fits(cells, 'lora')).toEqual([
      ...['comfortable', 'comfortable', 'comfortable', 'tight', 'too-big', 'too-big', 'too-big'],
    ]);
    expect(fits(cells, 'full').slice(0, 4)).toEqual(['comfortable', 'comfortable', 'comfortable', 'too-big']);
    expect(new Set(fits(cells, 'qlora'))).toEqual(new Set(['not-yet']));
    expect(cells[0]).toMatchObject({ size: '135M', seconds: { value: 134.5 }, peakBytes: { value: 1345e6 } });
    expect(cells[1]).toMatchObject({ method: 'qlora', seconds: null, peakBytes: null });
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
    [20e9, 'This computer can fine-tune models up to 1B with LoRA, up to 0.5B with full fine-tuning.'],
    [2e9, 'This computer can fine-tune models up to 135M with LoRA.'],
    [
      1.4e9,
      'This computer can fine-tune models up to 135M with LoRA, but only just: close other programs first.',
    ],
    [
      1e9,
      'There is too little free memory to fine-tune even the smallest of these models now. The practice model needs less.',
    ],
  ])('says of %d free bytes in a sentence what can be done', (free, sentence) => {
    expect(gridOf(free, price).sentence).toBe(sentence);
  });
});

describe('the prices that it is filled with', () => {
  const rate = (inner: number, columns: number, flops: number): MatmulRate => ({
    ...{ type: 'float32', batch: 1, rows: 1024, inner, columns, flops },
  });
  const rates = (times: number): Rates => ({
    ...{ measured: '2026-05-03T12:00:00Z', onBattery: null, versions: {} },
    ...{ memoryBytesPerSecond: 1e10, diskBytesPerSecond: null },
    devices: [
      {
        ...{
          device: 'cpu',
          executor: 'ort',
          threads: 2,
          elementwise: [],
          softmaxElements: 1,
          nodeSeconds: 1e-6,
        },
        matmul: [rate(576, 16, 1), rate(576, 1536, 50e9 * times), rate(2048, 2048, 100e9 * times)],
      },
    ],
  });

  it('take half as long on a computer of twice the speed, and none before it is measured', () => {
    const [slow, fast] = [planGrid(rates(1), 16e9).cells, planGrid(rates(2), 16e9).cells];
    for (const [index, { seconds }] of slow.entries())
      if (seconds) expect(seconds.value / fast[index]!.seconds!.value).toBeCloseTo(2);
    expect(planGrid(null, 16e9).cells.every(({ seconds }) => seconds === null)).toBe(true);
  });

  it('go by products of the size of the model: 135 million weights by narrow ones, 1.7 billion by wide ones', () => {
    const of = (size: string) =>
      planGrid(rates(1), 16e9).cells.find((cell) => cell.size === size && cell.method === 'lora')!;
    const perWeight = (size: string) => of(size).seconds!.value / of(size).parameters;
    expect(perWeight('135M')).toBeCloseTo((4 * 300e3) / (50e9 * 0.75), 12);
    expect(perWeight('1.7B')).toBeCloseTo((4 * 300e3) / (100e9 * 0.75), 12);
  });

  it('come near the measured memory of a model of 135 million weights with LoRA: 2.1 to 2.6 GB', () => {
    const { peakBytes } = planGrid(null, 16e9).cells[0]!;
    expect(peakBytes!.low).toBeLessThan(2.1e9);
    expect(peakBytes!.high).toBeGreaterThan(2.1e9);
  });
});
