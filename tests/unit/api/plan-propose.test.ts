import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Proposal } from '../../../common/api/contract.ts';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import type { RunConfig } from '../../../main/engine/config/config.ts';
import { freeMemory } from '../../../main/hardware/facts.ts';
import { fakePeakBytes, profileOf } from '../../helpers/fake-price.ts';
import { madeUpPrice } from '../../helpers/run-price.ts';
import { addModel, type TestParts, testParts } from '../../helpers/test-parts.ts';

let opened: TestParts;
let router: ApiRouter;
let data: string;
let asked: RunConfig[] = [];
let parameters = 4_196_608;
const profile = profileOf(Array.from({ length: 600 }, (_, i) => 60 + (i % 40)));

beforeEach(async () => {
  asked = [];
  const rows = {
    ...{ rows: 540, heldOutRows: 60, tokens: 43_000, labelledTokens: 10_000 },
    ...{ contextLength: 256, lengths: profile, task: 'json' as const },
  };
  opened = await testParts({
    hub: { catalog: async () => [] },
    engine: {
      planRows: async () => ({ ...rows, parameters }),
      plan: async (config) => {
        asked.push(config);
        const { tokensPerMicroBatch, lora, method } = config;
        return {
          ...madeUpPrice({ weightBytes: 0 }),
          ...{ ...rows, parameters, trainableParameters: 10 },
          ...{ steps: 10, rowsPerBatch: 4, rowLength: 256 },
          weightBytes: fakePeakBytes(parameters, method, lora.rank, tokensPerMicroBatch),
          ...{ stateBytes: 0, workingBytes: 0, flopsPerBatch: 2e9 },
        };
      },
    },
  });
  router = apiRouter(opened.parts, opened.log);
  data = path.join(opened.folder, 'rows.csv');
  writeFileSync(data, 'a,b\n');
});
afterEach(() => {
  vi.restoreAllMocks();
  opened.remove();
});

it('is told how far the rows are read where that takes long', async () => {
  const phase = (fraction: number, secondsLeft?: number): EngineEvent => ({
    ...{ event: 'phase', phase: 'tokenize', fraction },
    ...(secondsLeft !== undefined && { secondsLeft }),
  });
  const { engine } = opened.parts;
  const rows = await engine.planRows({} as RunConfig);
  const read = Promise.withResolvers<typeof rows>();
  const hearing = Promise.withResolvers<(event: EngineEvent) => void>();
  vi.spyOn(engine, 'planRows').mockImplementation((_, __, onEvent) => {
    hearing.resolve(onEvent!);
    return read.promise;
  });
  const reading = (await call(router.plan.reading, undefined))[Symbol.asyncIterator]();
  const next = async () => (await reading.next()).value;
  expect(await next()).toBeNull();
  const proposed = proposal();
  const hear = await hearing.promise;
  hear(phase(0.01));
  hear(phase(0.2, 40));
  expect(await next()).toEqual({ doing: 'Turning the rows into tokens', fraction: 0.2, secondsLeft: 40 });
  read.resolve(rows);
  expect(await next()).toBeNull();
  await proposed;
  await reading.return?.(undefined);
});

function proposal(
  settings: Record<string, unknown> = {},
  more: { from?: string; wish?: Proposal['wish']; evalPaths?: string[] } = {},
): Promise<Proposal> {
  const model = { ...addModel(opened.store), parameters };
  opened.store.models.save(model);
  return call(router.plan.propose, { modelId: model.id, data: { paths: [data] }, settings, ...more });
}

const planned = ({ methods }: Proposal, method: string) =>
  methods.find((one) => one.method === method)?.planned;

