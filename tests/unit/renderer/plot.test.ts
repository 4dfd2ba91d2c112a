/** Plots and tables as data: smoothing, CSV, which rows are in view. */
import { describe, expect, it } from 'vitest';
import { ariaSort, keyOf, windowOf } from '../../../renderer/ui/ColumnHead.svelte';
import {
  csvOf,
  fileName,
  linesOf,
  plotOptions,
  smoothed,
  tickWords,
  written,
} from '../../../renderer/ui/plot.ts';

describe('smoothing', () => {
  it('leaves a constant as it is, from the first value on', () => {
    for (const value of smoothed(Array.from({ length: 300 }, () => 2.5))) expect(value).toBeCloseTo(2.5, 9);
  });

  it('keeps gaps, and goes on after them', () => {
    const line = smoothed([1, null, Number.NaN, 3]);
    expect(line[1]).toBeNull();
    expect(line[2]).toBeNull();
    expect(line[3]).toBeGreaterThan(1);
    expect(line[3]).toBeLessThan(3);
  });

  it('does not lag behind what falls', () => {
    const falling = Array.from({ length: 400 }, (_, index) => 4 - index / 100);
    const line = smoothed(falling);
    for (let index = 50; index < 350; index += 1) expect(line[index]).toBeCloseTo(falling[index] ?? 0, 2);
  });

  it('takes most of the noise away and keeps the level', () => {
    const noisy = Array.from({ length: 1000 }, (_, index) => 5 + (index % 2 ? 1 : -1));
    const tail = smoothed(noisy).slice(100) as number[];
    expect(Math.max(...tail.map((value) => Math.abs(value - 5)))).toBeLessThan(0.1);
  });
});

describe('the lines of a plot', () => {
  it('draws a raw series twice in one colour, and others once', () => {
    const lines = linesOf([
      { label: 'Loss', values: [3, 2], kind: 'raw' },
      { label: 'Held out', values: [null, 2], kind: 'points' },
    ]);
    expect(lines.map((line) => [line.label, line.look, line.colour])).toEqual([
      ['Loss', 'faint', 1],
      ['Loss, smoothed', 'line', 1],
      ['Held out', 'points', 2],
    ]);
  });

  it('writes every recorded value into the CSV, and nothing that was smoothed', () => {
    const series = [
      { label: 'Loss, training', values: [3, 2.5], kind: 'raw' as const },
      { label: 'Memory', unit: 'GB', values: [null, 1], kind: 'line' as const },
    ];
    expect(csvOf({ label: 'Step' }, [1, 2], series)).toBe(
      'Step,"Loss, training",Memory (GB)\n1,3,\n2,2.5,1\n',
    );
  });

  it('makes no formula of a run’s name in the head of the CSV', () => {
    const [label, other] = ['=HYPERLINK("http://a.example","x")', '@SUM(1)'];
    const series = [label, other].map((label) => ({ label, values: [1], kind: 'line' as const }));
    expect(csvOf({ label: 'Step' }, [1], series).split('\n')[0]).toBe(
      `Step,"'=HYPERLINK(""http://a.example"",""x"")",'@SUM(1)`,
    );
  });

  it('names downloads and writes values with their units', () => {
    expect(fileName('Loss (held out)', 'csv')).toBe('loss-held-out.csv');
    expect(fileName('–', 'png')).toBe('plot.png');
    const memory = { label: 'Memory', unit: 'GB', values: [], kind: 'line' as const };
    expect(written(memory, 1.5)).toBe('1.50\u00a0GB');
    expect(written(memory, null)).toBe('–');
    expect(written({ ...memory, format: (value) => `${value} B` }, 7)).toBe('7 B');
  });
});

