import { execFileSync } from 'node:child_process';
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openGguf } from '../../../../main/engine/io/gguf.ts';
import {
  cacheKeyOf,
  type PrepareF32Options,
  prepareF32,
  readF32Pieces,
  type TensorSource,
} from '../../../../main/engine/io/prepare-f32.ts';
import { openSafetensors } from '../../../../main/engine/io/safetensors.ts';
import { writeSafetensors } from '../../../../main/engine/io/safetensors-write.ts';
import { elementCount } from '../../../../main/engine/io/tensor-store.ts';
import { failure, GOLDEN, temporaryFile, temporaryFolder } from './fixtures.ts';

async function prepared(options: PrepareF32Options) {
  const file = await prepareF32(options);
  onTestFinished(() => file.close());
  return file;
}

/** Counts how often it is read. */
function source(name: string, values: readonly number[], counter = { reads: 0 }): TensorSource {
  const read = async () => {
    counter.reads++;
    return Float32Array.from(values);
  };
  return { name, shape: [values.length], read };
}

test('a GGUF becomes a float32 file with the same values', async () => {
  const gguf = await openGguf(join(GOLDEN, 'gguf/tensors.gguf'));
  onTestFinished(() => gguf.close());
  const file = await prepared({
    tensors: [...gguf.tensors.values()].map(({ name, shape }) => ({
      ...{ name, shape },
      read: () => readF32Pieces(gguf, name, elementCount(shape)),
    })),
    file: join(temporaryFolder(), 'sub/f32.safetensors'),
    key: 'k',
  });
  expect(file.tensors.size).toBe(gguf.tensors.size);
  for (const [name, { shape }] of gguf.tensors) {
    expect(file.tensors.get(name)).toMatchObject({ dtype: 'f32', shape });
    expect(await file.readF32(name)).toEqual(await gguf.readF32(name));
  }
  expect([...file.tensors.values()].every(({ offset }) => offset % 4 === 0)).toBe(true);
});

test('it is reused for the same key and tensors, and rewritten for others', async () => {
  const file = join(temporaryFolder(), 'f32.safetensors');
  const counter = { reads: 0 };
  const options = { tensors: [source('a', [1, 2], counter)], file, key: 'one' };
  await prepared(options);
  await prepared(options);
  expect(counter.reads).toBe(1);
  await prepared({ ...options, key: 'two' });
  expect(counter.reads).toBe(2);
  await prepared({ ...options, key: 'two', tensors: [source('a', [1, 2, 3], counter)] });
  await prepared({ ...options, key: 'two', tensors: [source('b', [1, 2, 3], counter)] });
  await prepared({
    ...options,
    key: 'two',
    tensors: [source('b', [1, 2, 3], counter), source('c', [4], counter)],
  });
  expect(counter.reads).toBe(6);
});

test('a damaged cache file is written again', async () => {
  const file = join(temporaryFolder(), 'f32.safetensors');
  const options = { tensors: [source('a', [1, 2, 3])], file, key: 'k' };
  await prepared(options);
  truncateSync(file, statSync(file).size - 4);
  expect([...(await (await prepared(options)).readF32('a'))]).toEqual([1, 2, 3]);
  writeFileSync(file, 'rubbish');
  expect([...(await (await prepared(options)).readF32('a'))]).toEqual([1, 2, 3]);
});

test('progress counts bytes up to the total', async () => {
  const seen: [number, number][] = [];
  async function* read() {
    yield new Float32Array([1]);
    yield new Float32Array([2, 3]);
  }
  const tensors = [{ name: 'p', shape: [3], read }, source('q', [4, 5])];
  const file = join(temporaryFolder(), 'f32.safetensors');
  const cache = await prepared({
    tensors,
    file,
    key: 'k',
    onProgress: (done, total) => seen.push([done, total]),
  });
  expect(seen).toEqual([
    [4, 20],
    [12, 20],
    [20, 20],
  ]);
  expect([...(await cache.readF32('p'))]).toEqual([1, 2, 3]);
});

test('a source that fails leaves no file behind', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'f32.safetensors');
  const broken = { name: 'b', shape: [1], read: () => Promise.reject(new RangeError('stop')) };
  await expect(prepareF32({ tensors: [source('a', [1]), broken], file, key: 'k' })).rejects.toThrow('stop');
  expect(readdirSync(folder)).toEqual([]);
});

test('a full disk is noticed before anything is read', async () => {
  const counter = { reads: 0 };
  const huge = { ...source('a', [1], counter), shape: [2 ** 48] };
  const file = join(temporaryFolder(), 'f32.safetensors');
  const error = await failure(prepareF32({ tensors: [huge], file, key: 'k' }));
  expect(error.code).toBe('disk-full');
  expect(error.message).toMatch(/needs 1125\.9 TB \(1125899906842624 bytes\).*\(\d+ bytes\) are free/);
  expect([counter.reads, existsSync(file)]).toEqual([0, false]);
});

