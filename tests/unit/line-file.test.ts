import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { LineFile } from '../../main/line-file.ts';
import { withFullDisk, withTornLine } from '../campaign/disk.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'fettle-lines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const reading = {
  head: (value: unknown) => value as object | undefined,
  line: (value: unknown) => value as number | undefined,
  unreadable: () => new Error('damaged'),
};

it('goes on after a disk that was full, in the same process, and loses and doubles nothing', async () => {
  const file = path.join(folder, 'torn');
  const lines = await LineFile.create<number>(file, { about: 'numbers ü' });
  const written: number[] = [];
  const add = (value: number) => lines.add(value, (one) => written.push(one));
  await add(1);
  await withTornLine(file, async () => {
    await expect(add(2)).rejects.toMatchObject({ code: 'ENOSPC' });
  });
  expect(readFileSync(file, 'utf8')).toContain('"half"');
  await add(2);
  await add(3);
  expect(written).toEqual([1, 2, 3]);
  expect((await LineFile.open(file, reading)).lines).toEqual([1, 2, 3]);
});

it('leaves nothing where a full disk has no room for its head, and never takes another one away', async () => {
  const file = path.join(folder, 'new');
  await withFullDisk(/new$/, async () => {
    await expect(LineFile.create(file, {})).rejects.toMatchObject({ code: 'ENOSPC' });
  });
  await LineFile.create(file, { first: true });
  await expect(LineFile.create(file, {})).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readFileSync(file, 'utf8')).toBe('{"first":true}\n');
});

it('says that it is damaged where a line in the middle is none', async () => {
  const file = path.join(folder, 'damaged');
  writeFileSync(file, '{}\n{"half":1\n2\n');
  await expect(LineFile.open(file, reading)).rejects.toThrow('damaged');
});
