import { describe, expect, it } from 'vitest';
import type { ComputerFacts } from '../../../common/api/contract.ts';
import { problemsOf } from '../../../common/words/computer-problems.ts';
import { bars, cutAt, cutShare, pastedName } from '../../../renderer/steps/data/rows.ts';
import { riskOf } from '../../../renderer/steps/plan/plan-step.ts';
import { fakeMeasured } from '../../helpers/fake-api/rates.ts';

const facts: ComputerFacts = {
  processor: 'P',
  cores: 4,
  threads: 8,
  totalMemory: 16e9,
  freeMemory: 10e9,
  freeDisk: 100e9,
  system: 'S',
  graphics: [],
  onBattery: null,
  speed: { flops: 200e9, measured: '2026-01-01T00:00:00Z' },
  rates: null,
  comparison: null,
};

describe('what gets in the way on a computer', () => {
  it('names what is in the way, and nothing else', () => {
    expect(problemsOf(facts)).toEqual([]);
    expect(problemsOf({ ...facts, onBattery: true, freeDisk: 1e9 })).toEqual(['disk', 'battery']);
    const { rates } = fakeMeasured('2026-01-01T00:00:00Z');
    expect(problemsOf({ ...facts, rates: { ...rates!, otherLoad: 0.3 } })).toEqual([]);
    expect(problemsOf({ ...facts, rates: { ...rates!, otherLoad: 0.9 } })).toEqual(['busy']);
    const slow = { ...facts, speed: { flops: 5e9, measured: '' } };
    expect(problemsOf({ ...slow, rates: { ...rates!, otherLoad: 0.9 } })).toEqual(['busy']);
    expect(problemsOf({ ...facts, freeMemory: 2e9 })).toEqual(['memory-used']);
    expect(problemsOf({ ...facts, totalMemory: 3e9, freeMemory: 0.5e9 })).toEqual(['memory']);
    expect(problemsOf({ ...facts, freeDisk: null, speed: { flops: 5e9, measured: '' } })).toEqual(['slow']);
  });
});

describe('lengths of rows', () => {
  const histogram = [
    { upTo: 16, rows: 10 },
    { upTo: 64, rows: 60 },
    { upTo: 128, rows: 30 },
  ];

  it('have a bar for every power of two, empty ones too', () => {
    expect(bars(histogram)).toEqual([
      { above: 0, upTo: 16, rows: 10, height: 10 / 60 },
      { above: 16, upTo: 32, rows: 0, height: 0 },
      { above: 32, upTo: 64, rows: 60, height: 1 },
      { above: 64, upTo: 128, rows: 30, height: 0.5 },
    ]);
    expect(bars([])).toEqual([]);
    expect(bars([], 256)).toEqual([]);
    expect(bars(histogram, 256).at(-1)).toEqual({ above: 128, upTo: 256, rows: 0, height: 0 });
    expect(bars(histogram, 200).at(-1)?.upTo).toBe(256);
    expect(bars(histogram, 4096).at(-1)?.upTo).toBe(128);
  });

  it('the limit stands at the edge of its bar, or inside by its logarithm', () => {
    const shown = bars(histogram);
    expect(cutAt(64, shown)).toBeCloseTo(3 / 4);
    expect(cutAt(32 * Math.SQRT2, shown)).toBeCloseTo(2.5 / 4);
    expect(cutAt(128, shown)).toBe(1);
    expect(cutAt(129, shown)).toBeNull();
    expect(cutAt(8, shown)).toBeCloseTo(1 / 8);
  });

  it('the share that is cut is exact at an edge, and a range inside a bar', () => {
    expect(cutShare(64, histogram)).toEqual({ least: 0.3, most: 0.3 });
    expect(cutShare(100, histogram)).toEqual({ least: 0, most: 0.3 });
    expect(cutShare(128, histogram)).toEqual({ least: 0, most: 0 });
    expect(cutShare(10, [])).toEqual({ least: 0, most: 0 });
  });
});

describe('the risk of forgetting', () => {
  it('is forecast from what the plan has priced', () => {
    const config = { method: 'lora', learningRate: 1e-3, replay: 0 };
    const sorting = riskOf({ config, parameters: 135e6, steps: 120, task: 'label' });
    expect(sorting).toMatchObject({ risk: 'high', isFixedForm: true });
    expect(riskOf({ config, parameters: 8e9, steps: 120, task: 'free' }).risk).toBe('low');
  });
});

describe('pasted text', () => {
  it.each([
    ['{"prompt":"a","completion":"b"}\n{"prompt":"c","completion":"d"}', 'pasted.jsonl'],
    ['[{"prompt":"a","completion":"b"}]', 'pasted.json'],
    ['{\n  "prompt": "a",\n  "completion": "b"\n}', 'pasted.json'],
    ['question\tanswer\nWhat?\tThat, of course.', 'pasted.tsv'],
    ['question,answer\n"What, now?",That', 'pasted.csv'],
    ['question;answer\nWhat;That', 'pasted.csv'],
    ['Once upon a time, there was a lighthouse.\nIt stood there, tall, and said nothing.', 'pasted.txt'],
    ['One line only, with a comma', 'pasted.txt'],
    ['[a note in brackets]', 'pasted.txt'],
  ])('%j is kept as %s', (text, name) => {
    expect(pastedName(text)).toBe(name);
  });
});
