import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openGguf } from '../../../../main/engine/io/gguf.ts';
import {
  failure,
  type GgufSpec,
  GOLDEN,
  ggufBytes,
  pair,
  temporaryFile,
  temporaryFolder,
  text,
  u8,
  u32,
  u64,
} from './fixtures.ts';

const nested = (depth: number): Buffer =>
  Buffer.concat([...Array.from({ length: depth }, () => Buffer.concat([u32(9), u64(1)])), u32(4), u64(0)]);
const row = (name: string, offset: number, dims: (number | bigint)[] = [8]) => ({ name, dims, offset });
const broken = Buffer.from([0x61, 0xff, 0xfe]);

const hostile: readonly (readonly [string, GgufSpec, string, RegExp])[] = [
  ['wrong magic', { magic: 'GGUX' }, 'gguf-invalid', /letters GGUF/],
  ['a GGML file of old', { magic: 'tjgg' }, 'gguf-unsupported', /before 2023/],
  ['version 1', { version: 1 }, 'gguf-unsupported', /version 1/],
  ['version 0', { version: 0 }, 'gguf-unsupported', /version 0/],
  ['version 4', { version: 4 }, 'gguf-unsupported', /version 4/],
  ['big endian', { version: 0x03000000 }, 'gguf-unsupported', /big-endian/],
  ['billions of tensors', { tensorCount: 2n ** 40n }, 'gguf-invalid', /number of tensors is 1099511627776/],
  ['2^63 tensors', { tensorCount: 2n ** 63n }, 'gguf-invalid', /number of tensors/],
  ['billions of keys', { pairCount: 2n ** 33n }, 'gguf-invalid', /metadata keys/],
  ['2^64 keys', { pairCount: 2n ** 64n - 1n }, 'gguf-invalid', /metadata keys/],
  [
    'more keys than there are',
    { pairCount: 2, pairs: [pair('k', 8, text('fills up to byte 64'))] },
    'file-truncated',
    /incomplete/,
  ],
  ['more tensors than there are', { tensorCount: 5 }, 'file-truncated', /incomplete/],
  [
    'a key of 2^60 bytes',
    { pairCount: 1, pairs: [u64(2n ** 60n)] },
    'gguf-invalid',
    /length of metadata key 0/,
  ],
  [
    'a string of 2^60 bytes',
    { pairs: [pair('k', 8, u64(2n ** 60n))] },
    'gguf-invalid',
    /length of the value of "k"/,
  ],
  ['a string beyond the end', { pairs: [pair('k', 8, u64(50_000_000))] }, 'file-truncated', /incomplete/],
  [
    'an array of 2^50',
    { pairs: [pair('k', 9, Buffer.concat([u32(0), u64(2n ** 50n)]))] },
    'gguf-invalid',
    /elements of the value of "k"/,
  ],
  [
    'an array beyond the end',
    { pairs: [pair('k', 9, Buffer.concat([u32(8), u64(3_000_000)]))] },
    'file-truncated',
    /incomplete/,
  ],
  [
    'an array of empty arrays beyond the end',
    { pairs: [pair('k', 9, Buffer.concat([u32(9), u64(3_000_000)]))] },
    'file-truncated',
    /incomplete/,
  ],
  ['deep nesting', { pairs: [pair('k', 9, nested(10_000))] }, 'gguf-invalid', /nests arrays deeper/],
  ['an unknown value type', { pairs: [pair('k', 13, u64(0))] }, 'gguf-invalid', /unknown type 13/],
  [
    'an unknown element type',
    { pairs: [pair('k', 9, Buffer.concat([u32(99), u64(0)]))] },
    'gguf-invalid',
    /unknown type 99/,
  ],
  ['a bool of 2', { pairs: [pair('k', 7, u8(2))] }, 'gguf-invalid', /true or false/],
  ['a key twice', { pairs: [pair('k', 0, u8(1)), pair('k', 0, u8(1))] }, 'gguf-invalid', /"k" appears twice/],
  ['an empty key', { pairs: [pair('', 0, u8(1))] }, 'gguf-invalid', /empty/],
  [
    'a key that is not UTF-8',
    { pairs: [pair(broken, 0, u8(1))] },
    'gguf-invalid',
    /metadata key 0 is not UTF-8/,
  ],
  [
    'text that is not UTF-8',
    { pairs: [pair('k', 8, text(broken))] },
    'gguf-invalid',
    /value of "k" is not UTF-8/,
  ],
  [
    'a name that is not UTF-8',
    { tensors: [{ name: broken, dims: [8] }], dataBytes: 32 },
    'gguf-invalid',
    /not UTF-8/,
  ],
  ['alignment 0', { pairs: [pair('general.alignment', 4, u32(0))] }, 'gguf-invalid', /alignment is 0/],
  ['alignment 24', { pairs: [pair('general.alignment', 4, u32(24))] }, 'gguf-invalid', /alignment is 24/],
  ['alignment 2^31', { pairs: [pair('general.alignment', 4, u32(2 ** 31))] }, 'gguf-invalid', /alignment/],
  ['alignment as text', { pairs: [pair('general.alignment', 8, text('32'))] }, 'gguf-invalid', /alignment/],
  ['one of several parts', { pairs: [pair('split.count', 4, u32(3))] }, 'gguf-unsupported', /one of 3 parts/],
  [
    'tensors that overlap',
    { tensors: [row('a', 0, [16]), row('b', 32)], dataBytes: 128 },
    'gguf-invalid',
    /"b" overlaps/,
  ],
  [
    'the same place twice',
    { tensors: [row('a', 0), row('b', 0)], dataBytes: 64 },
    'gguf-invalid',
    /overlaps/,
  ],
  [
    'a tensor twice',
    { tensors: [row('a', 0), row('a', 32)], dataBytes: 64 },
    'gguf-invalid',
    /"a" appears twice/,
  ],
  [
    'a tensor out of range',
    { tensors: [row('a', 0), row('b', 4096)], dataBytes: 64 },
    'file-truncated',
    /incomplete/,
  ],
  [
    'an offset of 2^63',
    { tensors: [{ name: 'a', dims: [8], offset: 2n ** 63n }], dataBytes: 64 },
    'gguf-invalid',
    /offset of tensor "a"/,
  ],
  ['an unaligned offset', { tensors: [row('a', 8)], dataBytes: 64 }, 'gguf-invalid', /multiple of 32/],
  [
    'a product beyond 2^64',
    { tensors: [row('a', 0, [2 ** 32, 2 ** 32])], dataBytes: 64 },
    'gguf-invalid',
    /impossible shape/,
  ],
  [
    'a product that wraps to 8',
    { tensors: [row('a', 0, [2n ** 62n + 2n, 4])], dataBytes: 64 },
    'gguf-invalid',
    /a dimension/,
  ],
  ['a huge tensor', { tensors: [row('a', 0, [2 ** 40])], dataBytes: 64 }, 'file-truncated', /incomplete/],
  [
    'a billion dimensions',
    { tensors: [{ name: 'a', dims: [1, 1, 1, 1, 1] }], dataBytes: 64 },
    'gguf-invalid',
    /5 dimensions/,
  ],
  [
    'a row that is no multiple of the block',
    { tensors: [{ name: 'a', dims: [33], type: 2 }], dataBytes: 64 },
    'gguf-invalid',
    /33 elements/,
  ],
  [
    'IQ2_XXS',
    { tensors: [{ name: 'a', dims: [256], type: 16 }], dataBytes: 128 },
    'gguf-unsupported',
    /"a" as IQ2_XXS; Fettle reads/,
  ],
  ['MXFP4', { tensors: [{ name: 'a', dims: [256], type: 39 }], dataBytes: 160 }, 'gguf-unsupported', /MXFP4/],
  [
    'an unknown format',
    { tensors: [{ name: 'a', dims: [256], type: 1234 }], dataBytes: 64 },
    'gguf-unsupported',
    /number 1234/,
  ],
];

