/** A program that lies elsewhere at each start, as an AppImage does: what it was trained with at one place is found at the next. */
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunDetails } from '../../common/api/contract.ts';
import { PRACTICE_ID } from '../../common/settings/suits.ts';
import { draftOf } from '../../main/app/run-config.ts';
import { keepPracticeModel } from '../../main/hub/local.ts';
import { resourcesFolder } from '../../main/paths.ts';
import { openStore } from '../../main/store/open.ts';
import { doneOf, type Ended, startFettle } from '../helpers/fettle.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const { folder, remove } = temporaryFolder();
const at = (...names: string[]) => path.join(folder, ...names);
const [RUN, HOME] = [at('run'), at('home')];
const config = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;

/** Puts the program there; its files get the times of now. */
function program(place: string): string {
  for (const name of ['bin', 'common', 'main', 'preload', 'resources', 'package.json'])
    cpSync(path.join(ROOT, name), path.join(place, name), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(place, 'node_modules'));
  return place;
}

/** Runs the program that lies at `place`. */
async function fettle(place: string, ...args: string[]): Promise<Ended> {
  const ended = await startFettle(args, { env: { FETTLE_HOME: HOME }, program: place }).ended;
  expect([ended.code, ended.err]).toEqual([0, '']);
  return ended;
}
const resumeTo = async (place: string, steps: number) =>
  doneOf(await fettle(place, 'train', '--out', RUN, '--resume', '--max-steps', String(steps), '--json'));

const first = at('first');
let second: string;

beforeAll(async () => {
  const resources = path.join(program(first), 'resources');
  const sample = (name: string) => path.join(resources, 'samples', name);
  await fettle(
    first,
    ...['train', '--model', path.join(resources, 'practice-model'), '--data', sample('formal-tone.jsonl')],
    ...['--eval-data', sample('formal-tone.held-out.jsonl'), '--out', RUN, '--max-steps', '2', '--rank', '4'],
    ...['--max-length', '128', '--threads', '1', '--no-assess', '--json'],
  );
  rmSync(first, { recursive: true });
  second = program(at('second'));
});
afterAll(remove);

it('a run keeps what comes with Fettle by name', () => {
  const { model, data, evalData, out } = config(path.join(RUN, 'run.json'));
  expect([model, data, evalData, out]).toEqual([
    '⟦program⟧/practice-model',
    ...['⟦program⟧/samples/formal-tone.jsonl', '⟦program⟧/samples/formal-tone.held-out.jsonl', RUN],
  ]);
});

it('a run resumes, is shown, is exported and repeats at another place', async () => {
  expect((await resumeTo(second, 4)).steps).toBe(4);
  const [{ id }] = JSON.parse((await fettle(second, 'runs', 'list', '--json')).out).runs;
  const there = path.join(second, 'resources', 'practice-model');
  const shown = JSON.parse((await fettle(second, 'runs', 'show', id, '--json')).out);
  expect(shown).toMatchObject({ state: 'done', step: 4, config: { model: there } });
  const exported = await fettle(
    second,
    'export',
    '--run',
    RUN,
    '--as',
    'peft',
    '--out',
    at('peft'),
    '--json',
  );
  expect(exported.out).toContain('held-out rows');
  const again = await fettle(
    second,
    ...['train', '--config', path.join(RUN, 'run.json'), '--out', at('again'), '--max-steps', '1', '--json'],
  );
  expect(doneOf(again).steps).toBe(1);
});

it('a run of before, with paths into a place that is gone, resumes', async () => {
  const file = path.join(RUN, 'run.json');
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('⟦program⟧', `${first}/resources`));
  expect(config(file).model).toBe(path.join(first, 'resources', 'practice-model'));
  expect((await resumeTo(second, 6)).steps).toBe(6);
});

it('the application repeats a run that was made at another place, with the model and the rows of its own', async () => {
  const store = await openStore(path.join(HOME, 'data'));
  try {
    keepPracticeModel(store, resourcesFolder());
    const [{ id }] = store.runs.list({ sort: 'created', descending: false, offset: 0, limit: 1 }).rows as [
      RunDetails,
    ];
    const run = store.runs.get(id);
    const draft = draftOf({ store }, run, run.config);
    const sample = (name: string) => path.join(resourcesFolder(), 'samples', name);
    expect(draft).toMatchObject({
      modelId: PRACTICE_ID,
      data: { paths: [sample('formal-tone.jsonl')] },
      evalPaths: [sample('formal-tone.held-out.jsonl')],
    });
  } finally {
    store.close();
  }
});
