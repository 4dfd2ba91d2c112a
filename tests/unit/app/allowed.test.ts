import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LocalModel } from '../../../common/api/contract.ts';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import { allowedPaths } from '../../../main/app/allowed.ts';
import { draftOf } from '../../../main/app/run-config.ts';
import { addModel, type TestParts, testParts } from '../../helpers/test-parts.ts';

let opened: TestParts;
let router: ApiRouter;
let model: LocalModel;
/** A folder of the person's, beside the data folder. */
let home: string;
let rows: string;
/** Whatever reaches the engine, the hub or the queue. */
let reached: string[];
const at = (...parts: string[]) => path.join(home, ...parts);

beforeEach(async () => {
  reached = [];
  const reach = (name: string) => async () => {
    reached.push(name);
    return { name } as never;
  };
  opened = await testParts({
    engine: {
      ...{ look: reach('look'), preview: reach('preview'), check: reach('check'), undo: reach('undo') },
      ...{ plan: reach('plan'), planRows: reach('planRows') },
    },
    hub: { add: reach('add'), catalog: async () => [] },
    supervisor: { export: () => reach('export')() as never },
  });
  restart();
  model = addModel(opened.store);
  home = path.join(path.dirname(opened.folder), 'home');
  mkdirSync(home);
  rows = at('rows.csv');
  writeFileSync(rows, 'a,b\n1,2\n');
});
afterEach(() => opened.remove());

/** As after a new start of the host: what was chosen is forgotten. */
function restart(): void {
  router = apiRouter({ ...opened.parts, allowed: allowedPaths(opened.store) }, opened.log);
}

const look = (file: string) => call(router.data.look, { paths: [file] });
const open = (what: 'data' | 'folder' | 'save', file: string) =>
  call(router.files.open, { what, paths: [file] });
const refusal = (code: string) => ({ data: { code } });

function newRun() {
  const folder = path.join(opened.folder, 'runs', 'one');
  mkdirSync(folder, { recursive: true });
  return opened.store.runs.create({
    ...{ name: 'One', state: 'done', folder, modelId: model.id, model: model.name, data: 'rows.csv' },
    config: {
      method: 'lora',
      model: model.path,
      data: rows,
      evalData: at('held-out.csv'),
      out: folder,
    } as never,
    ...{ prompts: [], machine: {}, versions: {}, from: null },
  });
}

describe('a path that nobody has chosen', () => {
  const runs = () => ({ name: 'x', modelId: model.id, data: { paths: [rows] } });
  const reads: [string, () => Promise<unknown>][] = [
    ['data.look', () => look(rows)],
    ['data.preview', () => call(router.data.preview, { data: { paths: [rows] }, modelId: model.id })],
    ['data.check', async () => drained(await call(router.data.check, { data: { paths: [rows] } }))],
    [
      'data.check, rows to measure on',
      async () => {
        await open('data', at('mine.csv'));
        const checked = { data: { paths: [at('mine.csv')] }, evalPaths: [rows] };
        return drained(await call(router.data.check, checked));
      },
    ],
    ['data.fix', () => call(router.data.fix, { data: { paths: [rows] }, fixes: ['all'] })],
    ['models.add', () => call(router.models.add, { path: rows })],
    ['drafts.save', () => call(router.drafts.save, { content: { data: { paths: [rows] } } })],
    [
      'drafts.save, rows to mix in',
      () => call(router.drafts.save, { content: { settings: { replayData: rows } } }),
    ],
    ['plan.figures', () => call(router.plan.figures, runs())],
    ['plan.probe', () => call(router.plan.probe, runs())],
    ['plan.propose', () => call(router.plan.propose, { ...runs(), goal: 'style', settings: {} })],
    [
      'plan.chosen',
      () => call(router.plan.chosen, { ...runs(), method: 'lora', goal: 'style', settings: {} }),
    ],
    ['jobs.train', () => call(router.jobs.train, { request: runs() })],
    [
      'jobs.train, rows to mix in',
      async () => {
        await open('data', at('mine.csv'));
        const settings = { replay: 0.1, replayData: rows };
        return call(router.jobs.train, {
          request: { ...runs(), data: { paths: [at('mine.csv')] }, settings },
        });
      },
    ],
  ];

  it.each(reads)('is not read by %s', async (_, act) => {
    await expect(act()).rejects.toMatchObject({
      message: `You haven't chosen ${rows} since Fettle started.`,
      data: { code: 'path-not-open', hint: 'Choose it again.' },
    });
    expect([reached, opened.jobs]).toEqual([[], []]);
  });

  it('is not written to', async () => {
    const { id } = newRun();
    const writes = [
      () => call(router.runs.bundle, { id, out: at('bundle.zip') }),
      () => call(router.jobs.export, { runId: id, as: 'gguf', out: at('model.gguf') }),
      async () => drained(await call(router.settings.moveData, { to: at('data') })),
    ];
    // what may be read may not be written to for that
    await open('data', home);
    for (const act of writes) await expect(act()).rejects.toMatchObject(refusal('path-not-open'));
    expect(reached).toEqual([]);
    await open('save', at('bundle'));
    expect((await call(router.runs.bundle, { id, out: at('bundle') })).path).toBe(at('bundle.zip'));
    await open('folder', home);
    await call(router.jobs.export, { runId: id, as: 'gguf', out: at('model.gguf') });
    expect(reached).toEqual(['export']);
  });
});

