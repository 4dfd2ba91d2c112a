import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunRequest } from '../../../common/api/contract.ts';
import type { RunPlan } from '../../../common/protocol/protocol.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import { PlanCache } from '../../../main/app/plan-cache.ts';
import { madeUpRates } from '../../helpers/rates.ts';
import { madeUpPrice } from '../../helpers/run-price.ts';
import { addModel, type TestParts, testParts } from '../../helpers/test-parts.ts';

const PLAN: RunPlan = {
  ...{
    parameters: 1000,
    task: 'free',
    trainableParameters: 10,
    rows: 50,
    heldOutRows: 5,
    tokens: 900,
    labelledTokens: 100,
  },
  ...{ rowsPerBatch: 4, rowLength: 256, stateBytes: 160, workingBytes: 5000 },
  ...madeUpPrice(),
  flopsPerBatch: 2e9,
};

let opened: TestParts;
let router: ApiRouter;
let request: RunRequest;
let asked: { signal: AbortSignal | undefined; answer(): void; fail(error: Error): void }[] = [];
beforeEach(async () => {
  asked = [];
  opened = await testParts({
    engine: {
      plan: (_, signal) =>
        new Promise((resolve, reject) => {
          asked.push({ signal, answer: () => resolve(PLAN), fail: reject });
        }),
      bench: async () => madeUpRates(1e9),
    },
  });
  router = apiRouter(opened.parts, opened.log);
  const data = path.join(opened.folder, 'rows.csv');
  writeFileSync(data, 'a,b\n');
  request = {
    name: 'x',
    modelId: addModel(opened.store).id,
    data: { paths: [data] },
    prompts: [],
    settings: {},
  };
});
afterEach(() => opened.remove());

/** The work that the engine was asked for `count` times by now. */
async function work(count: number) {
  await expect.poll(() => asked.length).toBe(count);
  return asked.at(-1)!;
}

describe('plan.figures', () => {
  it('tells memory at once, and time, energy and cost as soon as speed and power are known', async () => {
    const figures = async (settings: Record<string, unknown>) => {
      const promise = call(router.plan.figures, { ...request, settings });
      (await work(asked.length + 1)).answer();
      return promise;
    };
    const first = await figures({});
    expect(first).toMatchObject({ seconds: null, kwh: null, cost: null, steps: 10 });
    expect(first.peakBytes).toBeGreaterThan(4000 + 160 + 5000);
    expect(first.freeBytes).toBeGreaterThan(0);
    expect(first.config).toMatchObject({ method: 'lora', epochs: 3 });
    expect(first.config).not.toHaveProperty('out');
    for await (const event of await call(router.computer.measure, undefined))
      if (event.kind === 'facts') expect(event.facts.speed?.flops).toBe(1e9);
    expect(await figures({ seed: 1 })).toMatchObject({ seconds: expect.closeTo(22.5, 0), kwh: null });
    await call(router.settings.set, { watts: 180, pricePerKwh: 0.5 });
    expect(await figures({ gradientAccumulation: 3 })).toMatchObject({
      seconds: expect.closeTo(22.5, 0),
      kwh: expect.closeTo(0.00114, 4),
      cost: expect.closeTo(0.00057, 4),
    });
  });

  it('says in words what is wrong with the settings', async () => {
    const wrong = call(router.plan.figures, { ...request, settings: { learningRate: 'fast' } });
    await expect(wrong).rejects.toMatchObject({ data: { code: 'bad-config' } });
  });
});

describe('PlanCache', () => {
  it('answers the same question once, also while it is being computed, and others anew', async () => {
    const cache = new PlanCache(opened.parts);
    const both = [cache.plan(request), cache.plan({ ...request, name: 'other name' })];
    (await work(1)).answer();
    await Promise.all(both);
    await cache.plan(request);
    expect(asked.length).toBe(1);
    void cache.plan({ ...request, settings: { epochs: 1 } });
    await work(2);
    // answers to prompts take memory and time
    void cache.plan({ ...request, prompts: ['Hi'] });
    await work(3);
  });

  it('forgets after a few minutes, and at once when the data changes', async () => {
    let now = 0;
    const cache = new PlanCache(opened.parts, () => now);
    const first = cache.plan(request);
    (await work(1)).answer();
    await first;
    now += 10 * 60_000;
    const second = cache.plan(request);
    (await work(2)).answer();
    await second;
    writeFileSync(request.data.paths[0]!, 'a,b\nc,d\n');
    const third = cache.plan(request);
    (await work(3)).answer();
    await third;
  });

  it('sees that a file in a folder of data has changed', async () => {
    const cache = new PlanCache(opened.parts);
    const folder = path.join(opened.folder, 'rows');
    mkdirSync(path.join(folder, 'more'), { recursive: true });
    const file = path.join(folder, 'more', 'a.csv');
    const plan = async (count: number) => {
      const planned = cache.plan({ ...request, data: { paths: [folder] } });
      (await work(count)).answer();
      await planned;
    };
    writeFileSync(file, 'a,b\n');
    await plan(1);
    await plan(1);
    writeFileSync(file, 'a,b\nc,d\n');
    await plan(2);
  });

  it('gives work up when nobody waits for it any more, and not before', async () => {
    const cache = new PlanCache(opened.parts);
    const [one, two] = [new AbortController(), new AbortController()];
    const both = [cache.plan(request, one.signal), cache.plan(request, two.signal)];
    const { signal } = await work(1);
    one.abort();
    await expect(both[0]).rejects.toThrow(/abort/i);
    expect(signal?.aborted).toBe(false);
    two.abort();
    await expect(both[1]).rejects.toThrow(/abort/i);
    expect(signal?.aborted).toBe(true);
    const again = cache.plan(request);
    (await work(2)).answer();
    expect((await again).plan).toEqual(PLAN);
  });

  it('does not keep a failure', async () => {
    const cache = new PlanCache(opened.parts);
    const first = cache.plan(request);
    (await work(1)).fail(new Error('the engine died'));
    await expect(first).rejects.toThrow('the engine died');
    const second = cache.plan(request);
    (await work(2)).answer();
    await second;
  });
});
