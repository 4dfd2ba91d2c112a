import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { canMakeDisks, smallDisk } from '../../helpers/small-disk.ts';
import { ALL, assessment, closed, makeRun, modelAt, newFolder, opened } from './made-up.ts';

describe('openStore', () => {
  it('makes a store in a new folder, with nothing to say about it', async () => {
    const folder = path.join(newFolder(), 'deep', 'data');
    const store = await opened(folder);
    expect([store.folder, store.notice]).toEqual([folder, null]);
    expect(store.runs.list(ALL)).toEqual({ total: 0, rows: [] });
    expect(fs.existsSync(path.join(folder, 'fettle.sqlite'))).toBe(true);
  });

  it('opens the same data again, twice at the same time', async () => {
    const folder = newFolder();
    const first = await opened(folder);
    const run = makeRun(first, 'one');
    const [second, third] = await Promise.all([opened(folder), opened(folder)]);
    expect(second.runs.get(run.id)).toEqual(run);
    third.runs.update(run.id, { notes: 'seen by all' });
    expect(first.runs.get(run.id).notes).toBe('seen by all');
  });

  it('opens a new folder from several sides at once', async () => {
    const folder = newFolder();
    const stores = await Promise.all([opened(folder), opened(folder), opened(folder)]);
    makeRun(stores[0]!, 'one');
    expect(stores.map((store) => [store.notice, store.runs.list(ALL).total])).toEqual([
      [null, 1],
      [null, 1],
      [null, 1],
    ]);
  });

  it.skipIf(!canMakeDisks)('says so where the disk has no room at all', async () => {
    const folder = path.join(newFolder(), 'disk');
    const disk = smallDisk(folder, 1);
    try {
      disk.fill();
      await expect(opened(path.join(folder, 'data'))).rejects.toMatchObject({
        name: 'AppError',
        code: 'disk-full',
      });
      disk.empty();
      expect((await opened(path.join(folder, 'data'))).notice).toBeNull();
    } finally {
      disk.unmount();
    }
  });

  it.each(['data', path.join('data', 'fettle.sqlite')])('names a link to nowhere: %s', async (name) => {
    const work = newFolder();
    const link = path.join(work, name);
    fs.mkdirSync(path.dirname(link), { recursive: true });
    fs.symlinkSync(path.join(work, 'nowhere'), link);
    await expect(opened(path.join(work, 'data'))).rejects.toMatchObject({
      name: 'AppError',
      message: expect.stringContaining(`${link} is a link to ${path.join(work, 'nowhere')}`),
      hint: 'Connect that disk, or remove the link.',
    });
    expect(fs.existsSync(path.join(work, 'nowhere'))).toBe(false);
  });

  it.skipIf(process.platform === 'win32')(
    'takes nothing once its folder is gone, and goes on when it is back',
    async () => {
      const folder = path.join(newFolder(), 'data');
      const store = await opened(folder);
      const gone = expect.objectContaining({ name: 'AppError', code: 'data-folder-missing' });
      fs.renameSync(folder, `${folder}-elsewhere`);
      expect(() => store.kept.set('a', 1)).toThrow(gone);
      expect(() => makeRun(store, 'one')).toThrow(gone);
      // another process starts empty there
      closed(await opened(folder));
      expect(() => store.kept.set('a', 1)).toThrow(gone);
      fs.rmSync(folder, { recursive: true });
      fs.renameSync(`${folder}-elsewhere`, folder);
      store.kept.set('a', 1);
      closed(store);
      expect((await opened(folder)).kept.get('a')).toBe(1);
    },
  );

  it('takes one backup a day and keeps three', async () => {
    const folder = newFolder();
    closed(await opened(folder));
    const backups = () => fs.readdirSync(path.join(folder, 'backups')).sort();
    for (const day of [1, 1, 2, 3, 4])
      closed(await opened(folder, { now: () => new Date(2026, 0, day, 12) }));
    expect(backups()).toEqual([2, 3, 4].map((day) => `fettle-daily-2026-01-0${day}.sqlite`));
  });

  it('removes backups that killed processes left half done, and those of no other', async () => {
    const folder = newFolder();
    const backups = path.join(folder, 'backups');
    closed(await opened(folder));
    fs.mkdirSync(backups, { recursive: true });
    const [killed, working] = ['.fettle-before-0002.1073741824.tmp', `.fettle-daily-x.${process.ppid}.tmp`];
    for (const name of [killed, working]) fs.writeFileSync(path.join(backups, name), '');
    closed(await opened(folder, { now: () => new Date(2026, 0, 1) }));
    expect(fs.readdirSync(backups).sort()).toEqual([working, 'fettle-daily-2026-01-01.sqlite']);
  });

  it('closes while the backup of a large store is under way, and leaves nothing half done', async () => {
    const folder = newFolder();
    const first = await opened(folder);
    first.kept.set('big', 'x'.repeat(20_000_000));
    closed(first);
    const store = await opened(folder, { checkedBytes: 0 });
    // the first pieces are being copied
    await new Promise((resolve) => setImmediate(resolve));
    closed(store);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    expect(fs.readdirSync(path.join(folder, 'backups'))).toEqual([]);
    const again = await opened(folder, { checkedBytes: 0 });
    await again.move(path.join(folder, '..', `${path.basename(folder)}-moved`), () => {});
    expect(fs.readdirSync(path.join(again.folder, 'backups'))).toHaveLength(1);
    fs.rmSync(again.folder, { recursive: true });
  });

  it('keeps settings, drafts, models, exports, reports and other values', async () => {
    const folder = newFolder();
    const store = await opened(folder);
    const { id } = makeRun(store, 'one');
    expect(store.settings.get()).toMatchObject({ theme: 'system', watts: null, hubMirror: null });
    store.settings.set({ theme: 'dark', watts: 120 });
    expect(store.settings.set({ theme: 'light', hubMirror: null })).toMatchObject({
      theme: 'light',
      watts: 120,
    });
    const draft = store.drafts.save(undefined, { name: 'first' });
    store.drafts.save(draft.id, { name: 'second' });
    store.drafts.discard(store.drafts.save(undefined, { name: 'gone' }).id);
    const model = modelAt(path.join(folder, 'models', 'tiny'));
    fs.mkdirSync(model.path, { recursive: true });
    store.models.save({ ...model, name: 'Old name' });
    store.models.save(model);
    store.models.save(modelAt('/nowhere', { id: 'model-2', added: '2026-01-01T00:00:00.000Z' }));
    store.kept.set('queue', [{ id: 1 }]);
    store.kept.set('gone', 1);
    store.kept.set('gone', null);
    const report = { processor: 'abacus', totalMemory: 5 } as never;
    store.hardware.add({ processor: 'older' } as never);
    store.hardware.add(report);
    const made = path.join(folder, 'out.gguf');
    fs.writeFileSync(made, 'gguf');
    const result = { as: 'gguf', out: made, files: [made] } as never;
    store.exports.add(id, { id: 'e1', created: '2026-01-02', result, available: true });
    store.assessments.set(id, assessment('/runs/one'));
    closed(store);

    const again = await opened(folder);
    expect(again.settings.get()).toMatchObject({ theme: 'light', watts: 120, currency: 'EUR' });
    expect(again.drafts.list()).toMatchObject([{ id: draft.id, content: { name: 'second' } }]);
    // a device of earlier versions is chosen again
    again.drafts.save(draft.id, { name: 'second', settings: { device: 'cuda', seed: 3 } });
    expect(again.drafts.list()[0]!.content).toEqual({ name: 'second', settings: { seed: 3 } });
    expect(again.models.list()).toEqual([
      model,
      modelAt('/nowhere', { id: 'model-2', added: '2026-01-01T00:00:00.000Z', available: false }),
    ]);
    expect(again.models.byPath(model.path)).toEqual(model);
    again.models.remove('model-2');
    expect([again.models.find('model-2'), again.models.byPath('/nowhere')]).toEqual([null, null]);
    expect([again.kept.get('queue'), again.kept.get('gone')]).toEqual([[{ id: 1 }], null]);
    expect(again.hardware.latest()).toEqual(report);
    expect(again.hardware.previous()).toEqual({ processor: 'older' });
    expect(again.exports.list(id)).toEqual([{ id: 'e1', created: '2026-01-02', result, available: true }]);
    fs.rmSync(made);
    expect(again.runs.get(id).exports).toMatchObject([{ id: 'e1', available: false }]);
    expect(again.assessments.get(id)).toEqual(assessment('/runs/one'));
    expect(again.runs.get(id)).toMatchObject({
      learned: 'yes',
      forgot: 'little',
      verdict: { sentence: 'It learned.' },
    });
  });

  it('says what to do where the folder cannot be made', async () => {
    const file = path.join(newFolder(), 'file');
    fs.writeFileSync(file, '');
    await expect(opened(path.join(file, 'data'))).rejects.toMatchObject({ code: 'store-not-writable' });
  });
});
