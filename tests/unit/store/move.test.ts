import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Connection } from '../../../main/store/connection.ts';
import { openFiles, TELLS_OPEN_FILES } from '../../helpers/open-files.ts';
import { ALL, closed, configOf, makeRun, modelAt, newFolder, numbered, opened, step } from './made-up.ts';

async function livedIn() {
  const work = newFolder();
  const [from, to] = [path.join(work, 'old'), path.join(work, 'new', 'deep')];
  const store = await opened(from);
  const run = makeRun(store, 'one', { state: 'done', config: configOf(path.join(from, 'runs', 'one')) });
  fs.mkdirSync(run.folder, { recursive: true });
  fs.writeFileSync(path.join(run.folder, 'weights'), 'w'.repeat(5000));
  fs.mkdirSync(path.join(from, 'models', 'tiny'), { recursive: true });
  fs.writeFileSync(path.join(from, 'models', 'tiny', 'config.json'), '{}');
  store.models.save(modelAt(path.join(from, 'models', 'tiny')));
  store.events.add(run.id, numbered([step(1)]));
  return { store, from, to, id: run.id };
}

describe('moving the data folder', () => {
  it('copies everything, goes on there, and leaves a pointer that is followed', async () => {
    const { store, from, to, id } = await livedIn();
    const progress: number[] = [];
    expect(await store.move(to, (fraction) => progress.push(fraction))).toBe(to);
    expect(store.folder).toBe(to);
    expect([progress.at(-1), progress.every((value, i) => i === 0 || value >= progress[i - 1]!)]).toEqual([
      1,
      true,
    ]);
    const run = store.runs.get(id);
    expect([run.folder, run.config.out, run.bytes]).toEqual([
      path.join(to, 'runs', 'one'),
      path.join(to, 'runs', 'one'),
      5000,
    ]);
    expect(store.models.byPath(path.join(to, 'models', 'tiny'))).toMatchObject({ available: true });
    makeRun(store, 'two', { state: 'done' });
    expect(fs.readdirSync(from).sort()).toEqual(['moved.json', 'opening.lock']);
    expect(fs.readdirSync(path.dirname(to))).toEqual(['deep']);
    closed(store);

    const again = await opened(from);
    expect([again.folder, again.notice, again.runs.list(ALL).total]).toEqual([to, null, 2]);
    expect(again.events.read(id)).toEqual(numbered([step(1)]));
    expect(again.runs.byFolder(path.join(to, 'runs', 'one'))?.id).toBe(id);
  });

  it('leaves out files that go away meanwhile, as those that are written under a temporary name do', async () => {
    const { store, from, to, id } = await livedIn();
    for (const name of ['a', 'b', 'c'])
      fs.writeFileSync(path.join(from, 'models', 'tiny', `${name}.tmp`), name);
    let first = true;
    await store.move(to, () => {
      // one of the three may have been copied by now, the others have not
      if (first)
        for (const name of ['a', 'b', 'c']) fs.rmSync(path.join(from, 'models', 'tiny', `${name}.tmp`));
      first = false;
    });
    expect(fs.readdirSync(path.join(to, 'models', 'tiny'))).toEqual(['config.json']);
    expect(store.runs.get(id).folder).toBe(path.join(to, 'runs', 'one'));
  });

  it('can be done again, and back to where it was', async () => {
    const { store, from, to, id } = await livedIn();
    await store.move(to, () => {});
    const third = path.join(path.dirname(from), 'third');
    await store.move(third, () => {});
    // the first place points to the third at once: the second may be gone
    fs.rmSync(to, { recursive: true });
    closed(store);
    const again = await opened(from);
    expect(again.folder).toBe(third);
    await again.move(from, () => {});
    expect([again.folder, again.runs.get(id).folder]).toEqual([from, path.join(from, 'runs', 'one')]);
    expect(fs.existsSync(path.join(from, 'moved.json'))).toBe(false);
    closed(again);
    expect((await opened(third)).folder).toBe(from);
  });

  it.each(['a folder of its own', 'an empty folder'])(
    'is done again after it was killed between %s and the pointer to it',
    async (kind) => {
      const { store, from, to, id } = await livedIn();
      if (kind === 'an empty folder') fs.mkdirSync(to, { recursive: true });
      // a pointer cannot be written over a folder: as where the power fails just before
      fs.mkdirSync(path.join(from, '.moved.json.tmp'));
      await expect(store.move(to, () => {})).rejects.toThrow();
      expect(fs.readdirSync(to)).toContain('fettle.sqlite');
      closed(store);
      fs.rmdirSync(path.join(from, '.moved.json.tmp'));
      fs.writeFileSync(path.join(from, '.moved.json.tmp'), '{"to":');

      const again = await opened(from);
      expect([again.folder, again.notice]).toEqual([from, null]);
      makeRun(again, 'two', { state: 'done' });
      expect(await again.move(to, () => {})).toBe(to);
      expect([again.runs.list(ALL).total, again.runs.get(id).bytes]).toEqual([2, 5000]);
      expect(fs.readdirSync(from).sort()).toEqual(['moved.json', 'opening.lock']);
      expect(fs.readdirSync(to)).not.toContain('moving.json');
    },
  );

  it.each([
    ['the copy of one that was killed while copying', 'first progress', 'old'],
    ['the old folder of one that was killed while emptying it', 'first removal', 'deep'],
  ])('removes %s when the store is opened', async (_, moment, used) => {
    const { store, from, to, id } = await livedIn();
    closed(store);
    const script = `
      import fsp from 'node:fs/promises';
      import { openStore } from ${JSON.stringify(new URL('../../../main/store/open.ts', import.meta.url).href)};
      const [from, to, moment] = process.argv.slice(1);
      const die = () => process.kill(process.pid, 'SIGKILL');
      const store = await openStore(from);
      if (moment === 'first removal') fsp.rm = die;
      await store.move(to, moment === 'first progress' ? die : () => {});`;
    const args = ['--input-type=module', '-e', script, from, to, moment];
    expect(spawnSync(process.execPath, args).status).not.toBe(0);
    const left = () => [from, path.dirname(to)].flatMap((folder) => fs.readdirSync(folder));
    expect(left()).toContain('leaving.json');

    const again = await opened(from);
    expect([path.basename(again.folder), again.notice, again.runs.get(id).bytes]).toEqual([used, null, 5000]);
    expect(left().filter((name) => /partial|leaving/.test(name))).toEqual([]);
    if (used === 'deep') expect(fs.readdirSync(from).sort()).toEqual(['moved.json', 'opening.lock']);
    else expect(fs.readdirSync(path.dirname(to))).toEqual([]);
  });

  it('leaves the copy of a move that goes on to the process that makes it', async () => {
    const { store, from, to } = await livedIn();
    let looked: Promise<unknown> | null = null;
    await store.move(to, () => {
      looked ??= opened(from).then(closed);
    });
    await looked;
    expect([store.folder, fs.readdirSync(from).sort()]).toEqual([to, ['moved.json', 'opening.lock']]);
  });

  it('never clears a folder in which somebody has worked since', async () => {
    const { store, from, to } = await livedIn();
    fs.mkdirSync(path.join(from, '.moved.json.tmp'));
    await expect(store.move(to, () => {})).rejects.toThrow();
    closed(store);
    fs.rmdirSync(path.join(from, '.moved.json.tmp'));
    const other = await opened(to);
    makeRun(other, 'theirs', { state: 'done' });
    closed(other);
    const again = await opened(from);
    await expect(again.move(to, () => {})).rejects.toMatchObject({ code: 'move-forbidden' });
    expect((await opened(to)).runs.list(ALL).total).toBe(2);
  });

  it.each(['["keepsake"]', '{"from":"/elsewhere","names":["keepsake"]}', 'moving to Berlin'])(
    'leaves alone what another program calls moving.json: %s',
    async (text) => {
      const { store, to } = await livedIn();
      fs.mkdirSync(to, { recursive: true });
      fs.writeFileSync(path.join(to, 'moving.json'), text);
      fs.writeFileSync(path.join(to, 'keepsake'), '');
      await expect(store.move(to, () => {})).rejects.toMatchObject({ code: 'move-forbidden' });
      expect(fs.readdirSync(to)).toEqual(['keepsake', 'moving.json']);
    },
  );

  it.each([
    ['inside itself', ({ from }: { from: string }) => path.join(from, 'inner')],
    ['around itself', ({ from }: { from: string }) => path.dirname(from)],
    ['to where it is', ({ from }: { from: string }) => from],
    [
      'into a folder with something in it',
      ({ from }: { from: string }) => {
        const full = path.join(path.dirname(from), 'full');
        fs.mkdirSync(full);
        fs.writeFileSync(path.join(full, 'file'), '');
        return full;
      },
    ],
    [
      'onto a file',
      ({ from }: { from: string }) => {
        fs.writeFileSync(path.join(path.dirname(from), 'file'), '');
        return path.join(path.dirname(from), 'file', 'x');
      },
    ],
  ])('is refused %s, and nothing is changed', async (_, target) => {
    const { store, from, id } = await livedIn();
    const code = expect.stringMatching(/^(move-forbidden|path-unusable)$/);
    await expect(store.move(target({ from }), () => {})).rejects.toMatchObject({ code });
    expect([store.folder, store.runs.get(id).name]).toEqual([from, 'one']);
    expect(fs.existsSync(path.join(from, 'moved.json'))).toBe(false);
  });

  it('is refused while a run goes on', async () => {
    const { store, to } = await livedIn();
    makeRun(store, 'busy');
    await expect(store.move(to, () => {})).rejects.toMatchObject({
      message: expect.stringContaining('busy'),
    });
  });

  it('is refused while another process has the store open, which then goes on as before', async () => {
    const { store, from, to, id } = await livedIn();
    const other = new Connection(path.join(from, 'fettle.sqlite'));
    other.read('select 1 from runs');
    await expect(store.move(to, () => {})).rejects.toMatchObject({ code: 'store-busy' });
    other.write("update runs set notes = 'still here'");
    other.close();
    expect(store.runs.get(id).notes).toBe('still here');
    expect(fs.existsSync(path.dirname(to)) ? fs.readdirSync(path.dirname(to)) : []).toEqual([]);
    await store.move(to, () => {});
    expect(store.runs.get(id).notes).toBe('still here');
  });

  it('says where the data should be when that disk is not there', async () => {
    const { store, from, to } = await livedIn();
    await store.move(to, () => {});
    closed(store);
    fs.renameSync(to, `${to}-unplugged`);
    await expect(opened(from)).rejects.toMatchObject({
      code: 'data-folder-missing',
      message: expect.stringContaining(to),
    });
    fs.renameSync(`${to}-unplugged`, to);
    expect((await opened(from)).runs.list(ALL).total).toBe(1);
  });

  it('tells pointers that cannot be read or lead in a circle', async () => {
    const work = newFolder();
    const [a, b] = [path.join(work, 'a'), path.join(work, 'b')];
    for (const [at, to] of [
      [a, b],
      [b, a],
    ] as const) {
      fs.mkdirSync(at);
      fs.writeFileSync(path.join(at, 'moved.json'), JSON.stringify({ to }));
    }
    await expect(opened(a)).rejects.toMatchObject({ code: 'data-folder-lost' });
    fs.writeFileSync(path.join(a, 'moved.json'), '{"to": 3');
    await expect(opened(a)).rejects.toMatchObject({ code: 'data-folder-lost' });
  });
});

describe('a move whose pointer cannot be written', () => {
  it('leaves the data where it is, nothing of the new folder open, and can be repeated', async () => {
    const { store, from, to, id } = await livedIn();
    const inTheWay = path.join(from, '.moved.json.tmp');
    fs.mkdirSync(inTheWay);
    await expect(store.move(to, () => {})).rejects.toThrow();
    expect(store.folder).toBe(from);
    if (TELLS_OPEN_FILES) expect(openFiles(to)).toEqual([]);
    store.runs.update(id, { name: 'still here' });
    const on = new Connection(path.join(from, 'fettle.sqlite'), { readonly: true });
    expect(on.pragma('journal_mode')).toBe('wal');
    on.close();
    fs.rmdirSync(inTheWay);
    expect(await store.move(to, () => {})).toBe(to);
    expect(store.runs.get(id).name).toBe('still here');
  });
});
