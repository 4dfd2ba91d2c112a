import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openGguf } from '../../../../main/engine/io/gguf.ts';
import { openSafetensors } from '../../../../main/engine/io/safetensors.ts';
import {
  bitsOf,
  failure,
  GOLDEN,
  ggufBytes,
  pair,
  SHARED,
  temporaryFile,
  text,
  u32,
  u64,
} from './fixtures.ts';

const REAL = join(SHARED, 'models/SmolLM2-135M-Instruct.Q4_1.gguf');

async function opened(path: string) {
  const file = await openGguf(path);
  onTestFinished(() => file.close());
  return file;
}

async function expected(name: string) {
  const file = await openSafetensors(join(GOLDEN, 'gguf', name));
  onTestFinished(() => file.close());
  return file;
}

const cases = [
  ['tensors.gguf', 'expected.safetensors', ['f32', 'f16', 'bf16', 'vector', 'cube']],
  ['tensors.gguf', 'expected.safetensors', ['q4_0', 'q4_1', 'q5_0', 'q5_1', 'q8_0']],
  ['tensors.gguf', 'expected.safetensors', ['q2_k', 'q3_k', 'q4_k', 'q5_k', 'q6_k']],
  ['align64.gguf', 'expected.safetensors', ['vector', 'cube']],
  ['more-blocks.gguf', 'more-blocks.expected.safetensors', ['iq4_nl', 'iq4_xs', 'q8_k']],
] as const;

test.each(cases)('%s equals the values of ggml to the bit (%s: %j)', async (file, values, names) => {
  const gguf = await opened(join(GOLDEN, 'gguf', file));
  const golden = await expected(values);
  for (const name of names) {
    expect(gguf.tensors.get(name)?.shape).toEqual(golden.tensors.get(name)?.shape);
    expect(bitsOf(await gguf.readF32(name)), name).toEqual(bitsOf(await golden.readF32(name)));
  }
});

test('every tensor of the golden files is covered above', async () => {
  const gguf = await opened(join(GOLDEN, 'gguf/tensors.gguf'));
  const covered = new Set<string>(cases.flatMap(([, , names]) => names));
  expect([...gguf.tensors.keys()].filter((name) => !covered.has(name))).toEqual([]);
  expect(gguf.tensors.size).toBe(15);
});

test('ranges that cut blocks give the same elements as the whole', async () => {
  const gguf = await opened(join(GOLDEN, 'gguf/tensors.gguf'));
  for (const name of ['q4_1', 'q6_k', 'q8_0', 'f16', 'f32']) {
    const whole = await gguf.readF32(name);
    for (const [start, end] of [
      [0, 2048],
      [0, 0],
      [31, 33],
      [256, 512],
      [1, 2047],
      [700, 701],
      [2048, 2048],
    ]) {
      const part = await gguf.readF32(name, { start: start!, end: end! });
      expect(part, `${name} [${start}, ${end})`).toEqual(whole.slice(start, end));
    }
    await expect(gguf.readF32(name, { start: 0, end: 2049 })).rejects.toThrow('internal:');
  }
});

test('reads at the same time do not disturb each other', async () => {
  const gguf = await opened(join(GOLDEN, 'gguf/tensors.gguf'));
  const golden = await expected('expected.safetensors');
  const names = Array.from({ length: 5 }, () => [...gguf.tensors.keys()]).flat();
  const values = await Promise.all(names.map((name) => gguf.readF32(name)));
  for (const [i, name] of names.entries()) {
    expect(bitsOf(values[i]!), name).toEqual(bitsOf(await golden.readF32(name)));
  }
});

test('reading into memory that is there fills that part alone', async () => {
  const gguf = await opened(join(GOLDEN, 'gguf/tensors.gguf'));
  for (const name of ['q4_k', 'q8_0', 'bf16', 'f32']) {
    const whole = await gguf.readF32(name);
    for (const [first, count] of [
      [256, 512],
      [100, 77],
    ] as const) {
      const memory = new Float32Array(1000).fill(7);
      await gguf.readF32Into(name, first, memory.subarray(10, 10 + count));
      const untouched = (part: Float32Array) => part.every((value) => value === 7);
      expect(untouched(memory.subarray(0, 10)) && untouched(memory.subarray(10 + count))).toBe(true);
      expect(memory.slice(10, 10 + count)).toEqual(whole.slice(first, first + count));
    }
  }
});

test('metadata of every type, with 64-bit integers beyond 2^53 as bigints', async () => {
  const { metadata } = await opened(join(GOLDEN, 'gguf/tensors.gguf'));
  const golden = JSON.parse(readFileSync(join(GOLDEN, 'gguf/metadata.json'), 'utf8'));
  delete golden.note;
  golden['golden.u64'] = BigInt(golden['golden.u64']);
  golden['golden.i64'] = BigInt(golden['golden.i64']);
  expect(Object.fromEntries(metadata)).toEqual(golden);
});

