import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { call } from '@orpc/server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ApiRouter, apiRouter } from '../../../main/api/api.ts';
import { fileName, slug } from '../../../main/app/uploads.ts';
import { type TestParts, testParts } from '../../helpers/test-parts.ts';

let opened: TestParts;
let router: ApiRouter;
beforeEach(async () => {
  opened = await testParts();
  router = apiRouter(opened.parts, opened.log);
});
afterEach(() => opened.remove());

describe('files.browse', () => {
  it('lists folders first, in the order in which people count, without hidden ones', async () => {
    const folder = path.join(opened.folder, 'shelf');
    for (const name of ['b', 'A', '.hidden']) mkdirSync(path.join(folder, name), { recursive: true });
    for (const name of ['rows 10.csv', 'rows 9.csv', '.secret'])
      writeFileSync(path.join(folder, name), 'xyz');
    symlinkSync(path.join(folder, 'nowhere'), path.join(folder, 'dangling'));
    symlinkSync(path.join(folder, 'A'), path.join(folder, 'link'));
    const found = await call(router.files.browse, { path: folder });
    expect(found.entries.map(({ name, kind, bytes }) => [name, kind, bytes])).toEqual([
      ['A', 'folder', null],
      ['b', 'folder', null],
      ['link', 'folder', null],
      ['rows 9.csv', 'file', 3],
      ['rows 10.csv', 'file', 3],
    ]);
    expect([found.path, found.parent]).toEqual([folder, opened.folder]);
  });

  it('begins at home and ends at the root', async () => {
    expect((await call(router.files.browse, {})).path).not.toBe('');
    expect((await call(router.files.browse, { path: '/' })).parent).toBeNull();
  });

  it('takes the path of a file as it is pasted: in quotes, as an address, from home', async () => {
    const file = path.join(opened.folder, 'tiny model.gguf');
    writeFileSync(file, 'GGUF');
    for (const given of [file, `"${file}"`, `'${file}' `, pathToFileURL(file).href]) {
      const found = await call(router.files.browse, { path: given });
      expect([found.path, found.file?.path], given).toEqual([opened.folder, file]);
    }
    expect((await call(router.files.browse, { path: '~' })).path).toBe(homedir());
    expect((await call(router.files.browse, { path: opened.folder })).file).toBeNull();
  });

  it.each([
    ['/no/such/folder', /is not there/],
    [path.join(import.meta.filename, 'inside'), /is not (a folder|there)/],
  ])('says why %s cannot be shown', async (folder, message) => {
    await expect(call(router.files.browse, { path: folder })).rejects.toMatchObject({
      message: expect.stringMatching(message),
      data: { code: 'folder-not-readable' },
    });
  });
});

describe('files.keep', () => {
  it('keeps texts and bytes under their names, each in a folder of its own', async () => {
    const first = await call(router.files.keep, { name: 'rows.csv', content: 'a,b\n' });
    const second = await call(router.files.keep, {
      name: 'rows.csv',
      content: new Blob([Uint8Array.of(1, 2)]),
    });
    expect(readFileSync(first.path, 'utf8')).toBe('a,b\n');
    expect([...readFileSync(second.path)]).toEqual([1, 2]);
    expect(first.path).not.toBe(second.path);
    for (const kept of [first.path, second.path]) {
      expect(path.basename(kept)).toBe('rows.csv');
      expect(kept.startsWith(path.join(opened.folder, 'uploads') + path.sep)).toBe(true);
    }
  });

  it('puts nothing outside of its folder, whatever the name', async () => {
    for (const name of ['../../evil.txt', '..', '/etc/passwd', 'C:\\x\\y.txt', 'a\0b', '...']) {
      const kept = await call(router.files.keep, { name, content: 'x' });
      expect(path.relative(path.join(opened.folder, 'uploads'), kept.path)).toMatch(/^[0-9a-f]{6}\/[^/]+$/);
    }
  });

  it('has no dialog where the host has none', async () => {
    await expect(call(router.files.pick, { what: 'data' })).rejects.toMatchObject({
      data: { code: 'no-dialogs' },
    });
  });
});

describe('names', () => {
  it.each([
    ['My first run!', 'my-first-run'],
    ['Übung für Élodie', 'ubung-fur-elodie'],
    ['日本語', 'run'],
    ['con', 'run'],
    [' -- ', 'run'],
  ])('the slug of %j is %s', (text, expected) => {
    expect(slug(text, 'run')).toBe(expected);
  });

  it.each([
    ['a/b/rows.csv', 'rows.csv'],
    ['nul.txt', 'file.txt'],
    ['naïve ünïcode.jsonl', 'naïve ünïcode.jsonl'],
    ['a:b?.txt', 'a_b_.txt'],
    ['', 'file'],
    [`${'x'.repeat(300)}.csv`, `${'x'.repeat(116)}.csv`],
  ])('the file name of %j is %s', (given, expected) => {
    expect(fileName(given)).toBe(expected);
  });
});
