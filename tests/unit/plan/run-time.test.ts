import { describe, expect, it } from 'vitest';
import type { Rates } from '../../../common/api/contract.ts';
import { estimate, type Grounds } from '../../../main/plan/estimate.ts';
import { runSeconds, secondsOf, stepFactor, threadFactor } from '../../../main/plan/run-time.ts';
import { tooManyThreads } from '../../../main/processes.ts';
import { madeUpRates, timedSteps } from '../../helpers/rates.ts';
import { madeUpPrice } from '../../helpers/run-price.ts';

const with_ = (threads: number, more: object = {}) => ({ ...madeUpPrice({ flops: 1e12 }), threads, ...more });
const four = { threads: 4 };

describe('whole steps that were measured', () => {
  const [plain] = madeUpRates(1e11).devices;
  const work = (operations: number) => ({
    ...timedSteps(1)[0]!.work,
    products: [{ batch: 1, rows: 1000, inner: 1000, columns: 1000, count: operations / 2e9 }],
  });
  /** Steps that take so many times as long as the formula says. */
  const timed = (...factors: readonly number[]) => {
    const steps = timedSteps(...factors).map((step, i) => ({
      ...step,
      seconds: factors[i]! * secondsOf(step.work, plain!),
    }));
    return { ...plain!, steps };
  };

  it('correct the formula for their size, and between two sizes by both', () => {
    const rates = timed(2, 1, 0.5);
    expect(stepFactor(work(1e10), rates)).toBeCloseTo(2, 6);
    expect(stepFactor(work(1e12), rates)).toBeCloseTo(0.5, 6);
    // in the middle of two on a logarithmic scale
    expect(stepFactor(work(10 ** 10.5), rates)).toBeCloseTo(Math.SQRT2, 6);
    expect(stepFactor(work(10 ** 11.5), rates)).toBeCloseTo(Math.SQRT1_2, 6);
  });

  it('count for what is smaller or larger as the nearest, and none changes nothing', () => {
    expect(stepFactor(work(1e6), timed(2, 1, 0.5))).toBeCloseTo(2, 6);
    expect(stepFactor(work(1e15), timed(2, 1, 0.5))).toBeCloseTo(0.5, 6);
    expect(stepFactor(work(1e15), timed(3))).toBeCloseTo(3, 6);
    expect(stepFactor(work(1e11), plain!)).toBe(1);
  });

  it('leave the formula of the update alone', () => {
    const price = madeUpPrice({ flops: 1e11 });
    const [formula, slow] = [runSeconds(price, plain!), runSeconds(price, timed(4, 4, 4))];
    expect(slow.step).toBeGreaterThan(2 * formula.step);
    expect(slow.step).toBeLessThanOrEqual(4 * formula.step);
    expect(slow.evaluation).toBeCloseTo(4 * formula.evaluation, 6);
  });
});

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