test('64-bit integers at the edge of exactness', async () => {
  const values = [0n, 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 64n - 1n];
  const signed = [-1n, -(2n ** 53n) + 1n, -(2n ** 53n), -(2n ** 63n), 2n ** 63n - 1n];
  const bytes = ggufBytes({
    version: 2,
    pairs: [
      pair('u', 9, Buffer.concat([u32(10), u64(values.length), ...values.map(u64)])),
      pair(
        'i',
        9,
        Buffer.concat([u32(11), u64(signed.length), ...signed.map((v) => u64(BigInt.asUintN(64, v)))]),
      ),
    ],
  });
  const { metadata } = await opened(temporaryFile(bytes));
  expect(metadata.get('u')).toEqual([0, 1, 2 ** 32, 2 ** 53 - 1, 2n ** 53n, 2n ** 64n - 1n]);
  expect(metadata.get('i')).toEqual([-1, -(2 ** 53) + 1, -(2n ** 53n), -(2n ** 63n), 2n ** 63n - 1n]);
});

test('nested arrays, and strings that reach over the reading window', async () => {
  const long = 'ä'.repeat(700_000);
  const list = (type: number, items: Uint8Array[]) => Buffer.concat([u32(type), u64(items.length), ...items]);
  const words = Array.from({ length: 150_000 }, (_, i) => `token ${i} ✓`);
  const bytes = ggufBytes({
    pairs: [
      pair('nested', 9, list(9, [list(4, [u32(1), u32(2)]), list(8, [text('x')]), list(9, [])])),
      pair('long', 8, text(long)),
      pair('words', 9, list(8, words.map(text))),
      pair('after', 7, Buffer.from([1])),
    ],
  });
  const { metadata } = await opened(temporaryFile(bytes));
  expect(metadata.get('nested')).toEqual([[1, 2], ['x'], []]);
  expect(metadata.get('long')).toBe(long);
  expect(metadata.get('words')).toEqual(words);
  expect(metadata.get('after')).toBe(true);
});

test('plain integer and double tensors', async () => {
  const types = [24, 25, 26, 27, 28];
  const tensors = types.map((type, i) => ({ name: `t${type}`, dims: [2], type, offset: 32 * i }));
  const bytes = ggufBytes({ tensors, dataBytes: 160 });
  const data = bytes.length - 160;
  bytes.writeInt8(-5, data);
  bytes.writeInt16LE(-300, data + 32);
  bytes.writeInt32LE(-70_000, data + 64);
  bytes.writeBigInt64LE(-(2n ** 40n), data + 96);
  bytes.writeDoubleLE(0.1, data + 128);
  const gguf = await opened(temporaryFile(bytes));
  const first = await Promise.all(types.map(async (type) => (await gguf.readF32(`t${type}`))[0]));
  expect(first).toEqual([-5, -300, -70_000, -(2 ** 40), Math.fround(0.1)]);
});

test('a missing tensor is named', async () => {
  const gguf = await opened(join(GOLDEN, 'gguf/tensors.gguf'));
  const error = await failure(gguf.readF32('blk.0.attn_q.weight'));
  expect(error.code).toBe('tensor-missing');
  expect(error.message).toContain('blk.0.attn_q.weight');
});

// first three values, last value, sum and sum of squares, computed with the gguf Python package
const realValues = [
  [
    'token_embd.weight',
    [49152, 576],
    [-0.10654449462890625, 0.032978057861328125, 0.048198699951171875],
    -0.0417022705078125,
    -15353.04449415207,
    520415.71544763993,
  ],
  [
    'blk.7.ffn_down.weight',
    [576, 1536],
    [-0.127593994140625, -0.127593994140625, -0.127593994140625],
    0.05706787109375,
    -198.9853515625,
    31404.29622159945,
  ],
  [
    'blk.29.attn_k.weight',
    [192, 576],
    [0.062408447265625, 0.00433349609375, 0.0333709716796875],
    0.081939697265625,
    87.89241790771484,
    1902.811550046259,
  ],
  ['output_norm.weight', [576], [1.7578125, 1.8203125, 1.78125], 1.984375, 1038.33203125, 1921.7355499267578],
] as const;

test.skipIf(!existsSync(REAL))('a real model (skipped without ../shared/models)', async () => {
  const gguf = await opened(REAL);
  expect(gguf.tensors.size).toBe(272);
  expect((gguf.metadata.get('tokenizer.ggml.tokens') as string[]).length).toBe(49152);
  for (const [name, shape, head, last, sum, squares] of realValues) {
    const values = await gguf.readF32(name);
    expect(gguf.tensors.get(name)?.shape).toEqual(shape);
    expect([...values.slice(0, 3)]).toEqual(head);
    expect(values.at(-1)).toBe(last);
    // Summation order differs from NumPy's.
    expect(values.reduce((total, x) => total + x, 0) / sum).toBeCloseTo(1, 9);
    expect(values.reduce((total, x) => total + x * x, 0) / squares).toBeCloseTo(1, 9);
  }
});
