/** What a folder of data stands for. */
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataBytes, type ReadOptions, readLooseRows } from '../../../../main/rows/read-rows.ts';
import type { DataNote } from '../../../../main/rows/readers/source.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-folders-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string): Promise<void> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
}

const row = (text: string) => `${JSON.stringify({ text })}\n`;

async function read(paths: readonly string[], options: ReadOptions = {}) {
  const placed = [];
  for await (const one of readLooseRows(paths, options)) placed.push(one);
  return placed;
}

describe('a folder of data', () => {
  it('opens folders: known names, sorted, subfolders too, nothing hidden, no README', async () => {
    await file('pile/b.jsonl', row('b'));
    await file('pile/a.csv', 'prompt,completion\nq,a\n');
    await file('pile/sub/c.tsv', 'prompt\tcompletion\nq\tc\n');
    await file('pile/.hidden.jsonl', row('hidden'));
    await file('pile/.git/d.jsonl', row('hidden'));
    await file('pile/photo.png', 'x');
    await file('pile/README.md', 'about the data');
    await file('pile/b.jsonl.undo.jsonl', row('what a fix took out'));
    const placed = await read([join(folder, 'pile')]);
    expect(placed.map(({ row: { turns } }) => turns.at(-1)!.content)).toEqual(['a', 'b', 'c']);
    await mkdir(join(folder, 'bare'), { recursive: true });
    await expect(read([join(folder, 'bare')])).rejects.toThrow('has no data file');
    await expect(dataBytes([join(folder, 'nowhere.csv')])).rejects.toMatchObject({ code: 'file-not-found' });
  });

  it('holds no file that only is in it by a link', async () => {
    await file('secret.jsonl', row('secret'));
    await file('soft/a.jsonl', row('a'));
    await file('hard/a.jsonl', row('a'));
    await symlink(join(folder, 'secret.jsonl'), join(folder, 'soft', 'b.jsonl'));
    await link(join(folder, 'secret.jsonl'), join(folder, 'hard', 'b.jsonl'));
    for (const name of ['soft', 'hard'])
      await expect(read([join(folder, name)])).rejects.toMatchObject({
        code: 'data-elsewhere',
        message: expect.stringContaining('b.jsonl'),
      });
    // who chooses the file itself wants it
    for (const name of ['soft', 'hard']) expect(await read([join(folder, name, 'b.jsonl')])).toHaveLength(1);
    await file('inside/sub/a.jsonl', row('a'));
    await symlink(join(folder, 'inside', 'sub', 'a.jsonl'), join(folder, 'inside', 'b.jsonl'));
    expect(await read([join(folder, 'inside')])).toHaveLength(2);
  });

  it('may be one of Hugging Face’s cache, whose files are links', async () => {
    await file('cache/datasets--a--b/blobs/1f', row('a'));
    await mkdir(join(folder, 'cache/datasets--a--b/snapshots/abc'), { recursive: true });
    const snapshot = join(folder, 'cache/datasets--a--b/snapshots/abc');
    await symlink('../../blobs/1f', join(snapshot, 'rows.jsonl'));
    expect(await read([snapshot])).toHaveLength(1);
    await symlink(join(folder, 'secret.jsonl'), join(snapshot, 'b.jsonl'));
    await expect(read([snapshot])).rejects.toMatchObject({ code: 'data-elsewhere' });
  });

  it.each<[what: string, names: string[], read: string[], notRead: RegExp | undefined]>([
    [
      'a text beside a table',
      ['card.md', 'rows.jsonl'],
      ['rows.jsonl'],
      /Not read .*: card\.md\. .*choose the files themselves/,
    ],
    ['texts alone', ['a.md', 'b.txt'], ['a.md', 'b.txt'], undefined],
    [
      'files to measure with',
      ['test-00000.jsonl', 'train.jsonl', 'x.held-out.jsonl', 'validation/y.jsonl'],
      ['train.jsonl'],
      /Not read .*: test-00000\.jsonl, validation.y\.jsonl, x\.held-out\.jsonl\. .*choose them as test rows/,
    ],
    ['nothing else than such', ['test.jsonl', 'val.jsonl'], ['test.jsonl', 'val.jsonl'], undefined],
    [
      'names that only begin alike',
      ['devices.jsonl', 'testimonials.jsonl', 'values.jsonl'],
      ['devices.jsonl', 'testimonials.jsonl', 'values.jsonl'],
      undefined,
    ],
  ])(
    'leaves out of a folder what is not to train on, and tells it: %s',
    async (what, names, rows, notRead) => {
      for (const name of names) await file(join(what, name), name.includes('.json') ? row('x') : 'x');
      const notes: DataNote[] = [];
      const placed = await read([join(folder, what)], { onNote: (note) => notes.push(note) });
      expect(placed.map(({ where }) => where)).toEqual(rows.map((name) => `${join(folder, what, name)}:1`));
      const left = notes.filter(({ code }) => code === 'data-left-out').map(({ message }) => message);
      if (notRead) expect(left).toEqual([expect.stringMatching(notRead)]);
      else expect(left).toEqual([]);
      const told = notes.find(({ code }) => code === 'data-folder');
      expect(told).toEqual({
        code: 'data-folder',
        expected: true,
        message: expect.stringContaining(rows.join(', ')),
      });
    },
  );
});
