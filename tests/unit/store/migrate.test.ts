import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Connection } from '../../../main/store/connection.ts';
import { migrate, storeVersion } from '../../../main/store/migrate.ts';
import { MIGRATIONS } from '../../../main/store/migrations.ts';
import { openFiles, TELLS_OPEN_FILES } from '../../helpers/open-files.ts';
import { ALL, closed, makeRun, newFolder, opened } from './made-up.ts';

const NEWEST = MIGRATIONS.length;
const INSERT_RUN = `insert into runs(id, name, state, model, data, method, created, tagsJson, folder, promptsJson, machineJson, versionsJson, configJson)
  values (?, ?, 'done', 'SmolLM2', 'support.jsonl', 'lora', '2026-01-02', '["good"]', '/elsewhere', '[]', '{}', '{}', '{"lora":{"rank":8},"learningRate":0.0003}')`;
/** The words that a search finds, kept since version 2. */
const INSERT_WORDS = `insert into runSearch(rowid, name, notes, model, data, tags, config)
  select key, name, notes, model, data, 'good', 'rank 8 learning rate 0.0003' from runs`;

const INSERT_MODEL = `insert into models(id, name, family, format, path, parameters, bytes, source, hasChatTemplate, added)
  values ('m', 'SmolLM2', 'llama', 'gguf', '/elsewhere.gguf', 1, 1, 'file', 1, '2026-01-02')`;

/** What a run got right, and what simpler ways did; an earlier one said nothing of it. */
const INSERT_ASSESSMENT = `insert into assessments(run, resultJson) values (1, '${JSON.stringify({
  verdict: { learned: 'yes', forgot: 'nothing', accuracy: { value: 0.8 } },
  closed: {
    rivals: [
      { name: 'frequent', accuracy: { value: 0.1 }, lead: { value: 0.7 } },
      { name: 'counter', accuracy: { value: 0.7 }, lead: { value: 0.1 } },
    ],
  },
})}')`;

const RIVAL = { name: 'counter', accuracy: { value: 0.7 }, lead: { value: 0.1 } };

/** What is kept of it with the run since version 5. */
const SCORED = `update runs set score = 0.8, rivalJson = '${JSON.stringify(RIVAL)}' where key = 1`;

/** A store of version `version` with two runs, a step and a setting, as that version would have written them. */
async function oldStore(version: number): Promise<string> {
  const folder = newFolder();
  const on = new Connection(path.join(folder, 'fettle.sqlite'));
  await migrate(on, folder, MIGRATIONS.slice(0, version));
  for (const id of ['a', 'b']) on.write(INSERT_RUN, [id, `Run ${id}`]);
  if (version >= 2) on.exec(INSERT_WORDS);
  on.write('insert into metrics(run, number, at, step, loss) values (1, 1, 5, 1, 2.5)');
  on.write(INSERT_ASSESSMENT);
  on.write(`insert into assessments(run, resultJson) values (2, '{')`);
  if (version >= 5) on.write(SCORED);
  on.write(INSERT_MODEL);
  on.write(`insert into settings(name, valueJson) values ('theme', '"dark"')`);
  on.close();
  return folder;
}

/** Every file in `folder` with its bytes. */
function filesOf(folder: string): Record<string, string> {
  const names = fs.readdirSync(folder).filter((name) => fs.statSync(path.join(folder, name)).isFile());
  return Object.fromEntries(names.map((name) => [name, fs.readFileSync(path.join(folder, name), 'base64')]));
}

