import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  bundledName,
  bundledPath,
  cacheFolder,
  dataFolder,
  resourcesFolder,
  toBundledName,
  toBundledPath,
} from '../../main/paths.ts';

const LINUX = { platform: 'linux', home: '/home/ada' } as const;
const MAC = { platform: 'darwin', home: '/Users/ada' } as const;
const WINDOWS = { platform: 'win32', home: 'C:\\Users\\ada' } as const;

describe('folders', () => {
  it.each([
    [{ ...LINUX, env: {} }, '/home/ada/.cache/fettle', '/home/ada/.local/share/fettle'],
    [{ ...LINUX, env: { XDG_CACHE_HOME: '/c', XDG_DATA_HOME: '/d' } }, '/c/fettle', '/d/fettle'],
    [{ ...LINUX, env: { XDG_CACHE_HOME: 'c' } }, '/home/ada/.cache/fettle', '/home/ada/.local/share/fettle'],
    [
      { ...MAC, env: { XDG_CACHE_HOME: '/c' } },
      '/Users/ada/Library/Caches/Fettle',
      '/Users/ada/Library/Application Support/Fettle',
    ],
    [
      { ...WINDOWS, env: { LOCALAPPDATA: 'D:\\Local' } },
      'D:\\Local\\Fettle\\Cache',
      'D:\\Local\\Fettle\\Data',
    ],
    [
      { ...WINDOWS, env: {} },
      'C:\\Users\\ada\\AppData\\Local\\Fettle\\Cache',
      'C:\\Users\\ada\\AppData\\Local\\Fettle\\Data',
    ],
    [{ ...MAC, env: { FETTLE_HOME: '/big/fettle' } }, '/big/fettle/cache', '/big/fettle/data'],
  ])('lie where %j wants them', (at, cache, data) => {
    expect(cacheFolder(at)).toBe(cache);
    expect(dataFolder(at)).toBe(data);
  });
});

describe('resourcesFolder', () => {
  const root = path.resolve(import.meta.dirname, '../..');
  it.each(['main', 'dist', 'dist/chunks'])('is found from %s, in the repository and built', (from) => {
    expect(resourcesFolder(path.join(root, from))).toBe(path.join(root, 'resources'));
  });
});

describe('what comes with Fettle', () => {
  const here = resourcesFolder();
  const sample = path.join(here, 'samples', 'formal-tone.jsonl');

  it('is kept by its name and found in another place of the program', () => {
    const elsewhere = path.resolve('/tmp/.mount_Fettle/resources');
    const there = path.join(elsewhere, 'samples', 'formal-tone.jsonl');
    expect(bundledName(there, elsewhere)).toBe('⟦program⟧/samples/formal-tone.jsonl');
    expect(bundledPath(bundledName(there, elsewhere))).toBe(sample);
    expect(bundledPath(bundledName(sample))).toBe(sample);
  });

  it.each([
    ['/tmp/.mount_Fettle-x1/resources/app.asar.unpacked/resources/samples/formal-tone.jsonl', sample],
    ['/gone/fettle/resources/practice-model', path.join(here, 'practice-model')],
    ['C:\\Old\\Fettle\\resources\\samples\\formal-tone.jsonl', sample],
    // this Fettle has none of that name, or it is no place of the program
    ['/gone/fettle/resources/samples/other.jsonl', null],
    ['/gone/fettle/resources/catalog.json', null],
    ['/gone/samples/formal-tone.jsonl', null],
    ['/gone/resources/samples-of-mine/formal-tone.jsonl', null],
    ['resources/samples/formal-tone.jsonl', null],
  ])('is looked for here where it was kept as %s, which is gone', (kept, found) => {
    expect(bundledPath(kept)).toBe(found ?? kept);
  });

  it('stays where a path still leads to it, and leaves all other paths and texts alone', () => {
    const own = path.join(mkdtempSync(path.join(tmpdir(), 'fettle-paths-')), 'resources', 'samples');
    mkdirSync(own, { recursive: true });
    const file = path.join(own, 'formal-tone.jsonl');
    writeFileSync(file, '');
    const config = { data: [file, sample], out: here, model: `${here}-mine/x`, n: 1, text: `in ${sample}` };
    expect(bundledPath(file)).toBe(file);
    const kept = JSON.stringify(config, toBundledName);
    expect(JSON.parse(kept)).toEqual({ ...config, data: [file, '⟦program⟧/samples/formal-tone.jsonl'] });
    expect(JSON.parse(kept, toBundledPath)).toEqual(config);
    rmSync(path.dirname(path.dirname(own)), { recursive: true });
  });
});
