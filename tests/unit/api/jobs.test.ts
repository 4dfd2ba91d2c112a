import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LocalModel, RunRequest } from '../../../common/api/contract.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import type { ExportConfig } from '../../../main/engine/config/config.ts';
import { addModel, type TestParts, testParts } from '../../helpers/test-parts.ts';

let opened: TestParts;
let router: ApiRouter;
let model: LocalModel;
let exported: ExportConfig | null = null;
beforeEach(async () => {
  opened = await testParts({
    supervisor: {
      export(run, config) {
        exported = config;
        return opened.parts.supervisor.assess(run);
      },
      cancel: async (id) =>
        void opened.jobs.splice(
          opened.jobs.findIndex((job) => job.id === id),
          1,
        ),
    },
  });
  router = apiRouter(opened.parts, opened.log);
  model = addModel(opened.store);
});
afterEach(() => opened.remove());

const request = (more: Partial<RunRequest> = {}): RunRequest => ({
  ...{ name: 'My run', modelId: model.id, data: { paths: ['/d/a.csv', '/d/b.csv'], map: 'text=a' } },
  ...{ prompts: ['Hello?', ' '], settings: { 'lora.rank': 4, epochs: 1 } },
  ...more,
});

describe('jobs.train', () => {
  it('makes a run with a complete configuration and a folder of its own, and discards the draft', async () => {
    const draft = opened.store.drafts.save(undefined, { name: 'My run' });
    const job = await call(router.jobs.train, { request: request(), draftId: draft.id });
    const run = opened.store.runs.get(job.runId);
    expect(run).toMatchObject({ name: 'My run', model: 'Tiny', data: 'a.csv and 1 more', modelId: model.id });
    expect(run.prompts).toEqual(['Hello?']);
    expect(run.config).toMatchObject({
      ...{ model: model.path, data: ['/d/a.csv', '/d/b.csv'], map: 'text=a', samplePrompts: ['Hello?'] },
      ...{ epochs: 1, lora: { rank: 4, alpha: 8 }, learningRate: 2e-4, out: run.folder },
    });
    expect(path.relative(opened.folder, run.folder)).toMatch(/^runs\/my-run-[0-9a-f]{6}$/);
    expect(Object.keys(run.versions)).toContain('fettle');
    expect(run.machine).toHaveProperty('totalMemory');
    expect(opened.store.drafts.list()).toEqual([]);
    expect(opened.jobs.map(({ kind }) => kind)).toEqual(['train']);
  });

  it('computes where Fettle chooses, with why, and where a person or a plan has said so', async () => {
    const configOf = async (settings: Record<string, unknown>) => {
      const { runId } = await call(router.jobs.train, { request: request({ settings }) });
      return opened.store.runs.get(runId).config;
    };
    const chosen = await configOf({});
    expect(chosen).toMatchObject({
      device: 'cpu',
      deviceWhy: expect.stringMatching(/^The processor computes/),
    });
    const named = await configOf({ device: 'webgpu' });
    expect(named.device).toBe('webgpu');
    expect(named).not.toHaveProperty('deviceWhy');
    const planned = { device: 'webgpu', deviceWhy: 'It was faster.' };
    expect(await configOf(planned)).toMatchObject(planned);
  });

  it('lets no setting name files of its own', async () => {
    const settings = { out: '/elsewhere', model: '/other', data: '/other.csv', map: 'text=evil' };
    const job = await call(router.jobs.train, {
      request: request({ settings, data: { paths: ['/d/a.csv'] } }),
    });
    const { config, folder } = opened.store.runs.get(job.runId);
    expect(config).toMatchObject({ out: folder, model: model.path, data: ['/d/a.csv'] });
    expect(config).not.toHaveProperty('map');
  });

  it('refuses settings that do not fit, and leaves no run behind', async () => {
    const wrong = call(router.jobs.train, { request: request({ settings: { epochs: -1 } }) });
    await expect(wrong).rejects.toMatchObject({ data: { code: 'bad-config' } });
    const { total } = await call(router.runs.list, {});
    expect([total, opened.jobs]).toEqual([0, []]);
  });

  it('refuses a model that is gone', async () => {
    const wrong = call(router.jobs.train, { request: request({ modelId: 'gone' }) });
    await expect(wrong).rejects.toMatchObject({ data: { code: 'no-model' } });
  });
});