test.each(hostile)('%s', async (_, spec, code, message) => {
  const error = await failure(openGguf(temporaryFile(ggufBytes(spec), 'model.gguf')));
  expect(error.message).toMatch(message);
  expect(error.message).toContain('model.gguf');
  expect(error.code).toBe(code);
});

test('a file cut off anywhere says that it is incomplete', async () => {
  const whole = readFileSync(join(GOLDEN, 'gguf/tensors.gguf'));
  const inHead = Array.from({ length: 2000 }, (_, i) => i);
  const inData = [2001, 5000, 20_000, whole.length - 33, whole.length - 32];
  const path = join(temporaryFolder(), 'cut.gguf');
  for (const length of [...inHead, ...inData]) {
    writeFileSync(path, whole.subarray(0, length));
    const error = await failure(openGguf(path).then((file) => file.close()));
    expect(error.code, `cut at ${length}: ${error.message}`).toBe('file-truncated');
  }
});

test('an empty GGUF (a header and nothing else) opens', async () => {
  const file = await openGguf(temporaryFile(ggufBytes({}).subarray(0, 24)));
  expect([file.tensors.size, file.metadata.size]).toEqual([0, 0]);
  await file.close();
});

test('control characters of a hostile name do not reach the message', async () => {
  const spec = { tensors: [{ name: 'a\u001b[31m\nERROR', dims: [256], type: 16 }], dataBytes: 128 };
  const error = await failure(openGguf(temporaryFile(ggufBytes(spec))));
  expect(error.message).toContain('"a\u{fffd}[31m\u{fffd}ERROR"');
});