describe('the numbers of an axis', () => {
  it.each([
    [
      [2, 3, 4],
      ['2', '3', '4'],
    ],
    [
      [2, 2.5, 3],
      ['2.0', '2.5', '3.0'],
    ],
    [
      [0, 0.25, 0.5],
      ['0', '0.25', '0.50'],
    ],
    // as adding up makes them
    [
      [0.1, 0.2, 0.1 + 0.2],
      ['0.1', '0.2', '0.3'],
    ],
    [
      [0, 500, 1000],
      ['0', '500', '1,000'],
    ],
    [
      [-1, 0, 1],
      ['-1', '0', '1'],
    ],
    [
      [0, 1e-4, 2e-4],
      ['0', '1e-4', '2e-4'],
    ],
    [
      [1e-4, 1.5e-4, 2e-4],
      ['1e-4', '1.5e-4', '2e-4'],
    ],
    [
      [1.0001, 1.0002],
      ['1.0001', '1.0002'],
    ],
    [
      [0, 1e9],
      ['0', '1e9'],
    ],
    [
      [0.001, 0.002],
      ['0.001', '0.002'],
    ],
    [[], []],
  ])('%j are %j', (ticks, words) => {
    expect(tickWords(ticks)).toEqual(words);
  });

  it('have no more digits than they need, whatever the values beside the pointer have', () => {
    const inNats = (value: number) => value.toFixed(3);
    const lines = linesOf([{ label: 'Loss', values: [3, 2], kind: 'line', format: inNats }]);
    const look = { text: '', grid: '', surface: '', font: '', colour: () => '' };
    const { axes } = plotOptions(lines, { label: 'Step' }, { width: 300, height: 200 }, look, () => {});
    const write = (axis: number, ticks: number[]) =>
      (axes![axis]!.values as (plot: unknown, ticks: number[]) => string[])(null, ticks);
    expect(write(1, [2, 3])).toEqual(['2', '3']);
    expect(write(0, [0, 50])).toEqual(['0', '50']);
    expect((axes![0]!.incrs as number[]).filter((each) => !Number.isInteger(each))).toEqual([]);
    const sized = linesOf([{ label: 'Memory', values: [1], kind: 'line', tick: (value) => `${value} B` }]);
    const own = plotOptions(sized, { label: 'Step' }, { width: 300, height: 200 }, look, () => {}).axes![1]!;
    expect((own.values as (plot: unknown, ticks: number[]) => string[])(null, [7])).toEqual(['7 B']);
  });
});

describe('a table that shows what is in view', () => {
  it('covers the view and stays inside the rows', () => {
    expect(windowOf(0, 400, 40, 10_000, 0)).toEqual({ first: 0, end: 10 });
    expect(windowOf(4020, 400, 40, 10_000, 8)).toEqual({ first: 92, end: 119 });
    expect(windowOf(399_600, 400, 40, 10_000)).toEqual({ first: 9982, end: 10_000 });
    expect(windowOf(0, 400, 40, 0)).toEqual({ first: 0, end: 0 });
  });

  it('is empty where the rows have become fewer than the place scrolled to', () =>
    expect(windowOf(40_000, 400, 40, 3)).toEqual({ first: 3, end: 3 }));

  it('tells rows apart, and says how it is sorted', () => {
    expect(keyOf('id', { id: 'a' })).toBe('a');
    expect(keyOf((row: { n: number }) => row.n, { n: 3 })).toBe(3);
    const column = { id: 'name', label: 'Name', sortable: true };
    expect(ariaSort(column, { id: 'name', descending: true })).toBe('descending');
    expect(ariaSort(column, { id: 'other', descending: true })).toBe('none');
    expect(ariaSort({ id: 'x', label: 'X' }, undefined)).toBeUndefined();
  });
});

describe('the dots of a line', () => {
  it('are there while the line is too short to be seen, and go as it grows', () => {
    const colours = { text: '', grid: '', surface: '', font: '', colour: () => '' };
    const begun = linesOf([{ label: 'Loss', values: [2], kind: 'raw' }]);
    const { series } = plotOptions(begun, { label: 'Step' }, { width: 9, height: 9 }, colours, () => {});
    const show = series.at(-1)!.points!.show as unknown as (plot: { data: number[][] }) => boolean;
    expect([[[1]], [[1, 2]], [[1, 2, 3]]].map((data) => show({ data }))).toEqual([true, true, false]);
  });
});