describe('a folder that was chosen', () => {
  it('brings no file that is in it only by a link, whatever it is chosen for', async () => {
    const secrets = path.join(opened.folder, 'secrets.json');
    writeFileSync(secrets, '{"hub-token":"hf_secret"}');
    await open('data', home);
    const [data, request] = [{ paths: [home] }, { name: 'x', modelId: model.id, data: { paths: [home] } }];
    for (const make of [symlinkSync, linkSync])
      for (const name of ['b.json', 'chat_template.jinja', 'notes.txt']) {
        make(secrets, at(name));
        const acts = [
          () => look(home),
          () => call(router.data.preview, { data, modelId: model.id }),
          () => call(router.models.add, { path: home }),
          () => call(router.plan.figures, request),
          () => call(router.jobs.train, { request }),
        ];
        for (const act of acts)
          await expect(act()).rejects.toMatchObject({
            message: expect.stringContaining(name),
            data: { code: 'data-elsewhere' },
          });
        rmSync(at(name));
      }
    expect([reached, opened.jobs]).toEqual([[], []]);
    await look(home);
  });
});

describe('what may be read', () => {
  it('is what was opened, and what lies in it, until the next start', async () => {
    await open('data', rows);
    await look(rows);
    expect(opened.logged).toEqual([`a page opened "${rows}" (data)`]);
    await expect(look(at('other.csv'))).rejects.toMatchObject(refusal('path-not-open'));
    await open('data', home);
    await look(at('sub', 'other.csv'));
    restart();
    await expect(look(rows)).rejects.toMatchObject(refusal('path-not-open'));
  });

  it('is what the system’s dialog gave', async () => {
    const host = { ...opened.parts.host, pick: async () => [rows] };
    router = apiRouter({ ...opened.parts, host, allowed: allowedPaths(opened.store) }, opened.log);
    await expect(look(rows)).rejects.toMatchObject(refusal('path-not-open'));
    await call(router.files.pick, { what: 'data' });
    await look(rows);
  });

  it('is what was uploaded or pasted, and what comes with Fettle', async () => {
    const { path: kept } = await call(router.files.keep, { name: 'rows.csv', content: 'a,b\n' });
    const [sample] = await call(router.data.samples, undefined);
    for (const file of [kept, sample!.path, path.join(opened.folder, 'mended', 'x.jsonl')]) await look(file);
  });

  it('is what a draft names, also after the next start, and so what a run was made of', async () => {
    await open('data', rows);
    await call(router.drafts.save, { content: { data: { paths: [rows] } } });
    restart();
    await look(rows);
    const run = newRun();
    await expect(look(at('held-out.csv'))).rejects.toMatchObject(refusal('path-not-open'));
    opened.store.drafts.save(undefined, draftOf(opened.parts, run, run.config));
    await look(at('held-out.csv'));
  });

  it('is a model that is known', async () => {
    const elsewhere = at('model');
    opened.store.models.save({ ...model, id: 'elsewhere', path: elsewhere });
    await call(router.models.add, { path: elsewhere });
    expect(reached).toEqual(['add']);
  });

  it('does not grow by a link that leads elsewhere', async () => {
    mkdirSync(at('shared'));
    symlinkSync(rows, at('shared', 'link.csv'));
    await open('data', at('shared'));
    await expect(look(at('shared', 'link.csv'))).rejects.toMatchObject(refusal('path-not-open'));
    await expect(look(at('shared', '..', 'rows.csv'))).rejects.toMatchObject(refusal('path-not-open'));
    await open('data', at('shared', 'link.csv'));
    await look(rows);
  });
});

describe('what is never open', () => {
  it.each([
    'secrets.json',
    'secrets-encrypted.json',
    'fettle.sqlite',
    'host.lock',
    'logs/fettle.log',
    'backups/x',
    '',
  ])('whatever was chosen, to be read: the data folder’s %j', async (name) => {
    const file = path.join(opened.folder, name);
    const link = at('innocent.json');
    mkdirSync(path.dirname(file), { recursive: true });
    if (name !== '') writeFileSync(file, '', { flag: 'a' });
    symlinkSync(file, link);
    for (const chosen of [file, opened.folder, path.dirname(opened.folder), '/']) await open('data', chosen);
    await expect(look(file)).rejects.toMatchObject(refusal('path-never-open'));
    await expect(look(link)).rejects.toMatchObject(refusal('path-never-open'));
    expect(reached).toEqual([]);
  });

  it('a folder that holds the data folder, whose files would all be rows', async () => {
    await open('data', '/');
    for (const folder of ['/', path.dirname(opened.folder)])
      await expect(look(folder)).rejects.toMatchObject(refusal('path-never-open'));
  });

  it.runIf(process.platform === 'linux')('what the system shows of processes', async () => {
    await open('data', '/proc/self/environ');
    for (const file of ['/proc/self/environ', `/proc/${process.pid}/mem`, '/dev/zero'])
      await expect(look(file)).rejects.toMatchObject(refusal('path-never-open'));
  });

  it('to be written to: what Fettle keeps of itself', async () => {
    const { id } = newRun();
    await open('folder', opened.folder);
    for (const name of ['secrets.json', 'models/tiny/x', 'uploads/x', 'logs/x'])
      await expect(
        call(router.runs.bundle, { id, out: path.join(opened.folder, name) }),
      ).rejects.toMatchObject(refusal('path-never-open'));
  });
});

async function drained(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}
