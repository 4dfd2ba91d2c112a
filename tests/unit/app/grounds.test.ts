/** What the planner rests on, by device: runs and rates of a card are separate from the processor's. */
import os from 'node:os';
import { describe, expect, it } from 'vitest';
import type { ComputerFacts, DeviceRates, Rates } from '../../../common/api/contract.ts';
import type { QuickWay } from '../../../common/protocol/protocol.ts';
import { readGrounds } from '../../../main/app/grounds.ts';
import { measureComputer } from '../../../main/hardware/measure.ts';
import { estimate } from '../../../main/plan/estimate.ts';
import { peakMemory } from '../../../main/plan/peak-memory.ts';
import { int8Version, keepSpeedTest, keptSpeedTest, speedTestOf } from '../../../main/speed-tests.ts';
import type { FinishedRun, Store } from '../../../main/store/store.ts';
import { versions } from '../../../main/versions.ts';
import { madeUpRates, timedSteps } from '../../helpers/rates.ts';
import { madeUpPrice } from '../../helpers/run-price.ts';

const HERE = { processor: os.cpus()[0]?.model.trim() };
const PRICE = { ...madeUpPrice({ flops: 1e12 }), threads: 4 };

function run(executor: string, device: string, stepSeconds: number, steps = 40): FinishedRun {
  return {
    done: { price: { ...PRICE, executor, device }, steps, stepSeconds, peakRssBytes: 1e9 } as never,
    start: null,
    config: {},
    machine: HERE,
  };
}

const cpuRates: Rates = { ...madeUpRates(1e11), measured: 'now', onBattery: null, versions: {} };

function storeWith(runs: readonly FinishedRun[], rates: Rates | null = cpuRates) {
  return {
    hardware: { latest: () => (rates ? ({ rates } as ComputerFacts) : null) },
    runs: { finished: () => [...runs] },
    settings: { get: () => ({ watts: null, pricePerKwh: 0 }) },
  } as unknown as Pick<Store, 'hardware' | 'runs' | 'settings'>;
}

describe('grounds by device', () => {
  it('have the runs of that device and executor alone', () => {
    const store = storeWith([run('ort', 'cpu', 9), run('ort', 'webgpu', 2), run('openvino', 'cpu', 4)]);
    const known = readGrounds(store);
    const measured = (executor: string, device: string) =>
      known.of(executor, device).residuals.step.map((one) => one.measured);
    expect([measured('ort', 'cpu'), measured('ort', 'webgpu'), measured('openvino', 'cpu')]).toEqual([
      [9],
      [2],
      [4],
    ]);
    expect(readGrounds(store).measurements.ranOn).toEqual(
      new Set(['ort on cpu', 'ort on webgpu', 'openvino on cpu']),
    );
    const elsewhere = { ...run('ort', 'cuda', 1), machine: { processor: 'another one' } };
    expect(readGrounds(storeWith([elsewhere])).measurements.ranOn.size).toBe(0);
  });

  it('compare a peak with each page once with what is needed, and that of an old run with what the system counts', () => {
    const [old, now] = [run('ort', 'cpu', 1), run('ort', 'cpu', 1)];
    const told = { ...now, done: { ...now.done, peakMemoryBytes: 8e8 } };
    const [before, after] = readGrounds(storeWith([old, told])).of('ort', 'cpu').residuals.memory;
    const { residentBytes, neededBytes } = peakMemory(PRICE);
    expect(before).toMatchObject({ predicted: residentBytes, measured: 1e9 });
    expect(after).toMatchObject({ predicted: neededBytes, measured: 8e8 });
  });

  it('give a device without a benchmark the time that its runs have shown, by the processor’s formula', () => {
    const runs = Array.from({ length: 8 }, () => run('ort', 'webgpu', 2));
    const known = readGrounds(storeWith(runs));
    const onCard = { ...PRICE, device: 'webgpu' };
    const step = (price: typeof PRICE) => estimate(price, known.of('ort', price.device)).stepSeconds;
    // 1e12 operations at about 1e11 a second; the runs took 2 seconds
    expect(step(PRICE)!.value).toBeGreaterThan(5);
    expect(step(onCard)).toMatchObject({ restsOn: 'runs' });
    expect(Math.abs(step(onCard)!.value - 2)).toBeLessThan(0.4);
    const nothing = readGrounds(storeWith([]));
    expect(estimate(onCard, nothing.of('ort', 'webgpu')).stepSeconds).toBeNull();
  });
});

describe('steps that the check has timed', () => {
  const [cpu] = cpuRates.devices;
  /** A card with the processor's products, whose steps took so long; by this version of Fettle or another one. */
  const planned = (steps: readonly number[], fettle = versions().fettle) => {
    const card = { ...cpu!, executor: 'ggml', steps: timedSteps(...steps), fettle };
    const known = readGrounds(storeWith([], { ...cpuRates, devices: [cpu!, card] }));
    const price = { ...PRICE, executor: 'ggml' };
    return estimate(price, known.of('ggml')).stepSeconds!.value;
  };
  const usual = estimate(PRICE, readGrounds(storeWith([])).of('ort')).stepSeconds!.value;

  it('make a slow card slower in a plan than its products say, and a fast one faster', () => {
    expect(planned([1, 10, 100])).toBeGreaterThan(3 * usual);
    expect(planned([0.01, 0.1, 1])).toBeLessThan(usual / 3);
  });

  it('say nothing for another version of Fettle', () => {
    expect(planned([1, 10, 100], '0.0.1')).toBeCloseTo(usual, 6);
  });
});

describe('a report of the benchmark', () => {
  it('keeps what was measured of a card before, with the cards that were there then', async () => {
    const reports: ComputerFacts[] = [];
    const hardware = {
      add: (report: ComputerFacts) => void reports.unshift(report),
      latest: () => reports[0] ?? null,
      previous: () => reports[1] ?? null,
    };
    const store = { folder: os.tmpdir(), hardware } as never;
    const bench = async (_: string, __: unknown, ___: unknown, device?: string) => {
      const found = madeUpRates(1e11);
      const card = { ...found.devices[0]!, device: device! };
      return device ? { ...found, devices: [...found.devices, card] } : found;
    };
    const tested: QuickWay[] = [];
    const speedTest = async (way: QuickWay) => {
      tested.push(way);
      keepSpeedTest(way, speedTestOf({ version: int8Version(), gain: 1.7, problem: null }));
      return keptSpeedTest(way)!;
    };
    const engine = { bench, speedTest };
    const measure = async (device?: string) => {
      await measureComputer({ store, engine }, () => {}, undefined, device ? { device } : {});
      return reports[0]!.rates!.devices;
    };
    const names = (devices: readonly DeviceRates[]) => devices.map(({ device }) => device);
    expect(names(await measure())).toEqual(['cpu']);
    const [, card] = await measure('webgpu');
    expect(card).toMatchObject({
      device: 'webgpu',
      cards: reports[0]!.hardware!.graphics.map(({ name }) => name),
      drivers: {},
      fettle: versions().fettle,
    });
    const later = await measure();
    expect(names(later)).toEqual(['cpu', 'webgpu']);
    expect(later[1]!.measured).toBe(card!.measured);
    expect(names(await measure('webgpu'))).toEqual(['cpu', 'webgpu']);
    // once, so that no plan waits for it
    expect(tested).toEqual(['int8']);
    expect(readGrounds(null).measurements.int8).toBe(1.7);
  });
});
