/** A word counter from a person's table to a run of the history that sorts, is saved, and comes back from its folder. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClassifyNews, ClassifyResult } from '../../common/api/contract.ts';
import { writeBundle } from '../../main/app/bundles.ts';
import { downloadOf } from '../../main/app/downloads.ts';
import { classified } from '../../main/app/runs.ts';
import { trainSorter } from '../../main/app/sorters.ts';
import { parseSorterConfig } from '../../main/engine/config/config.ts';
import { openSorterRun, trainSorterRun } from '../../main/engine/session/sorter.ts';
import { type EngineCalls, openEngineCalls } from '../../main/runs/engine-calls.ts';
import { openStore } from '../../main/store/open.ts';
import type { Store } from '../../main/store/store.ts';
import { engineHere } from '../helpers/engine-here.ts';
import { townRows, townTable } from '../helpers/town-rows.ts';

const io = { emit: () => {}, stop: new AbortController().signal };
let folder = '';
let store: Store;
let engine: EngineCalls;
let runId = '';
const allowed = { open: async () => {}, write: async () => {}, read: async () => {} };
const parts = () => ({ store, engine, allowed }) as never;
const file = (name: string) => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fettle-counter-test-'));
  await writeFile(file('letters.csv'), townTable());
  store = await openStore(file('data'));
  engine = openEngineCalls(engineHere);
});
afterAll(async () => {
  engine.close();
  store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Trains a counter as the app does; gives the run that it became. */
async function trained(asked: Omit<Parameters<typeof trainSorter>[1], 'by'>): Promise<string> {
  for await (const news of trainSorter(parts(), { ...asked, by: 'words' }))
    if (news.kind === 'result') return news.runId;
  throw new Error('no result');
}

test('it is trained on a table and stands in the history with what it gets right', async () => {
  const asked = { name: 'Letters', data: { paths: [file('letters.csv')] }, heldOut: 0.25 };
  runId = await trained(asked);
  const run = store.runs.get(runId);
  expect(run).toMatchObject({ state: 'done', method: 'words', name: 'Letters', data: 'letters.csv' });
  expect(run.verdict).toBeNull();
  expect(run.score!.rows).toBe(40);
  expect(run.score!.value).toBeGreaterThan(0.8);
  const { rows } = store.runs.list({
    method: 'words',
    sort: 'created',
    descending: true,
    offset: 0,
    limit: 9,
  });
  expect(rows.map(({ id, score }) => [id, score])).toEqual([[runId, run.score]]);
  expect(store.runs.finished(9)).toEqual([]);
});

async function sorted(rows: readonly Readonly<Record<string, string>>[]): Promise<ClassifyResult> {
  await writeFile(file('new.csv'), townTable(rows));
  const news: ClassifyNews[] = [];
  for await (const one of classified(parts(), { runId, paths: [file('new.csv')] })) news.push(one);
  const last = news.at(-1);
  if (last?.kind !== 'result') throw new Error('no result');
  return last.result;
}

test('it sorts new rows, says why, and keeps their columns', async () => {
  const { scored, out, calibration } = await sorted([
    { number: '7', message: 'Who fixes the pothole and the street lamp?' },
    { number: '8', message: 'We want a wedding in June' },
  ]);
  expect(calibration.accuracy).toMatchObject({ rows: 40, value: store.runs.get(runId).score!.value });
  expect(scored!.first.map(({ category }) => category)).toEqual(['streets', 'weddings']);
  expect(scored!.first[0]!.words!.join(' ')).toMatch(/pothole|street lamp/);
  const [head, first] = (await readFile(out!, 'utf8')).split('\r\n');
  expect(head).toBe('row,number,message,category,score,ask a person');
  expect(first).toMatch(/^1,7,Who fixes the pothole and the street lamp\?,streets,[01]\.\d{4},(yes|no)$/);
});

test('it is saved with two programs, of which one runs here', async () => {
  const { name, content } = await downloadOf(store.runs.get(runId), 'sorter');
  expect(name).toBe('Letters.zip');
  const parts: Uint8Array[] = [];
  for await (const part of content()) parts.push(part);
  const zip = Buffer.concat(parts).toString('latin1');
  for (const one of ['counter.json', 'sort.mjs', 'sort.py']) expect(zip).toContain(`/${one}`);
  const { folder: at } = store.runs.get(runId);
  const { sorter } = (await import(path.join(at, 'sort.mjs'))) as {
    sorter(file: unknown): (text: string) => { category: string };
  };
  const sort = sorter(JSON.parse(await readFile(path.join(at, 'counter.json'), 'utf8')));
  const messages = townRows();
  const { out } = await sorted(messages.map(({ message }) => ({ message })));
  const ours = (await readFile(out!, 'utf8')).trimEnd().split('\r\n').slice(1);
  for (const [i, { message }] of messages.entries()) expect(ours[i]).toContain(`,${sort(message).category},`);
});

