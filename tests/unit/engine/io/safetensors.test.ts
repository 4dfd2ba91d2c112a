import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSafetensors } from '../../../../main/engine/io/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../../../../main/engine/io/safetensors-write.ts';
import type { DType } from '../../../../main/engine/ir/dtype.ts';
import { failure, GOLDEN, safetensorsBytes, temporaryFile, temporaryFolder } from './fixtures.ts';

async function opened(path: string) {
  const file = await openSafetensors(path);
  onTestFinished(() => file.close());
  return file;
}

const samples: readonly (readonly [DType, ArrayBufferView, number[]])[] = [
  ['f64', new Float64Array([0.1, -1e300, 3]), [Math.fround(0.1), -Infinity, 3]],
  ['f32', new Float32Array([0.1, -0, 3]), [Math.fround(0.1), -0, 3]],
  ['f16', new Uint16Array([0x3c00, 0xc000, 0x0001]), [1, -2, 2 ** -24]],
  ['bf16', new Uint16Array([0x3f80, 0xc000, 0x0001]), [1, -2, 2 ** -133]],
  ['i64', new BigInt64Array([5n, -(2n ** 40n), 2n ** 62n]), [5, -(2 ** 40), 2 ** 62]],
  ['u64', new BigUint64Array([5n, 2n ** 40n, 2n ** 63n]), [5, 2 ** 40, 2 ** 63]],
  ['i32', new Int32Array([5, -5, 2 ** 30]), [5, -5, 2 ** 30]],
  ['u32', new Uint32Array([5, 2 ** 31, 7]), [5, 2 ** 31, 7]],
  ['i16', new Int16Array([5, -5, 32_767]), [5, -5, 32_767]],
  ['u16', new Uint16Array([5, 65_535, 7]), [5, 65_535, 7]],
  ['i8', new Int8Array([5, -5, 127]), [5, -5, 127]],
  ['u8', new Uint8Array([5, 255, 7]), [5, 255, 7]],
  ['bool', new Uint8Array([1, 0, 1]), [1, 0, 1]],
];

test('every dtype survives a round trip and converts to float32', async () => {
  const path = join(temporaryFolder(), 'all.safetensors');
  const tensors = samples.map(([dtype, data]): TensorToWrite => ({ name: dtype, dtype, shape: [3], data }));
  const written = await writeSafetensors(path, tensors, { note: 'häh' });
  const file = await opened(path);
  expect(file.metadata).toEqual(new Map([['note', 'häh']]));
  expect([...file.tensors.keys()].sort()).toEqual(samples.map(([dtype]) => dtype).sort());
  expect(readFileSync(path).length).toBe(written);
  for (const [dtype, data, values] of samples) {
    expect([...(await file.readF32(dtype))], dtype).toEqual(values);
    expect([...(await file.readF32(dtype, { start: 1, end: 2 }))], dtype).toEqual([values[1]]);
    expect(await file.readRaw(dtype)).toEqual(new Uint8Array(data.buffer));
  }
});

test('what is written follows the format: padded header, aligned tensors, no holes', async () => {
  const path = join(temporaryFolder(), 'a.safetensors');
  const written = await writeSafetensors(path, [
    { name: 'bytes', dtype: 'u8', shape: [3], data: new Uint8Array([1, 2, 3]) },
    { name: 'scalar', dtype: 'f64', shape: [], data: new Float64Array([7]) },
    { name: 'none', dtype: 'f32', shape: [0, 5], data: new Float32Array(0) },
    { name: 'floats', dtype: 'f32', shape: [1, 3], data: new Float32Array([1, 2, 3]) },
  ]);
  const bytes = readFileSync(path);
  expect(bytes.length).toBe(written);
  const dataStart = Number(bytes.readBigUInt64LE()) + 8;
  expect(dataStart % 64).toBe(0);
  const header = JSON.parse(bytes.toString('utf8', 8, dataStart));
  expect(header).toEqual({
    scalar: { dtype: 'F64', shape: [], data_offsets: [0, 8] },
    none: { dtype: 'F32', shape: [0, 5], data_offsets: [8, 8] },
    floats: { dtype: 'F32', shape: [1, 3], data_offsets: [8, 20] },
    bytes: { dtype: 'U8', shape: [3], data_offsets: [20, 23] },
  });
  const file = await opened(path);
  expect(file.tensors.get('floats')).toMatchObject({ offset: dataStart + 8, bytes: 12, file: path });
  expect([...(await file.readF32('floats')), ...(await file.readF32('scalar'))]).toEqual([1, 2, 3, 7]);
  expect((await file.readF32('none')).length).toBe(0);
});

