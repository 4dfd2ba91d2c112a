import { describe, expect, it } from 'vitest';
import type { Rates } from '../../../common/api/contract.ts';
import { estimate, type Grounds } from '../../../main/plan/estimate.ts';
import { threadFactor } from '../../../main/plan/run-time.ts';
import { tooManyThreads } from '../../../main/processes.ts';
import { madeUpRates } from '../../helpers/rates.ts';
import { madeUpPrice } from '../../helpers/run-price.ts';

const with_ = (threads: number, more: object = {}) => ({ ...madeUpPrice({ flops: 1e12 }), threads, ...more });
const four = { threads: 4 };

describe('threadFactor', () => {
  it('is none for as many threads as were measured, and for what has threads of its own', () => {
    const none = { value: 1, spread: 1 };
    expect(threadFactor(with_(4), four, 8)).toEqual(none);
    expect(threadFactor(with_(1, { device: 'cuda' }), four, 8)).toEqual(none);
    expect(threadFactor(with_(1, { executor: 'openvino' }), four, 8)).toEqual(none);
  });

  it('takes longer with fewer threads, but not so many times as there are fewer', () => {
    const one = threadFactor(with_(1), four, 8);
    expect(one.value).toBeGreaterThan(2);
    expect(one.value).toBeLessThan(4);
    // its range holds that all is divided, and that a good part is not
    expect(one.value * one.spread).toBeGreaterThanOrEqual(4 - 1e-9);
    expect(one.value / one.spread).toBeLessThan(2.2);
    expect(threadFactor(with_(8), four, 8).value).toBeLessThan(1);
  });

  it('gains nothing beyond the cores', () => {
    expect(threadFactor(with_(16), four, 4).value).toBe(1);
    expect(threadFactor(with_(16), four, 8)).toEqual(threadFactor(with_(8), four, 8));
  });
});

describe('a plan with another number of threads', () => {
  const rates = {
    ...madeUpRates(1e11, 4),
    measured: '2026-01-01T00:00:00Z',
    onBattery: null,
    versions: {},
  } as unknown as Rates;
  const grounds = (step: Grounds['residuals']['step'] = []): Grounds => ({
    rates,
    platform: 'linux',
    probe: null,
    watts: null,
    pricePerKwh: 0,
    cores: 8,
    residuals: { memory: [], step },
  });
  const step = (threads: number, residuals?: Grounds['residuals']['step']) =>
    estimate(with_(threads), grounds(residuals)).stepSeconds!;
  const width = ({ low, high }: { low: number; high: number }) => high / low;

  it('takes another time, less surely', () => {
    expect(step(1).value).toBeGreaterThan(2 * step(4).value);
    expect(step(8).value).toBeLessThan(step(4).value);
    expect(width(step(1))).toBeGreaterThan(width(step(4)));
  });

  it('learns from runs with as many threads, or from those of the benchmark', () => {
    const run = (threads: number, ratio: number) => ({ predicted: 1, measured: ratio, threads });
    const runs = [run(4, 2), run(4, 2), run(1, 0.5), run(1, 0.5)];
    expect(step(4, runs).value).toBeGreaterThan(1.5 * step(4).value);
    expect(step(1, runs).value).toBeLessThan(0.7 * step(1).value);
    expect(step(2, runs).value).toBeGreaterThan(1.5 * step(2).value);
  });
});

describe('tooManyThreads', () => {
  it('says how many cores there are', () => {
    expect(tooManyThreads(2, 2)).toBeNull();
    expect(tooManyThreads(8, 2)).toMatch(/has 2 cores: 8 threads/);
    expect(tooManyThreads(2, 1)).toMatch(/has 1 core:/);
  });
});
