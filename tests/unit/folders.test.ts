/** Folders on real disks: a read-only one, /proc, one below a file. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inTemporaryFolder, makeFolder, requireWritable } from '../../main/folders.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'fettle-folders-'));
const file = path.join(folder, 'file');
writeFileSync(file, '');
afterAll(() => rmSync(folder, { recursive: true }));

it('makes a folder and those above it, and is content with one that is there', () => {
  const deep = path.join(folder, 'a', 'b', 'c');
  makeFolder(deep);
  makeFolder(deep);
  expect(existsSync(deep)).toBe(true);
});

it('gives a folder for as long as something is done in it', async () => {
  const used: string[] = [];
  await inTemporaryFolder('one', async (at) => void used.push(at));
  const failed = inTemporaryFolder('two', async (at) => {
    expect(existsSync(at)).toBe(true);
    used.push(at);
    throw new Error('no more');
  });
  await expect(failed).rejects.toThrow('no more');
  expect(used.map((at) => existsSync(at))).toEqual([false, false]);
});

it('leaves nothing behind where it looks whether a folder can be written to', () => {
  // as where the power failed in the middle
  makeFolder(path.join(folder, '.fettle-probe.tmp'));
  requireWritable(folder);
  requireWritable(path.join(folder, 'not', 'there', 'yet'));
  expect(readdirSync(folder).filter((name) => name.startsWith('.') || name === 'not')).toEqual([]);
});

it.each([file, path.join(file, 'below')])('says that a file is in the way: %s', (at) => {
  const expected = expect.objectContaining({ code: 'path-unusable' });
  expect(() => makeFolder(at)).toThrow(expected);
  expect(() => requireWritable(at)).toThrow(expected);
});

it.runIf(process.platform === 'linux')('ends where /proc refuses a folder', () => {
  expect(() => makeFolder('/proc/fettle/run')).toThrow(expect.objectContaining({ code: 'file-forbidden' }));
  expect(() => requireWritable('/proc/fettle/run')).toThrow();
});

const disk = path.join(folder, 'disk');
makeFolder(disk);

/** Runs `code` where `disk` is a read-only disk with a run on it; null where the system does not let us mount one. */
function onReadOnlyDisk(code: string): string | null {
  const mount =
    'mount -t tmpfs none "$0" && echo "$1" > "$0/run.json" && mount -o remount,ro "$0" && exec "$2" --input-type=module -e "$3"';
  const run = JSON.stringify({ model: '/nowhere', data: file, out: disk });
  const { status, stdout } = spawnSync(
    'unshare',
    ['-rm', 'sh', '-c', mount, disk, run, process.execPath, code],
    {
      encoding: 'utf8',
    },
  );
  return status === 0 ? stdout.trim() : null;
}

const said = (module: string, call: string) =>
  onReadOnlyDisk(
    `import * as from from ${JSON.stringify(path.join(import.meta.dirname, '..', '..', 'main', module))};
     try { await from.${call} } catch (error) { console.log(error.message) }`,
  );

describe.skipIf(onReadOnlyDisk('') === null)('a read-only disk', () => {
  it.each(['makeFolder', 'requireWritable'])(
    'is told as one, and not as something that is missing, by %s',
    (name) => {
      expect(said('folders.ts', `${name}(${JSON.stringify(path.join(disk, 'home', 'data'))})`)).toBe(
        `This disk is read-only: ${path.join(disk, name === 'makeFolder' ? 'home' : '')}.`.replace('/.', '.'),
      );
    },
  );

  it('is found before an assessment opens its model', () => {
    const config = { run: disk, threads: 1, executor: 'ort', seed: 1 };
    expect(said('engine/session/assess.ts', `assess(${JSON.stringify(config)}, {})`)).toBe(
      `This disk is read-only: ${disk}.`,
    );
  });
});