describe('plan.propose', () => {
  it('reads the history once, however much is priced', async () => {
    const finished = vi.spyOn(opened.store.runs, 'finished');
    await proposal();
    expect(asked.length).toBeGreaterThan(1);
    expect(finished).toHaveBeenCalledTimes(1);
  });

  it('gives a model of the size of the practice model what was measured to be best for it', async () => {
    const found = await proposal();
    expect(found.recommended).toBe('full');
    expect(planned(found, 'full')?.runSettings).toMatchObject({
      ...{ method: 'full', learningRate: 2e-4, epochs: 4, tokensPerMicroBatch: 1024 },
      ...{ gradientAccumulation: 1, maxLength: 128, heldOut: 0.1 },
    });
    expect(planned(found, 'full')?.runSettings).not.toHaveProperty('lora.rank');
    // once for each method
    expect(asked).toHaveLength(3);
  });

  it('proposes settings that the engine takes, and the figures of which are known already', async () => {
    const found = await proposal({ seed: 7 });
    const settings = { ...planned(found, 'lora')!.runSettings };
    expect(settings).toMatchObject({ seed: 7, method: 'lora', 'lora.rank': 16 });
    const before = asked.length;
    const model = opened.store.models.list()[0]!;
    const figures = await call(router.plan.figures, {
      ...{ name: 'x', modelId: model.id, data: { paths: [data] }, settings },
    });
    expect(figures.peakBytes).toBe(planned(found, 'lora')!.price.peakBytes.value);
    expect(asked).toHaveLength(before);
  });

  it('keeps what the person has set', async () => {
    const found = await proposal({ 'lora.rank': 3, epochs: 9, method: 'lora' });
    expect(planned(found, 'lora')).toMatchObject({
      settings: { rank: 3, epochs: 9 },
      whys: { rank: { key: 'own' }, epochs: { key: 'own' } },
    });
    expect(planned(found, 'full')?.settings.epochs).toBe(9);
  });

  it('leaves a repeated run as it was', async () => {
    const found = await proposal({ epochs: 2, method: 'lora' }, { from: 'run-1' });
    expect(planned(found, 'lora')).toMatchObject({
      runSettings: { epochs: 2, method: 'lora' },
      settings: { epochs: 2, learningRate: 2e-4, rank: 16, maxLength: 1024 },
      whys: { learningRate: { key: 'of-run' } },
    });
    expect(planned(found, 'full')).toMatchObject({ settings: { learningRate: 2e-5 } });
    expect(Object.keys(planned(found, 'lora')!.runSettings).sort()).toEqual([
      ...['device', 'deviceWhy', 'epochs', 'method'],
    ]);
  });

  it('holds nothing out where a file is measured on', async () => {
    const found = await proposal({}, { evalPaths: [data] });
    expect(planned(found, 'lora')!.runSettings).not.toHaveProperty('heldOut');
  });

  it('says what is wrong with settings', async () => {
    await expect(proposal({ learningRate: 'fast' })).rejects.toMatchObject({ data: { code: 'bad-config' } });
  });

  it('names the nearest things where a model is too big', async () => {
    parameters = 5e12;
    const found = await proposal();
    parameters = 4_196_608;
    expect(found.recommended).toBeNull();
    expect(found.methods.find(({ method }) => method === 'lora')?.why.key).toBe('too-big');
  });
});

function chosen(method: 'lora' | 'full', settings: Record<string, unknown> = {}, soonMs?: number) {
  const model = opened.store.models.list()[0] ?? { ...addModel(opened.store), parameters };
  opened.store.models.save(model);
  const limit = soonMs !== undefined && { soonMs };
  return call(router.plan.chosen, { modelId: model.id, data: { paths: [data] }, settings, method, ...limit });
}

describe('plan.chosen', () => {
  it('prices one method, and the comparison after it does not price that again', async () => {
    const first = await chosen('lora', { epochs: 2 });
    expect(new Set(asked.map(({ method }) => method))).toEqual(new Set(['lora']));
    const { length } = asked;
    const model = opened.store.models.list()[0]!;
    const rows = { modelId: model.id, data: { paths: [data] } };
    const found = await call(router.plan.propose, { ...rows, settings: { epochs: 2 } });
    const { whys: _, ...beside } = planned(found, 'lora')!;
    expect(first.planned).toMatchObject(beside);
    expect(asked.slice(length).filter(({ method, bits }) => method === 'lora' && bits === undefined)).toEqual(
      [],
    );
  });

  it('tells what fits where the best is not known in time, and goes on from there when it is asked again', async () => {
    parameters = 1e9;
    // with that a micro-batch of half the usual size does not fit, which is not known by the first price that does
    vi.spyOn(freeMemory, 'settled').mockResolvedValue(8.4e9);
    const soon = await chosen('lora', {}, 0);
    const { length } = asked;
    const best = await chosen('lora', {});
    parameters = 4_196_608;
    expect([soon.isBest, best.isBest]).toEqual([false, true]);
    for (const { planned: one, figures } of [soon, best]) {
      expect(one.fit).toBe('comfortable');
      expect(figures.config).toMatchObject({ tokensPerMicroBatch: one.settings.tokensPerMicroBatch });
    }
    expect(length).toBeLessThan(asked.length);
    // nothing is priced twice
    const keys = asked.map((config) => JSON.stringify(config));
    for (const key of keys.slice(length)) expect(keys.slice(0, length)).not.toContain(key);
  });

  it('has all figures of the very settings that it proposes', async () => {
    const { planned: found, figures } = await chosen('full', { seed: 3 });
    expect(figures.config).toMatchObject({
      seed: 3,
      method: 'full',
      learningRate: found.settings.learningRate,
    });
    expect(figures.estimate.neededBytes).toEqual(found.price.peakBytes);
    expect(figures.estimate.totalSeconds).toEqual(found.price.totalSeconds);
  });

  it('prices nothing more once nobody waits', async () => {
    await chosen('lora');
    const gone = new AbortController();
    const model = opened.store.models.list()[0]!;
    const request = { modelId: model.id, data: { paths: [data] }, settings: { 'lora.rank': 5 } };
    const before = asked.length;
    const { plan } = opened.parts.engine;
    opened.parts.engine.plan = async (config, signal) => {
      const found = await plan(config, signal);
      gone.abort();
      return found;
    };
    await expect(call(router.plan.propose, request, { signal: gone.signal })).rejects.toThrow();
    expect(asked).toHaveLength(before + 1);
  });

  it('says what is wrong with settings', async () => {
    await expect(chosen('lora', { epochs: -1 })).rejects.toMatchObject({ data: { code: 'bad-config' } });
  });
});
