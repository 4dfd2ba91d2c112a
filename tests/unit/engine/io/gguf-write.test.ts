/** A GGUF file that is written is read back as it was given. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openGguf } from '../../../../main/engine/io/gguf.ts';
import type { GgufEntry } from '../../../../main/engine/io/gguf-types.ts';
import { ggufTensorBytes, writeGguf } from '../../../../main/engine/io/gguf-write.ts';
import { temporaryFolder } from './fixtures.ts';

const ENTRIES = new Map<string, GgufEntry>([
  ['general.architecture', { type: 'string', value: 'llama' }],
  ['a.u32', { type: 'u32', value: 4_000_000_000 }],
  ['a.i32', { type: 'i32', value: -5 }],
  ['a.f32', { type: 'f32', value: 0.15625 }],
  ['a.u64', { type: 'u64', value: 2 ** 40 }],
  ['a.yes', { type: 'bool', value: true }],
  ['a.no', { type: 'bool', value: false }],
  ['a.text', { type: 'string', value: 'héllo 😀' }],
  ['a.texts', { type: 'strings', value: ['a', '', '中'] }],
  ['a.ints', { type: 'i32s', value: [1, -2, 3] }],
  ['a.floats', { type: 'f32s', value: [0.5, -1.5] }],
  ['a.none', { type: 'strings', value: [] }],
]);

async function opened(path: string) {
  const file = await openGguf(path);
  onTestFinished(() => file.close());
  return file;
}

test('metadata of every type come back', async () => {
  const file = join(temporaryFolder(), 'x.gguf');
  await writeGguf(file, ENTRIES, []);
  const { metadata } = await opened(file);
  expect(readFileSync(file).readUInt32LE(4)).toBe(3);
  expect(metadata).toEqual(new Map([...ENTRIES].map(([key, { value }]) => [key, value])));
});

test('tensors come back with name, shape and values, each at a multiple of 32 bytes', async () => {
  const file = join(temporaryFolder(), 'x.gguf');
  const values = Float32Array.from({ length: 2 * 3 * 5 }, (_, i) => i / 8 - 1);
  const ramp = Float32Array.from({ length: 128 }, (_, i) => i - 64);
  const bytes = await writeGguf(file, new Map(), [
    {
      name: 'cube',
      type: 'f32',
      shape: [2, 3, 5],
      pieces: () => [values.subarray(0, 7), values.subarray(7)],
    },
    { name: 'half', type: 'f16', shape: [3], pieces: () => [Float32Array.of(1, -2, 0.5)] },
    {
      name: 'blocks',
      type: 'Q8_0',
      shape: [2, 64],
      async *pieces() {
        yield ramp.subarray(0, 32);
        yield ramp.subarray(32);
      },
    },
  ]);
  const gguf = await opened(file);
  expect([...gguf.tensors.values()].map(({ name, dtype, shape }) => ({ name, dtype, shape }))).toEqual([
    { name: 'cube', dtype: 'f32', shape: [2, 3, 5] },
    { name: 'half', dtype: 'f16', shape: [3] },
    { name: 'blocks', dtype: 'Q8_0', shape: [2, 64] },
  ]);
  expect([...gguf.tensors.values()].every(({ offset }) => offset % 32 === 0)).toBe(true);
  expect(await gguf.readF32('cube')).toEqual(values);
  expect(await gguf.readF32('half')).toEqual(Float32Array.of(1, -2, 0.5));
  const blocks = await gguf.readF32('blocks');
  expect(Math.max(...blocks.map((value, i) => Math.abs(value - ramp[i]!)))).toBeLessThan(0.3);
  expect(gguf.tensors.get('blocks')!.bytes).toBe(ggufTensorBytes('Q8_0', [2, 64]));
  expect(bytes % 32).toBe(0);
});

test('a file whose tensors cannot be made is not there', async () => {
  const folder = temporaryFolder();
  const attempt = writeGguf(join(folder, 'x.gguf'), new Map(), [
    {
      name: 'x',
      type: 'f32',
      shape: [4],
      async *pieces() {
        yield Float32Array.of(1, 2);
        throw new Error('the source is gone');
      },
    },
  ]);
  await expect(attempt).rejects.toThrow('the source is gone');
  const short = writeGguf(join(folder, 'y.gguf'), new Map(), [
    { name: 'x', type: 'f32', shape: [4], pieces: () => [Float32Array.of(1, 2)] },
  ]);
  await expect(short).rejects.toThrow('internal: tensor x');
  expect(readdirSync(folder)).toEqual([]);
});
