import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freeBytes, requireFreeBytes } from '../../main/folders.ts';
import { failure, temporaryFolder } from './engine/io/fixtures.ts';

test('a folder that does not exist yet has the space of the one above it', async () => {
  const folder = temporaryFolder();
  const free = await freeBytes(join(folder, 'not/there/yet'));
  expect(free).toBeGreaterThan(0);
  expect(Number.isSafeInteger(free)).toBe(true);
});

test('too little space names what is needed and what is free', async () => {
  const folder = temporaryFolder();
  await requireFreeBytes(folder, 0, 'A test');
  const error = await failure(requireFreeBytes(folder, 3_500_000_000_000_000, 'A test'));
  expect(error.code).toBe('disk-full');
  expect(error.message).toContain('A test needs 3500.0 TB (3500000000000000 bytes) in ');
  expect(error.message).toMatch(/but only [\d.]+ .*\(\d+ bytes\) are free/);
});