test('streamed data is written piece by piece and must fit the shape', async () => {
  const path = join(temporaryFolder(), 's.safetensors');
  async function* pieces(...sizes: number[]) {
    let next = 0;
    for (const size of sizes) yield Float32Array.from({ length: size }, () => next++);
  }
  const tensor = (...sizes: number[]) => [
    { name: 'x', dtype: 'f32' as const, shape: [2, 5], data: () => pieces(...sizes) },
  ];
  await writeSafetensors(path, tensor(3, 0, 7));
  expect([...(await (await opened(path)).readF32('x'))]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await expect(writeSafetensors(path, tensor(3, 6))).rejects.toThrow(
    'internal: tensor x needs 40 bytes and got 36',
  );
  await expect(writeSafetensors(path, tensor(3, 8))).rejects.toThrow('internal: too much data');
  await expect(writeSafetensors(path, [...tensor(10), ...tensor(10)])).rejects.toThrow(
    'internal: tensor name x',
  );
  expect((await (await opened(path)).readF32('x')).length).toBe(10);
});

test('tensors longer than one reading piece convert without seams', async () => {
  const count = 5_000_003;
  const data = Uint16Array.from({ length: count }, (_, i) => i % 31_000);
  const path = join(temporaryFolder(), 'long.safetensors');
  await writeSafetensors(path, [{ name: 'x', dtype: 'u16', shape: [count], data }]);
  const file = await opened(path);
  const values = await file.readF32('x');
  expect(values.length).toBe(count);
  expect(values.findIndex((value, i) => value !== i % 31_000)).toBe(-1);
  const part = await file.readF32('x', { start: 2_097_151, end: 4_500_000 });
  expect(part.findIndex((value, i) => value !== (i + 2_097_151) % 31_000)).toBe(-1);
});

test('a missing tensor is named', async () => {
  const file = await opened(join(GOLDEN, 'gguf/expected.safetensors'));
  const error = await failure(file.readF32('lm_head.weight'));
  expect([error.code, error.message.includes('lm_head.weight')]).toEqual(['tensor-missing', true]);
});

const entry = (shape: unknown, begin: unknown, end: unknown, dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});
const many = Array.from(
  { length: 160_000 },
  (_, i) => `"${i}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`,
);

