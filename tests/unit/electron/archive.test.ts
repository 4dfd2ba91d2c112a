/** In a packed app the code lies in an archive, and what native code reads lies beside it. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { programFolder, resourcesFolder } from '../../../main/paths.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'fettle-archive-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(['dist', path.join('dist', 'chunks')])('for code in %s', (inside) => {
  const archive = path.join(folder, 'app.asar');
  mkdirSync(path.join(archive, 'resources', 'general'), { recursive: true });
  const from = path.join(archive, inside);
  expect(programFolder(from)).toBe(archive);
  expect(resourcesFolder(from)).toBe(path.join(folder, 'app.asar.unpacked', 'resources'));
});

test('a folder of nearly that name is none', () => {
  const home = path.join(folder, 'app.asar-copies');
  mkdirSync(path.join(home, 'resources', 'general'), { recursive: true });
  expect(resourcesFolder(path.join(home, 'dist'))).toBe(path.join(home, 'resources'));
});