describe('jobs.export', () => {
  it('finds a new name in the run’s folder', async () => {
    const { runId } = await call(router.jobs.train, { request: request() });
    const { folder } = opened.store.runs.get(runId);
    await call(router.jobs.export, { runId, as: 'gguf', type: 'q8_0' });
    expect(exported).toMatchObject({ run: folder, as: 'gguf', type: 'q8_0', adapterOnly: false });
    expect(exported?.out).toBe(path.join(folder, 'exports', 'my-run-q8_0.gguf'));
    mkdirSync(path.join(folder, 'exports'), { recursive: true });
    writeFileSync(path.join(folder, 'exports', 'my-run-q8_0.gguf'), '');
    await call(router.jobs.export, { runId, as: 'gguf', type: 'q8_0' });
    expect(path.basename(exported?.out ?? '')).toBe('my-run-q8_0-2.gguf');
    await call(router.jobs.export, { runId, as: 'gguf', type: 'q8_0', name: 'Letters' });
    expect(exported).toMatchObject({ name: 'Letters', out: path.join(folder, 'exports', 'letters.gguf') });
    await call(router.jobs.export, { runId, as: 'peft', out: '/x/adapter' });
    expect(exported?.out).toBe('/x/adapter');
  });

  it('refuses a form that does not exist in words', async () => {
    const { runId } = await call(router.jobs.train, { request: request() });
    const wrong = call(router.jobs.export, { runId, as: 'peft', type: 'q4_0' });
    await expect(wrong).rejects.toMatchObject({ data: { code: 'bad-config' } });
  });
});

describe('runs.delete', () => {
  it('refuses a run under way, and takes one that waits off the list', async () => {
    const job = await call(router.jobs.train, { request: request() });
    opened.jobs[0] = { ...job, state: 'running' };
    const deleting = () => call(router.runs.delete, { ids: [job.runId] });
    await expect(deleting()).rejects.toMatchObject({ data: { code: 'run-going-on' } });
    expect((await call(router.runs.list, {})).total).toBe(1);
    opened.jobs[0] = { ...job, state: 'paused' };
    expect(await deleting()).toMatchObject({ days: 30 });
    expect([(await call(router.runs.list, {})).total, opened.jobs]).toEqual([0, []]);
    await call(router.runs.restore, { ids: [job.runId] });
    expect((await call(router.runs.list, {})).total).toBe(1);
  });
});

describe('the bin', () => {
  const DAY = 86_400_000;

  /** A run with a file of 1000 bytes in its folder. */
  async function filled(name: string): Promise<string> {
    const { runId } = await call(router.jobs.train, { request: request({ name }) });
    const { folder } = opened.store.runs.get(runId);
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'weights'), 'x'.repeat(1000));
    return runId;
  }

  it('says how large its runs are and until when they stay, and gives them back as they were', async () => {
    const [a, b] = [await filled('a'), await filled('b')];
    const before = opened.store.runs.get(a);
    expect(await call(router.runs.delete, { ids: [a] })).toEqual({ bytes: 1000, days: 30 });
    await call(router.runs.delete, { ids: [b] });
    const bin = await call(router.runs.bin, undefined);
    expect(bin).toMatchObject({
      bytes: 2000,
      days: 30,
      runs: [{ id: b }, { id: a, bytes: 1000, name: 'a' }],
    });
    const [{ binned, until }] = bin.runs as readonly [{ binned: string; until: string }, ...unknown[]];
    expect(Date.parse(until) - Date.parse(binned)).toBe(30 * DAY);
    await call(router.runs.restore, { ids: [a] });
    expect(opened.store.runs.get(a)).toEqual(before);
    expect((await call(router.runs.bin, undefined)).runs).toMatchObject([{ id: b }]);
  });

  it('deletes for good what is in it, and nothing else', async () => {
    const [a, b] = [await filled('a'), await filled('b')];
    const { folder } = opened.store.runs.get(a);
    await call(router.runs.delete, { ids: [a] });
    const purging = call(router.runs.purge, { ids: [a, b] });
    await expect(purging).rejects.toMatchObject({ data: { code: 'run-not-binned' } });
    expect(opened.store.runs.find(a)).not.toBeNull();
    expect(await call(router.runs.purge, { ids: [a] })).toEqual({ freedBytes: 1000 });
    expect([opened.store.runs.find(a), existsSync(folder)]).toEqual([null, false]);
  });

  it('lets go of what has been in it for 30 days', async () => {
    const { purgeDue } = await import('../../../main/app/bin.ts');
    const [a, b] = [await filled('a'), await filled('b')];
    const { folder } = opened.store.runs.get(a);
    await call(router.runs.delete, { ids: [a] });
    const binned = Date.parse(opened.store.runs.get(a).binned!);
    await purgeDue(opened.store, binned + 30 * DAY - 1);
    expect(opened.store.runs.find(a)).not.toBeNull();
    await purgeDue(opened.store, binned + 30 * DAY);
    expect([opened.store.runs.find(a), existsSync(folder)]).toEqual([null, false]);
    expect(opened.store.runs.find(b)).not.toBeNull();
  });

  it('is emptied of that when the program starts', async () => {
    const { keepPurging } = await import('../../../main/app/bin.ts');
    const a = await filled('a');
    const long = vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 31 * DAY);
    opened.store.runs.bin([a]);
    long.mockRestore();
    keepPurging(opened.store, opened.log);
    await expect.poll(() => opened.store.runs.find(a)).toBeNull();
  });
});
