import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Connection } from '../../../main/store/connection.ts';
import { ALL, closed, makeRun, newFolder, numbered, opened, step, writeRunFolder } from './made-up.ts';

const FILE = 'fettle.sqlite';

/** Ways in which a disk or a sync program spoils a file. */
const DAMAGES: Readonly<Record<string, (file: string) => void>> = {
  'bytes overwritten in the middle': (file) => {
    const handle = fs.openSync(file, 'r+');
    const { size } = fs.fstatSync(handle);
    fs.writeSync(handle, Buffer.alloc(size / 2, 0xa5), 0, size / 2, size / 4);
    fs.closeSync(handle);
  },
  'header overwritten': (file) => {
    const handle = fs.openSync(file, 'r+');
    fs.writeSync(handle, Buffer.alloc(64, 0x5a), 0, 64, 0);
    fs.closeSync(handle);
  },
  truncated: (file) => fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2 / 4096) * 4096),
  'truncated within a page': (file) => fs.truncateSync(file, 10_000),
  'zero length': (file) => fs.truncateSync(file, 0),
  gone: (file) => fs.rmSync(file),
};

/** A store with a backup that knows the run `old`, and after it a renamed run, a run on the disk and one elsewhere. */
async function livedIn(folder: string): Promise<{ old: string }> {
  const first = await opened(folder);
  const { id } = makeRun(first, 'old', { state: 'running' });
  first.events.add(id, numbered([step(1), step(2)]));
  writeRunFolder(path.join(folder, 'runs', 'old'), 5);
  closed(first);
  // the day's backup
  const store = await opened(folder);
  store.runs.update(id, { notes: 'written after the backup' });
  makeRun(store, 'newer', { folder: writeRunFolder(path.join(folder, 'runs', 'newer'), 7, { done: true }) });
  for (let i = 0; i < 50; i++) makeRun(store, `elsewhere ${i}`, { folder: `/elsewhere/${i}` });
  closed(store);
  return { old: id };
}

describe('a damaged store', () => {
  it.each(Object.keys(DAMAGES))('is recovered from its backup and the disk: %s', async (damage) => {
    const folder = newFolder();
    const { old } = await livedIn(folder);
    DAMAGES[damage]!(path.join(folder, FILE));
    const spoilt = fs.existsSync(path.join(folder, FILE)) ? fs.readFileSync(path.join(folder, FILE)) : null;

    const store = await opened(folder);
    expect(store.notice).toMatch(/^Fettle repaired your history, which was damaged .* as in the backup of /);
    expect(store.notice).toContain('Runs added again from their folders: newer.');
    expect(store.notice).toContain('Runs updated from their folders: old.');
    expect(store.runs.list({ ...ALL, sort: 'name', descending: false }).rows).toMatchObject([
      { name: 'newer', state: 'done', model: 'SmolLM2', bestLoss: 1.5, seconds: 12 },
      { id: old, name: 'old', state: 'interrupted', bestLoss: 1.5 },
    ]);
    expect(store.events.curves(old, 100)).toMatchObject({
      step: [1, 2, 3, 4, 5],
      evals: [{ step: 5, loss: 1.5 }],
    });
    expect(store.events.read(old).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    const [newer] = store.runs.list({ ...ALL, search: 'newer' }).rows;
    expect(store.events.curves(newer!.id, 100).step).toHaveLength(7);
    expect(store.runs.get(newer!.id)).toMatchObject({ step: 7, checkpoints: [{ step: 3, bytes: 10 }] });
    closed(store);

    if (spoilt) {
      const [stamp] = fs.readdirSync(path.join(folder, 'damaged'));
      expect(fs.readFileSync(path.join(folder, 'damaged', stamp!, FILE))).toEqual(spoilt);
    }
    const again = await opened(folder);
    expect([again.notice, again.runs.list(ALL).total]).toEqual([null, 2]);
  });

  it('takes the newest backup that is whole', async () => {
    const folder = newFolder();
    closed(await opened(folder));
    for (const day of [1, 2, 3]) {
      const store = await opened(folder, { now: () => new Date(2026, 0, day) });
      makeRun(store, `day ${day}`, { folder: `/elsewhere/${day}` });
      closed(store);
    }
    const backups = fs.readdirSync(path.join(folder, 'backups')).sort();
    expect(backups).toHaveLength(3);
    DAMAGES['bytes overwritten in the middle']!(path.join(folder, 'backups', backups[2]!));
    DAMAGES.truncated!(path.join(folder, FILE));
    const store = await opened(folder);
    // the backup of the second day was made when it was opened, before its own run
    expect(store.runs.list(ALL).rows.map(({ name }) => name)).toEqual(['day 1']);
  });

  it('without a backup begins anew with what is on the disk', async () => {
    const folder = newFolder();
    const store = await opened(folder);
    makeRun(store, 'one', { folder: writeRunFolder(path.join(folder, 'runs', 'one'), 3) });
    fs.mkdirSync(path.join(folder, 'runs', 'unreadable'));
    fs.writeFileSync(path.join(folder, 'runs', 'unreadable', 'run.json'), '{"mod');
    closed(store);
    DAMAGES['header overwritten']!(path.join(folder, FILE));
    const again = await opened(folder);
    expect(again.notice).toContain('There was no backup');
    expect(again.notice).toContain("can't be read: unreadable.");
    expect(again.runs.list(ALL).rows).toMatchObject([{ name: 'one', state: 'interrupted' }]);
  });

  it('of zero length with nothing besides is simply new', async () => {
    const folder = newFolder();
    fs.writeFileSync(path.join(folder, FILE), '');
    const store = await opened(folder);
    expect([store.notice, store.runs.list(ALL).total]).toEqual([null, 0]);
    expect(fs.existsSync(path.join(folder, 'damaged'))).toBe(false);
  });

  it('that shows only in the curves of a large store is said in words, and repaired at the next start', async () => {
    const folder = newFolder();
    const { old } = await livedIn(folder);
    const before = await opened(folder);
    for (let i = 1; i <= 2000; i++) before.events.add(old, numbered([step(10 + i)], 10 + i));
    closed(before);
    const file = path.join(folder, FILE);
    overwritePages(file, 'metrics');

    const large = { checkedBytes: 0 };
    const store = await opened(folder, large);
    expect(store.notice).toBe(null);
    expect(store.runs.list(ALL).total).toBe(52);
    expect(() => store.events.curves(old, 100)).toThrow(expect.objectContaining({ code: 'store-damaged' }));
    closed(store);
    expect((await opened(folder, large)).notice).toContain('Fettle repaired your history');
  });

  it('in a large store is found at once where it is anywhere else', async () => {
    const folder = newFolder();
    await livedIn(folder);
    overwritePages(path.join(folder, FILE), 'runs');
    expect((await opened(folder, { checkedBytes: 0 })).notice).toContain('Fettle repaired your history');
  });
});

/** Spoils the leaves of one table. */
function overwritePages(file: string, table: string): void {
  const on = new Connection(file);
  const pages = on.read("select pageno from dbstat where name = ? and pagetype = 'leaf'", [table]);
  on.close();
  const handle = fs.openSync(file, 'r+');
  for (const { pageno } of pages as { pageno: number }[])
    fs.writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, (pageno - 1) * 4096);
  fs.closeSync(handle);
}