test('its bundle has it, and says what to do with it', async () => {
  const { path: zip } = await writeBundle(
    { store, host: { pick: null } } as never,
    store.runs.get(runId),
    file('all.zip'),
  );
  const content = (await readFile(zip)).toString('latin1');
  for (const name of ['counter.json', 'sort.mjs', 'sort.py', 'README.txt']) expect(content).toContain(name);
});

test('it comes back from its folder where the history is lost', async () => {
  const known = store.runs.get(runId);
  store.close();
  for (const name of await readdir(file('data')))
    if (name.includes('.sqlite') || name === 'backups')
      await rm(path.join(file('data'), name), { recursive: true });
  store = await openStore(file('data'));
  const back = store.runs.byFolder(known.folder);
  const { score, model } = known;
  expect(back).toMatchObject({ state: 'done', method: 'words', score, model });
  runId = back!.id;
  expect((await sorted([{ message: 'My dog lost its tag' }])).scored!.first[0]!.category).toBe('dogs');
});

test('rows that are no categories, and a folder that is taken, are said before anything is written', async () => {
  const rows = townRows().map(({ message }, i) => ({ message, office: `${message} ${i}` }));
  await writeFile(file('free.csv'), townTable(rows));
  const map = 'prompt=message,answer=office';
  const config = (data: string, out: string) =>
    parseSorterConfig({ data: file(data), by: 'words', map, out: file(out) });
  await expect(trainSorterRun(config('free.csv', 'none'), io)).rejects.toMatchObject({
    code: 'no-categories',
  });
  await expect(trainSorterRun(config('letters.csv', 'data'), io)).rejects.toMatchObject({
    code: 'out-exists',
  });
  expect(() => parseSorterConfig({ out: file('none') })).toThrow(/name rows with/);
  const data = { paths: [file('free.csv')], map };
  await expect(trained({ name: 'Free', data })).rejects.toMatchObject({
    code: 'no-categories',
  });
  expect((await readdir(file('data/runs'))).filter((name) => name.startsWith('free'))).toEqual([]);
});

test('equal rows fall on one side, and rows with an error are counted or stop it', async () => {
  const twice = [...townRows(), ...townRows()];
  await writeFile(file('twice.csv'), `${townTable(twice)}\r\nonly a message,`);
  const config = { data: file('twice.csv'), heldOut: 0.25, map: 'prompt=message,answer=office', by: 'words' };
  await expect(trainSorterRun(parseSorterConfig({ ...config, out: file('stops') }), io)).rejects.toThrow(
    /“office” is empty/,
  );
  const skipping = parseSorterConfig({ ...config, onBadRow: 'skip', out: file('skips') });
  const { skippedRows, taughtRows, calibration } = await trainSorterRun(skipping, io);
  // the test rows were learned, too
  expect([skippedRows, taughtRows]).toEqual([1, 320]);
  expect(calibration.accuracy.rows).toBeGreaterThan(60);
  expect(calibration.accuracy.rows % 2).toBe(0);
});

test('test rows are learned once they have judged, and those of a test file are not', async () => {
  const rows = townRows();
  const some = rows.slice(0, 120);
  await writeFile(file('some.csv'), townTable(some));
  await writeFile(file('other.csv'), townTable(rows.slice(120)));
  const config = { data: file('some.csv'), map: 'prompt=message,answer=office', by: 'words' };
  const held = await trainSorterRun(parseSorterConfig({ ...config, out: file('held') }), io);
  expect(held.config.learnedTests).toBe(true);
  expect([held.taughtRows, held.calibration.accuracy.rows]).toEqual([120, 12]);
  const apart = { ...config, evalData: file('other.csv'), out: file('apart') };
  const judged = await trainSorterRun(parseSorterConfig(apart), io);
  expect(judged.config).not.toHaveProperty('learnedTests');
  expect([judged.taughtRows, judged.calibration.accuracy.rows]).toEqual([120, rows.length - 120]);
  // learned from the same rows, so they sort alike; a rare one may differ by the strength that the folds chose
  const scored = async (folder: string) => {
    const { kept } = (await openSorterRun(folder))!;
    const open = await kept.open({ encoder: '', threads: 1 });
    return open.score(some.map(({ message }) => message));
  };
  const best = (scores: Float64Array) => scores.indexOf(Math.max(...scores));
  const [one, other] = [await scored(file('held')), await scored(file('apart'))];
  const same = one.filter((scores, i) => best(scores) === best(other[i]!)).length;
  expect(same).toBeGreaterThanOrEqual(118);
});
