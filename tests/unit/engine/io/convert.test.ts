import { expect, test } from 'vitest';
import { convertToF32, convertToI32, halfTable } from '../../../../main/engine/io/convert.ts';
import { bitsOf, seededRandom } from './fixtures.ts';

const all16 = Uint16Array.from({ length: 65_536 }, (_, i) => i);
const bytesOf = (array: ArrayBufferView<ArrayBuffer>) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** The value of a float16 by its definition. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24);
}

test('all 65,536 half floats', () => {
  const out = new Float32Array(65_536);
  convertToF32('f16', bytesOf(all16), out, 0);
  for (let i = 0; i < 65_536; i++) {
    if (!Object.is(out[i], half(i)) || !Object.is(halfTable()[i], half(i)))
      expect([i, out[i]]).toEqual([i, half(i)]);
  }
  // The payload of a NaN moves to the top of the wider fraction.
  expect(bitsOf(out)[0xfe01]).toBe(0xffc02000);
});

test('all 65,536 bfloat16 are the upper half of a float32', () => {
  const out = new Float32Array(65_536);
  convertToF32('bf16', bytesOf(all16), out, 0);
  expect(bitsOf(out)).toEqual(Uint32Array.from({ length: 65_536 }, (_, i) => i * 65_536));
});

test('only the elements at `at` change', () => {
  const out = new Float32Array(5).fill(9);
  convertToF32('f16', bytesOf(new Uint16Array([0x3c00, 0x4000])), out, 2);
  expect([...out]).toEqual([9, 9, 1, 2, 9]);
  convertToF32('f32', bytesOf(new Float32Array([7])), out, 4);
  expect([...out]).toEqual([9, 9, 1, 2, 7]);
});

test('64-bit integers round like a bigint does', () => {
  const random = seededRandom(3);
  const patterns = BigUint64Array.from({ length: 2000 }, () => {
    const high = BigInt(Math.floor(random() * 2 ** 32));
    return ((high << 32n) | BigInt(Math.floor(random() * 2 ** 32))) >> BigInt(Math.floor(random() * 64));
  });
  const negated = BigInt64Array.from(patterns, (value, i) => BigInt.asIntN(64, i % 2 ? -value : value));
  const out = new Float32Array(2000);
  convertToF32('u64', bytesOf(patterns), out, 0);
  expect(out).toEqual(Float32Array.from(patterns, Number));
  convertToF32('i64', bytesOf(negated), out, 0);
  expect(out).toEqual(Float32Array.from(negated, Number));
});

test('int64 to int32 accepts exactly what fits', () => {
  const values = [
    0n,
    -1n,
    2n ** 31n - 1n,
    2n ** 31n,
    -(2n ** 31n),
    -(2n ** 31n) - 1n,
    2n ** 32n,
    2n ** 63n - 1n,
    -(2n ** 63n),
  ];
  for (const value of values) {
    const out = new Int32Array(1);
    const fits = BigInt.asIntN(32, value) === value;
    expect(convertToI32('i64', bytesOf(new BigInt64Array([value])), out, 0), String(value)).toBe(
      fits ? -1 : 0,
    );
    if (fits) expect(out[0]).toBe(Number(value));
  }
});