describe('migrations', () => {
  it('are numbered from 1 without a gap, as their names say', () => {
    expect(MIGRATIONS.map(({ name }) => Number.parseInt(name, 10))).toEqual(MIGRATIONS.map((_, i) => i + 1));
    expect(new Set(MIGRATIONS.map(({ name }) => name.length > 5)).size).toBe(1);
  });

  it('make an empty store, without a backup of nothing', async () => {
    const folder = newFolder();
    closed(await opened(folder));
    const on = new Connection(path.join(folder, 'fettle.sqlite'));
    expect(storeVersion(on)).toBe(NEWEST);
    on.close();
    expect(fs.existsSync(path.join(folder, 'backups'))).toBe(false);
  });

  it('find parts of older names in scripts without spaces', async () => {
    const folder = newFolder();
    const on = new Connection(path.join(folder, 'fettle.sqlite'));
    await migrate(on, folder, MIGRATIONS.slice(0, 6));
    on.write(INSERT_RUN, ['a', '客服消息']);
    on.exec(INSERT_WORDS);
    on.close();
    const store = await opened(folder);
    expect(store.runs.list({ ...ALL, search: '消息' }).rows.map(({ id }) => id)).toEqual(['a']);
    expect(store.runs.list({ ...ALL, search: 'rank 8' }).rows.map(({ id }) => id)).toEqual(['a']);
  });

  it.each(MIGRATIONS.slice(0, -1).map((_, i) => i + 1))(
    'bring version %i with its data up to date',
    async (version) => {
      const folder = await oldStore(version);
      const store = await opened(folder);
      expect(store.runs.list({ ...ALL, search: 'rank 8 good' }).rows.map(({ id }) => id)).toEqual(['b', 'a']);
      expect(store.runs.get('a')).toMatchObject({
        name: 'Run a',
        tags: ['good'],
        config: { lora: { rank: 8 } },
      });
      const scored = store.runs.list({ ...ALL, sort: 'score', descending: true }).rows;
      expect(scored.map(({ id, rival }) => [id, rival?.name ?? null])).toEqual([
        ['a', 'counter'],
        ['b', null],
      ]);
      expect(store.events.curves('a', 10)).toMatchObject({ step: [1], loss: [2.5] });
      expect(store.settings.get().theme).toBe('dark');
      expect(store.conversations.list()).toEqual([]);
      const model = store.models.find('m')!;
      expect(model.skills).toBeUndefined();
      store.models.save({ ...model, skills: ['tools'] });
      expect(store.models.find('m')!.skills).toEqual(['tools']);
      expect([store.models.list().length, store.models.readers().length]).toEqual([1, 0]);
      store.models.save({ ...model, id: 'r', reads: true });
      expect([store.models.list().length, store.models.readers().map(({ id }) => id)]).toEqual([1, ['r']]);
      const backups = fs.readdirSync(path.join(folder, 'backups'));
      // the newest three stay
      const oldest = Math.max(version, NEWEST - 3);
      expect(backups).toContain(`fettle-before-${String(oldest + 1).padStart(4, '0')}.sqlite`);
      const backup = new Connection(path.join(folder, 'backups', backups[0]!));
      expect([storeVersion(backup), backup.read('select id from runs')]).toEqual([
        oldest,
        [{ id: 'a' }, { id: 'b' }],
      ]);
      backup.close();
    },
  );

  it('leave everything as it was where one fails in the middle', async () => {
    const folder = await oldStore(NEWEST);
    const failing = {
      name: `000${NEWEST + 1}-failing`,
      up(on: Connection) {
        on.exec('create table half(x)');
        on.exec("update runs set name = 'spoilt'");
        on.exec('delete from metrics');
        throw new Error('the power failed');
      },
    };
    await expect(opened(folder, { migrations: [...MIGRATIONS, failing] })).rejects.toMatchObject({
      code: 'store-upgrade-failed',
      message: expect.stringContaining('the power failed'),
    });
    const store = await opened(folder);
    expect(store.notice).toBe(null);
    expect(store.runs.get('a').name).toBe('Run a');
    expect(store.events.curves('a', 10).step).toEqual([1]);
    const on = new Connection(path.join(folder, 'fettle.sqlite'));
    expect([storeVersion(on), on.read("select 1 from sqlite_schema where name = 'half'")]).toEqual([
      NEWEST,
      [],
    ]);
    on.close();
  });

  it('may rebuild a table that others refer to, but not leave what refers to nothing', async () => {
    const folder = await oldStore(NEWEST);
    const rebuild = (rows: string) => ({
      name: `000${NEWEST + 1}-rebuild`,
      up(on: Connection) {
        on.exec(`create table runs2 as select * from runs where ${rows}`);
        on.exec(
          'drop trigger runSearchDeleted; drop table runs; create table runs(key integer primary key, id, name);',
        );
        on.exec('insert into runs select key, id, name from runs2; drop table runs2');
      },
    });
    await expect(opened(folder, { migrations: [...MIGRATIONS, rebuild("id = 'b'")] })).rejects.toMatchObject({
      message: expect.stringContaining('refer to nothing'),
    });
    const on = new Connection(path.join(folder, 'fettle.sqlite'));
    await migrate(on, folder, [...MIGRATIONS, rebuild("id = 'a'")]);
    expect(on.read('select step from metrics')).toEqual([{ step: 1 }]);
    on.close();
  });
});

describe('a store that a newer Fettle has made', () => {
  async function newerStore(): Promise<string> {
    const folder = newFolder();
    closed(await opened(folder));
    const on = new Connection(path.join(folder, 'fettle.sqlite'));
    on.exec(`update about set valueJson = '"9.8.7"'`);
    on.pragma('user_version = 77');
    on.close();
    return folder;
  }

  it('is refused with both versions and what to do, and not touched', async () => {
    const folder = await newerStore();
    const before = filesOf(folder);
    await expect(opened(folder)).rejects.toMatchObject({
      code: 'store-too-new',
      message: expect.stringMatching(
        /Fettle 9\.8\.7 \(store version 77\).*Fettle 0\.\d+\.\d+, which knows versions up to/,
      ),
      hint: expect.stringContaining('Install the newer Fettle'),
    });
    expect(filesOf(folder)).toEqual(before);
  });

  it.runIf(TELLS_OPEN_FILES)('is refused without leaving a copy open, whatever it holds', async () => {
    const folder = await newerStore();
    const on = new Connection(path.join(folder, 'fettle.sqlite'));
    on.exec('drop table about');
    on.close();
    await expect(opened(folder)).rejects.toMatchObject({
      message: expect.stringContaining('a newer Fettle'),
    });
    expect(openFiles(path.join(os.tmpdir(), 'fettle-newer-'))).toEqual([]);
  });

  it('is recognised while another process has it open, from what is in its log alone', async () => {
    const folder = newFolder();
    closed(await opened(folder));
    const on = new Connection(path.join(folder, 'fettle.sqlite'));
    on.pragma('wal_autocheckpoint = 0');
    on.pragma('user_version = 78');
    await expect(opened(folder)).rejects.toMatchObject({ code: 'store-too-new' });
    on.close();
  });

  it('is not given up for one of its older backups', async () => {
    const folder = await newerStore();
    makeRun(await opened(newFolder()), 'unrelated');
    await expect(opened(folder)).rejects.toMatchObject({ code: 'store-too-new' });
    expect(fs.existsSync(path.join(folder, 'damaged'))).toBe(false);
  });
});
