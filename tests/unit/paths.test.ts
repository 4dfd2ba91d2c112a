import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheFolder, dataFolder, resourcesFolder } from '../../main/paths.ts';

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