describe('one value that can’t be read', () => {
  const noJson = (what: string) => (on: Connection) => void on.exec(what);
  it.each([
    ['a run', noJson("update runs set configJson = '{' where name = 'newer'"), '“newer”'],
    ['a conversation', noJson("update conversations set contentJson = '{'"), '“Hi”'],
    ['a draft', noJson("update drafts set contentJson = ''"), '1 entry without a name'],
    ['a setting', noJson("update settings set valueJson = 'dark'"), '“theme”'],
    ['a verdict', noJson("update runs set verdictJson = '{' where name = 'old'"), '1 entry without a name'],
    ['paths of data', noJson("update datasets set pathsJson = '[' where name = 'rows'"), '“rows”'],
  ])('is left out alone, and named: %s', async (_, spoil, named) => {
    const folder = newFolder();
    const { old } = await livedIn(folder);
    const before = await opened(folder);
    const turns = [{ user: 'Hi', by: 'Tiny', before: null, after: null }];
    before.conversations.save(undefined, {
      ...{ name: 'Hi', of: { modelId: 'm' }, system: '', who: 'before', temperature: 0, maxNewTokens: 9 },
      turns,
    });
    before.drafts.save(undefined, { name: 'Rooms' });
    before.settings.set({ theme: 'dark' });
    closed(before);
    const file = path.join(folder, FILE);
    const on = new Connection(file);
    on.exec("insert into datasets(name, pathsJson, added) values ('rows', '[1]', '2026-01-02')");
    on.exec('update runs set dataset = (select max(key) from datasets)');
    spoil(on);
    on.close();

    const store = await opened(folder);
    expect(store.notice).toMatch(
      /^Fettle left out what can't be read in your history: .*Everything else is as it was/,
    );
    expect(store.notice).toContain(named);
    // nothing was taken from the backup, and a run that lies here is in the history again
    expect(store.runs.get(old).notes).toBe('written after the backup');
    expect(store.runs.list({ ...ALL, search: 'newer' }).rows).toMatchObject([{ name: 'newer' }]);
    expect(store.runs.list(ALL).total).toBe(52);
    closed(store);
    const [stamp] = fs.readdirSync(path.join(folder, 'damaged'));
    expect(fs.statSync(path.join(folder, 'damaged', stamp!, FILE)).size).toBeGreaterThan(0);
    const again = await opened(folder);
    expect([again.notice, again.runs.list(ALL).total]).toEqual([null, 52]);
  });
});