const hostile: readonly (readonly [string, Buffer, string, RegExp])[] = [
  ['an empty file', Buffer.alloc(0), 'file-truncated', /has 0/],
  ['seven bytes', Buffer.alloc(7), 'file-truncated', /has 7/],
  [
    'a header of 2^60 bytes',
    safetensorsBytes({}, 0, 2n ** 60n),
    'safetensors-invalid',
    /claims 1152921504606847000 bytes/,
  ],
  ['a header of 2^64 - 1 bytes', safetensorsBytes({}, 0, 2n ** 64n - 1n), 'safetensors-invalid', /claims/],
  [
    'a header beyond the end',
    safetensorsBytes({}, 0, 5000n),
    'file-truncated',
    /has 10 of at least 5008 bytes/,
  ],
  ['a header of no bytes', safetensorsBytes('', 4), 'safetensors-invalid', /not a JSON object/],
  ['a list', safetensorsBytes('[]', 0), 'safetensors-invalid', /not a JSON object/],
  ['half an object', safetensorsBytes('{"a":', 0), 'safetensors-invalid', /broken/],
  ['a string without end', safetensorsBytes('{"a', 0), 'safetensors-invalid', /string does not end/],
  [
    'not UTF-8',
    safetensorsBytes(Buffer.from('{"a\xff": 1}', 'latin1').toString('latin1'), 0),
    'safetensors-invalid',
    /tensor/,
  ],
  [
    'deep nesting',
    safetensorsBytes(`{"a":${'['.repeat(1_000_000)}`, 0),
    'safetensors-invalid',
    /nested deeper/,
  ],
  [
    'too many tensors',
    safetensorsBytes(`{${many.join(',')}}`, 0),
    'safetensors-invalid',
    /more than 1200000/,
  ],
  [
    'a shape of a million',
    safetensorsBytes({ a: entry(new Array(1_000_000).fill(1), 0, 4) }, 4),
    'safetensors-invalid',
    /shape/,
  ],
  [
    'a tensor twice',
    safetensorsBytes(
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      1,
    ),
    'safetensors-invalid',
    /"a" appears twice/,
  ],
  [
    'a field twice',
    safetensorsBytes('{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', 1),
    'safetensors-invalid',
    /"dtype" appears twice/,
  ],
  ['a tensor that is a number', safetensorsBytes({ a: 5 }, 0), 'safetensors-invalid', /"a" is not described/],
  [
    'no dtype',
    safetensorsBytes({ a: { shape: [1], data_offsets: [0, 4] } }, 4),
    'safetensors-invalid',
    /no dtype/,
  ],
  ['a float8 dtype', safetensorsBytes({ a: entry([4], 0, 4, 'F8_E4M3') }, 4), 'dtype-unsupported', /F8_E4M3/],
  [
    'a dtype out of the prototype',
    safetensorsBytes({ a: entry([4], 0, 4, 'constructor') }, 4),
    'dtype-unsupported',
    /constructor/,
  ],
  ['a negative dimension', safetensorsBytes({ a: entry([-1], 0, 4) }, 4), 'safetensors-invalid', /shape/],
  ['half a dimension', safetensorsBytes({ a: entry([0.5, 2], 0, 4) }, 4), 'safetensors-invalid', /shape/],
  [
    'a dimension of 2^60',
    safetensorsBytes('{"a":{"dtype":"F32","shape":[1152921504606846976],"data_offsets":[0,4]}}', 4),
    'safetensors-invalid',
    /shape/,
  ],
  [
    'a product that wraps',
    safetensorsBytes({ a: entry([2 ** 32, 2 ** 32], 0, 0) }, 0),
    'safetensors-invalid',
    /impossible shape/,
  ],
  ['text for a shape', safetensorsBytes({ a: entry('11', 0, 4) }, 4), 'safetensors-invalid', /shape/],
  ['negative offsets', safetensorsBytes({ a: entry([1], -4, 0) }, 4), 'safetensors-invalid', /data_offsets/],
  [
    'one offset',
    safetensorsBytes({ a: { dtype: 'F32', shape: [1], data_offsets: [4] } }, 4),
    'safetensors-invalid',
    /data_offsets/,
  ],
  [
    'an end before the begin',
    safetensorsBytes({ a: entry([1], 8, 4) }, 8),
    'safetensors-invalid',
    /before it begins/,
  ],
  [
    'too few bytes for the shape',
    safetensorsBytes({ a: entry([2], 0, 4) }, 4),
    'safetensors-invalid',
    /needs 8 bytes and has 4/,
  ],
  [
    'an overlap',
    safetensorsBytes({ a: entry([2], 0, 8), b: entry([1], 4, 8) }, 8),
    'safetensors-invalid',
    /"b" overlaps/,
  ],
  [
    'the same bytes twice',
    safetensorsBytes({ a: entry([1], 0, 4), b: entry([1], 0, 4) }, 4),
    'safetensors-invalid',
    /overlaps/,
  ],
  [
    'a hole',
    safetensorsBytes({ a: entry([1], 0, 4), b: entry([1], 8, 12) }, 12),
    'safetensors-invalid',
    /hole of 4 bytes before tensor "b"/,
  ],
  [
    'bytes after the end',
    safetensorsBytes({ a: entry([1], 0, 4) }, 9),
    'safetensors-invalid',
    /5 bytes follow/,
  ],
  [
    'data beyond the end',
    safetensorsBytes({ a: entry([2 ** 40], 0, 2 ** 42) }, 4),
    'file-truncated',
    /incomplete/,
  ],
  [
    'metadata that is a list',
    safetensorsBytes({ __metadata__: [] }, 0),
    'safetensors-invalid',
    /__metadata__/,
  ],
  [
    'metadata with a number',
    safetensorsBytes({ __metadata__: { a: 1 } }, 0),
    'safetensors-invalid',
    /__metadata__/,
  ],
];

test.each(hostile)('%s is refused', async (_, bytes, code, message) => {
  const error = await failure(openSafetensors(temporaryFile(bytes, 'model.safetensors')));
  expect(error.message).toMatch(message);
  expect(error.message).toContain('model.safetensors');
  expect(error.code).toBe(code);
});

test('a header that is not UTF-8 is refused', async () => {
  const bytes = safetensorsBytes('{"a#":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}', 0);
  bytes[bytes.indexOf('#')] = 0xff;
  expect((await failure(openSafetensors(temporaryFile(bytes)))).message).toContain('not UTF-8');
});

test('names that JavaScript treats specially are names like any other', async () => {
  const bytes = safetensorsBytes(
    '{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"toString":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
    2,
  );
  const file = await opened(temporaryFile(bytes));
  expect([...file.tensors.keys()]).toEqual(['__proto__', 'toString']);
  expect((await failure(file.readF32('constructor'))).code).toBe('tensor-missing');
});

test('a file cut off anywhere says that it is incomplete', async () => {
  const whole = readFileSync(join(GOLDEN, 'families/gpt2/adapter/adapter_model.safetensors'));
  const path = join(temporaryFolder(), 'cut.safetensors');
  for (let length = 0; length < whole.length; length += length < 2000 ? 1 : 977) {
    writeFileSync(path, whole.subarray(0, length));
    const error = await failure(openSafetensors(path));
    expect(error.code, `cut at ${length}: ${error.message}`).toBe('file-truncated');
  }
});
