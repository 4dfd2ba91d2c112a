import { execFileSync } from 'node:child_process';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openFile, readSmallText } from '../../../../main/engine/io/open-file.ts';
import { failure, temporaryFile, temporaryFolder } from './fixtures.ts';

test('what is missing or not a file is named', async () => {
  const folder = temporaryFolder();
  expect((await failure(openFile(join(folder, 'none.gguf')))).code).toBe('file-not-found');
  expect((await failure(openFile(folder))).message).toContain('a folder');
});

test.skipIf(process.platform === 'win32')('a named pipe is refused and does not block', async () => {
  const pipe = join(temporaryFolder(), 'model.gguf');
  execFileSync('mkfifo', [pipe]);
  expect((await failure(openFile(pipe))).message).toContain('not a regular file');
});

test('pieces cover a range in order, whatever their size', async () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
  const file = await openFile(temporaryFile(bytes));
  onTestFinished(() => file.close());
  for (const [offset, length, size] of [
    [0, 1000, 1000],
    [0, 1000, 7],
    [13, 500, 100],
    [1000, 0, 8],
    [999, 1, 8],
  ]) {
    const seen: number[] = [];
    const starts: number[] = [];
    await file.readPieces(offset!, length!, size!, (piece, start) => {
      seen.push(...piece);
      starts.push(start);
    });
    expect(seen).toEqual([...bytes.subarray(offset, offset! + length!)]);
    expect(starts).toEqual(Array.from({ length: Math.ceil(length! / size!) }, (_, i) => i * size!));
  }
});

test('a throw while visiting a piece is passed on', async () => {
  const file = await openFile(temporaryFile(new Uint8Array(100)));
  const reading = file.readPieces(0, 100, 10, () => {
    throw new RangeError('stop');
  });
  await expect(reading).rejects.toThrow('stop');
  await file.close();
});

test('a file that shrinks while it is open is incomplete', async () => {
  const path = temporaryFile(new Uint8Array(100));
  const file = await openFile(path);
  onTestFinished(() => file.close());
  truncateSync(path, 40);
  expect((await failure(file.read(30, 20))).message).toContain('has 40 of at least 50 bytes');
  expect((await failure(file.readPieces(0, 100, 25, () => {}))).code).toBe('file-truncated');
});

test('small texts: byte-order mark dropped, length and encoding checked', async () => {
  expect(await readSmallText(temporaryFile('\u{feff}{"ä":1}'), 100)).toBe('{"ä":1}');
  expect((await failure(readSmallText(temporaryFile('12345'), 4))).message).toContain('5 bytes');
  expect((await failure(readSmallText(temporaryFile(new Uint8Array([255])), 4))).message).toContain('UTF-8');
});
