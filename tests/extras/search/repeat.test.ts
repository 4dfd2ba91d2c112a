/** A run that was made to be tried in a search, repeated. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { call } from '@orpc/server';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunDetails } from '../../../common/api/contract.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { type TestParts, testParts } from '../../helpers/test-parts.ts';

let opened: TestParts;
let router: ApiRouter;
beforeEach(async () => {
  opened = await testParts();
  router = apiRouter(opened.parts, opened.log);
});
afterEach(() => opened.remove());

function makeRun(name: string, more: Readonly<Record<string, unknown>>): RunDetails {
  const folder = path.join(opened.folder, 'runs', name);
  mkdirSync(folder, { recursive: true });
  const config = parseRunConfig({
    model: '/models/a',
    data: '/data/rows.csv',
    out: folder,
    threads: 3,
    ...more,
  });
  return opened.store.runs.create({
    ...{
      name,
      state: 'done',
      folder,
      modelId: null,
      model: 'Tiny',
      data: 'rows.csv',
      config,
      prompts: ['Hi'],
    },
    ...{ machine: {}, versions: { fettle: '1.2.3' }, from: null },
  });
}

it('gives a try of a search its plan’s evaluations back, also when the search is off the list', async () => {
  const tried = { learningRate: 1e-3, evalEvery: 7, earlyStopping: 0 };
  const settings = async (id: string) => (await call(router.runs.duplicate, { id })).content.settings;
  const [usual, own, other] = [makeRun('usual', tried), makeRun('own', tried), makeRun('other', tried)];
  const search = (id: string, run: string, asked: object) => ({
    ...{ id, created: new Date(0).toISOString(), state: 'done', problem: null, trainsBest: false },
    ...{
      request: { name: id, settings: asked },
      tried: [{ run, losses: [1], evalEvery: 7, settings: {} }],
    },
  });
  const kept = [search('a', usual.id, {}), search('b', own.id, { evalEvery: 20, earlyStopping: 2 })];
  opened.store.kept.set('settings-searches', kept);
  const all = async () => [await settings(usual.id), await settings(own.id), await settings(other.id)];
  const expected = [
    { learningRate: 1e-3, threads: 3 },
    { learningRate: 1e-3, threads: 3, evalEvery: 20, earlyStopping: 2 },
    { learningRate: 1e-3, threads: 3, evalEvery: 7 },
  ];
  expect(await all()).toEqual(expected);
  await call(router.search.forget, { id: 'b' });
  const watched = await call(router.search.watch, undefined);
  for await (const list of watched) {
    expect(list.map(({ id }) => id)).toEqual(['a']);
    break;
  }
  await expect(call(router.search.draft, { id: 'b' })).rejects.toMatchObject({
    data: { code: 'no-search' },
  });
  expect(await all()).toEqual(expected);
});

it('gives a try of a search in the terminal its plan’s evaluations back', async () => {
  const run = makeRun('found/try-2', { learningRate: 1e-3, evalEvery: 7, earlyStopping: 0 });
  const config = { ...run.config, evalEvery: 'auto', earlyStopping: 3 };
  const file = path.join(path.dirname(run.folder), 'search.json');
  writeFileSync(file, JSON.stringify({ config, tried: [{}, {}, {}] }));
  const { content } = await call(router.runs.duplicate, { id: run.id });
  expect(content.settings).toEqual({ learningRate: 1e-3, threads: 3, earlyStopping: 3 });
});
