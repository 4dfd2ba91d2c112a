/** Giving names: where another program holds a file for a moment, as under Windows, and where it does so for good. */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../helpers/tiny-model.ts';

const { held } = vi.hoisted(() => ({ held: { times: 0, code: 'EPERM' } }));
const refused = () => held.times-- > 0 && Object.assign(new Error('held'), { code: held.code });

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const renameSync = (from: string, to: string) => {
    const error = refused();
    if (error) throw error;
    real.renameSync(from, to);
  };
  return { ...real, default: real, renameSync };
});
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const rename = async (from: string, to: string) => {
    const error = refused();
    if (error) throw error;
    await real.rename(from, to);
  };
  return { ...real, default: real, rename };
});
const { rename, renameAtOnce } = await import('../../main/rename.ts');

let at: ReturnType<typeof temporaryFolder>;
let [from, to] = ['', ''];
const { platform } = process;
const on = (system: NodeJS.Platform) => Object.defineProperty(process, 'platform', { value: system });

beforeEach(() => {
  at = temporaryFolder();
  [from, to] = [path.join(at.folder, 'from'), path.join(at.folder, 'to')];
  writeFileSync(from, 'new');
  writeFileSync(to, 'old');
  Object.assign(held, { times: 0, code: 'EPERM' });
});
afterEach(() => {
  on(platform);
  at.remove();
});

describe.each([
  ['rename', rename],
  ['renameAtOnce', async (a: string, b: string) => renameAtOnce(a, b)],
])('%s', (_, give) => {
  it.each(['EPERM', 'EACCES', 'EBUSY'])('waits under Windows while something is held: %s', async (code) => {
    on('win32');
    Object.assign(held, { times: 2, code });
    await give(from, to);
    expect(readFileSync(to, 'utf8')).toBe('new');
  });

  it('says so where it is held for good, and leaves both as they were', async () => {
    on('win32');
    held.times = Number.POSITIVE_INFINITY;
    await expect(give(from, to)).rejects.toMatchObject({ code: 'EPERM' });
    expect([from, to].map((file) => readFileSync(file, 'utf8'))).toEqual(['new', 'old']);
  });

  it('waits for nothing that does not pass, and on no other system', async () => {
    on('win32');
    Object.assign(held, { times: 1, code: 'ENOENT' });
    await expect(give(from, to)).rejects.toMatchObject({ code: 'ENOENT' });
    on('linux');
    Object.assign(held, { times: 1, code: 'EPERM' });
    await expect(give(from, to)).rejects.toMatchObject({ code: 'EPERM' });
  });

  it('gives folders their name', async () => {
    mkdirSync(path.join(at.folder, 'folder'));
    rmSync(to);
    await give(path.join(at.folder, 'folder'), to);
    expect(readFileSync(from, 'utf8')).toBe('new');
  });
});

it('nothing is renamed in another way', () => {
  const main = path.resolve(import.meta.dirname, '../../main');
  const others = globSync('**/*.ts', { cwd: main }).filter(
    (file) =>
      file !== 'rename.ts' &&
      /\b(fs|fsp)\.rename|renameSync|\brename\b[^;]*'node:fs/.test(
        readFileSync(path.join(main, file), 'utf8'),
      ),
  );
  expect(others).toEqual([]);
});
