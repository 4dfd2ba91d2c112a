/** Runs that are made of others: as jobs of the queue, as a remedy, and what cannot be made elsewhere. */
import path from 'node:path';
import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalModel, RunRequest } from '../../../common/api/contract.ts';
import { refusedElsewhere } from '../../../common/settings/elsewhere.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import { parseRunConfig, type RunConfig } from '../../../main/engine/config/config.ts';
import { addModel, type TestParts, testParts } from '../../helpers/test-parts.ts';

let opened: TestParts;
let router: ApiRouter;
let model: LocalModel;
beforeEach(async () => {
  opened = await testParts();
  router = apiRouter(opened.parts, opened.log);
  model = addModel(opened.store);
});
afterEach(() => opened.remove());

const request = (more: Partial<RunRequest> = {}): RunRequest => ({
  ...{ name: 'My run', modelId: model.id, data: { paths: ['/d/a.csv'] } },
  ...{ prompts: ['Hello?'], settings: { 'lora.rank': 4, epochs: 1 } },
  ...more,
});

describe('blends', () => {
  it('makes a run of the settings of another one, which is not trained', async () => {
    const { runId } = await call(router.jobs.train, { request: request() });
    const source = opened.store.runs.get(runId);
    const job = await call(router.blends.blend, { runId, strength: 0.6 });
    const run = opened.store.runs.get(job.runId);
    expect(run).toMatchObject({ name: 'My run, blend 0.6', from: runId, modelId: model.id, prompts: [] });
    expect(run.config).toMatchObject({
      ...{ blend: { of: source.folder, strength: 0.6 }, lora: { rank: 4 }, out: run.folder },
    });
    expect(path.relative(opened.folder, run.folder)).toMatch(/^runs\/my-run-blend-0-6-[0-9a-f]{6}$/);
    expect(opened.jobs.map(({ kind }) => kind)).toEqual(['train', 'train']);
  });

  it('adds the adapter of another run, whose weights are not all trained', async () => {
    const { runId } = await call(router.jobs.train, { request: request() });
    const { runId: otherId } = await call(router.jobs.train, { request: request({ name: 'Other' }) });
    const job = await call(router.blends.combine, { runId, weight: 0.7, otherId, otherWeight: 0.3 });
    const [one, other, run] = [runId, otherId, job.runId].map((id) => opened.store.runs.get(id));
    expect(run).toMatchObject({ name: 'My run + Other', from: runId, prompts: [] });
    expect(run!.config).toMatchObject({
      blend: { of: one!.folder, strength: 0.7, with: other!.folder, withStrength: 0.3 },
      lora: { rank: 8, alpha: 8 },
    });
    const whole = request({ settings: { method: 'full' } });
    const { runId: fullId } = await call(router.jobs.train, { request: whole });
    const wrong = call(router.blends.combine, { runId, weight: 0.5, otherId: fullId, otherWeight: 0.5 });
    await expect(wrong).rejects.toMatchObject({ data: { code: 'no-adapter' } });
  });

  it('is repeated as a training, and no request can ask for one', async () => {
    const { runId } = await call(router.jobs.train, { request: request() });
    const blended = await call(router.blends.blend, { runId, strength: 0.6 });
    const draft = await call(router.runs.duplicate, { id: blended.runId });
    expect(Object.keys(draft.content.settings ?? {}).filter((name) => name.startsWith('blend'))).toEqual([]);
    const settings = { 'blend.of': '/elsewhere', 'blend.strength': 0.5 };
    const job = await call(router.jobs.train, { request: request({ settings }) });
    expect(opened.store.runs.get(job.runId).config).not.toHaveProperty('blend');
  });
});

it('is what it was when it is read again, and refused elsewhere', () => {
  const blend = { of: '/a', strength: 0.7 };
  const config: RunConfig = parseRunConfig({ model: 'm', data: 'd.jsonl', out: 'o', blend });
  expect(config.blend).toEqual(blend);
  expect(parseRunConfig(JSON.parse(JSON.stringify(config)))).toStrictEqual(config);
  expect(refusedElsewhere(config)).toEqual([expect.stringContaining('A blend takes no training')]);
});
