import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Job, Measuring } from '../../../common/api/contract.ts';
import type { QuickWay } from '../../../common/protocol/protocol.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import type { EngineCalls } from '../../../main/runs/engine-calls.ts';
import { speedTestOf } from '../../../main/speed-tests.ts';
import { examplePrices } from '../../helpers/example-prices.ts';
import { madeUpRates } from '../../helpers/rates.ts';
import { type TestParts, testParts } from '../../helpers/test-parts.ts';

// what is priced depends on what fits
vi.mock('../../../main/hardware/facts.ts', async (original) => ({
  ...(await original<typeof import('../../../main/hardware/facts.ts')>()),
  freeMemory: Object.assign(() => 8e9, { settled: async () => 8e9 }),
}));

let opened: TestParts;
let router: ApiRouter;
let bench: EngineCalls['bench'];
const tested: QuickWay[] = [];
const prices = vi.fn<EngineCalls['prices']>((cases) => examplePrices(cases));
beforeEach(async () => {
  bench = async (_, onProgress) => {
    onProgress({ fraction: 0.5, doing: 'Memory' });
    return madeUpRates(90e9);
  };
  prices.mockClear();
  tested.length = 0;
  const speedTest = async (way: QuickWay) => {
    tested.push(way);
    return speedTestOf({ gain: 1.7, problem: null });
  };
  opened = await testParts({ engine: { bench: (...args) => bench(...args), prices, speedTest } });
  router = apiRouter(opened.parts, opened.log);
});
afterEach(() => opened.remove());

async function measure(signal?: AbortSignal): Promise<Measuring[]> {
  const events: Measuring[] = [];
  const stream = await call(router.computer.measure, undefined, signal ? { signal } : {});
  for await (const event of stream) events.push(event);
  return events;
}

describe('computer.measure', () => {
  it('tells how far it is, then the facts, which are remembered with date and versions', async () => {
    const events = await measure();
    expect(events.slice(0, -1).map((event) => event.kind)).toEqual(Array(3).fill('progress'));
    expect(events[1]).toMatchObject({ fraction: 0.5, doing: 'Memory' });
    expect(events[2]).toMatchObject({ doing: 'Testing quick ways to compute' });
    expect(tested).toEqual(['int8']);
    const last = events.at(-1);
    if (last?.kind !== 'facts') throw new Error('no facts at the end');
    const { rates, speed, comparison } = last.facts;
    expect(speed?.flops).toBe(90e9);
    expect(rates).toMatchObject({ ...madeUpRates(90e9), measured: speed?.measured });
    expect(rates?.versions).toHaveProperty('onnxruntime-node');
    expect(rates?.otherLoad).toBeGreaterThanOrEqual(0);
    expect(comparison).toBeNull();
    expect(await call(router.computer.facts, undefined)).toMatchObject({ rates, speed });
  });

  it('compares with the time before', async () => {
    await measure();
    bench = async () => madeUpRates(45e9, 2);
    const last = (await measure()).at(-1);
    const sentence = '50% slower than earlier today: computing on 2 threads instead of 4.';
    // the load of the computer that runs the tests may be a further reason
    expect(last).toMatchObject({ facts: { comparison: { change: -0.5 } } });
    const { comparison } = await call(router.computer.facts, undefined);
    expect(comparison?.sentence.slice(0, sentence.length - 1)).toBe(sentence.slice(0, -1));
  });

  it('keeps nothing of a measurement that was cancelled', async () => {
    const controller = new AbortController();
    bench = (_, onProgress, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
        onProgress({ fraction: 0.1, doing: 'Memory' });
        controller.abort();
      });
    await expect(measure(controller.signal)).rejects.toThrow();
    expect(opened.store.hardware.latest()).toBeNull();
  });

  it('refuses beside a training, also one that began meanwhile', async () => {
    const training = { name: 'Mine', state: 'running' } as Job;
    bench = async () => {
      opened.jobs.push(training);
      return madeUpRates(1e9);
    };
    await expect(measure()).rejects.toMatchObject({ data: { code: 'computer-busy' } });
    await expect(measure()).rejects.toThrow('“Mine” is using the computer');
    expect(opened.store.hardware.latest()).toBeNull();
  });
});

describe('computer.grid', () => {
  it('knows the memory at once and the time when the speed is known', async () => {
    const before = await call(router.computer.grid, undefined);
    expect(before.cells[0]).toMatchObject({ size: '135M', method: 'lora', seconds: null });
    expect(before.freeBytes).toBeGreaterThan(0);
    await measure();
    const { cells } = await call(router.computer.grid, undefined);
    expect(cells[0]!.seconds?.value).toBeGreaterThan(1);
  });

  it('asks the engine for its prices once, and again where that failed', async () => {
    prices.mockRejectedValueOnce(new Error('the engine died'));
    await expect(call(router.computer.grid, undefined)).rejects.toThrow();
    const grids = [0, 1].map(() => call(router.computer.grid, undefined));
    const [one, other] = await Promise.all(grids);
    expect(one!.cells).toEqual(other!.cells);
    const asked = prices.mock.calls.slice(1).flatMap(([cases]) => cases.map((one) => JSON.stringify(one)));
    expect(new Set(asked).size).toBe(asked.length);
    const before = prices.mock.calls.length;
    await call(router.computer.grid, undefined);
    expect(prices).toHaveBeenCalledTimes(before);
  });
});