test('preparations at the same time give whole files', async () => {
  const folder = temporaryFolder();
  const values = Array.from({ length: 50_000 }, (_, i) => i);
  const options = () => ({ tensors: [source('a', values)], file: join(folder, 'f32.safetensors'), key: 'k' });
  const files = await Promise.all(Array.from({ length: 6 }, () => prepared(options())));
  for (const file of files) expect((await file.readF32('a')).at(-1)).toBe(49_999);
  expect(readdirSync(folder)).toEqual(['f32.safetensors']);
});

test('memory stays at a few pieces while a large tensor is converted', async () => {
  const folder = temporaryFolder();
  const from = join(folder, 'bf16.safetensors');
  const count = 48 * 2 ** 20;
  const chunk = new Uint16Array(2 ** 20).fill(0x3f80);
  const data = function* () {
    for (let i = 0; i < count; i += chunk.length) yield chunk;
  };
  await writeSafetensors(from, [{ name: 'w', dtype: 'bf16', shape: [count], data }]);
  const script = `
    const { openSafetensors } = await import(${JSON.stringify(join(IO, 'safetensors.ts'))});
    const { prepareF32, readF32Pieces } = await import(${JSON.stringify(join(IO, 'prepare-f32.ts'))});
    const source = await openSafetensors(${JSON.stringify(from)});
    const before = process.resourceUsage().maxRSS;
    const tensors = [{ name: 'w', shape: [${count}], read: () => readF32Pieces(source, 'w', ${count}) }];
    const file = await prepareF32({ tensors, file: ${JSON.stringify(join(folder, 'f32.safetensors'))}, key: 'k' });
    console.log(process.resourceUsage().maxRSS - before);
    await file.close();
    await source.close();`;
  const output = execFileSync(process.execPath, ['--input-type=module-typescript', '-e', script], {
    encoding: 'utf8',
  });
  const grownMiB = Number(output) / 1024;
  // The tensor is 192 MiB as float32.
  expect(grownMiB).toBeLessThan(32);
  expect(statSync(join(folder, 'f32.safetensors')).size).toBeGreaterThan(count * 4);
});

const IO = join(import.meta.dirname, '../../../../main/engine/io');

test('pieces of a stored tensor are its values in order', async () => {
  const path = join(temporaryFolder(), 'x.safetensors');
  const count = 2 ** 21 + 5;
  await writeSafetensors(path, [
    { name: 'x', dtype: 'u8', shape: [count], data: new Uint8Array(count).map((_, i) => i % 255) },
  ]);
  const file = await openSafetensors(path);
  onTestFinished(() => file.close());
  const sizes: number[] = [];
  for await (const piece of readF32Pieces(file, 'x', count)) {
    const start = sizes.reduce((a, b) => a + b, 0);
    expect(piece.findIndex((value, i) => value !== (start + i) % 255)).toBe(-1);
    sizes.push(piece.length);
  }
  expect(sizes).toEqual([2 ** 20, 2 ** 20, 5]);
});

test('the key depends on content, size and time, and not on the path', async () => {
  const bytes = readFileSync(join(GOLDEN, 'gguf/tensors.gguf'));
  const dated = (content: Uint8Array, seconds = 1_700_000_000) => {
    const path = temporaryFile(content);
    utimesSync(path, seconds, seconds);
    return path;
  };
  const key = await cacheKeyOf([dated(bytes)]);
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(await cacheKeyOf([dated(bytes)])).toBe(key);
  const changed = Uint8Array.from(bytes);
  changed[30_000]! ^= 1;
  const others = [
    await cacheKeyOf([dated(changed)]),
    await cacheKeyOf([dated(bytes.subarray(0, -1))]),
    await cacheKeyOf([dated(bytes, 1_700_000_001)]),
    await cacheKeyOf([dated(bytes), dated(bytes)]),
    await cacheKeyOf([]),
  ];
  expect(new Set([key, ...others]).size).toBe(6);
});

test('the key of a large file samples its head, its end and blocks between', async () => {
  const bytes = new Uint8Array(8 * 2 ** 20);
  const path = temporaryFile(bytes);
  const keyAfterChangeAt = async (offset: number) => {
    const copy = Uint8Array.from(bytes);
    copy[offset] = 1;
    writeFileSync(path, copy);
    utimesSync(path, 1_700_000_000, 1_700_000_000);
    return await cacheKeyOf([path]);
  };
  const offsets = [0, 2 ** 20 - 1, 2 ** 20, bytes.length - 2 ** 16, bytes.length - 1];
  const keys = new Set<string>();
  for (const offset of offsets) keys.add(await keyAfterChangeAt(offset));
  expect(keys.size).toBe(offsets.length);
});
