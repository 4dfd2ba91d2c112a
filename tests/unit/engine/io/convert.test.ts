/** Rounding to 16-bit floats: every half comes back as itself, everything between goes to the nearest, ties to even. */
import { expect, test } from 'vitest';
import { convertToF32, halfTable, toBrains, toHalf, toHalves } from '../../../../main/engine/io/convert.ts';
import { seeded } from '../../../helpers/random.ts';
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

const halves = halfTable();
const finite = Array.from({ length: 0x7c00 }, (_, bits) => bits);

test('every float16 comes back as itself, infinities and the sign of zero included', () => {
  const back = toHalves(halves.slice());
  const wrong = back.findIndex((bits, i) => bits !== i && !Number.isNaN(halves[i]!));
  expect(wrong).toBe(-1);
  expect(Number.isNaN(halves[toHalf(Number.NaN)]!)).toBe(true);
});

test('a value between two float16 goes to the nearer one, and from the middle to the even one', () => {
  for (const low of finite.slice(0, -1)) {
    const [a, b] = [halves[low]!, halves[low + 1]!];
    const even = low % 2 === 0 ? low : low + 1;
    expect(toHalf((a + b) / 2)).toBe(even);
    expect(toHalf(a + (b - a) * 0.49)).toBe(low);
    expect(toHalf(-(a + (b - a) * 0.51))).toBe(0x8000 | (low + 1));
  }
});

test('beyond the largest float16 is infinity, from the middle to the next on', () => {
  expect([65504, 65519, 65520, 1e30].map(toHalf)).toEqual([0x7bff, 0x7bff, 0x7c00, 0x7c00]);
  expect(toHalf(-1e30)).toBe(0xfc00);
  expect([1e-8, 2 ** -25, 2 ** -25 * 1.01].map(toHalf)).toEqual([0, 0, 1]);
});

test('bfloat16 is the nearest of its neighbours', () => {
  const random = seeded(5);
  const values = Float32Array.from({ length: 2000 }, () => (random() - 0.5) * 2 ** (random() * 60 - 30));
  const bits = toBrains(values);
  const read = (list: Uint16Array<ArrayBuffer>) => {
    const out = new Float32Array(list.length);
    convertToF32('bf16', new Uint8Array(list.buffer), out, 0);
    return out;
  };
  const [found, below, above] = [bits, bits.map((b) => b - 1), bits.map((b) => b + 1)].map((list) =>
    read(Uint16Array.from(list)),
  );
  values.forEach((value, i) => {
    const off = Math.abs(found![i]! - value);
    expect(off).toBeLessThanOrEqual(Math.abs(below![i]! - value));
    expect(off).toBeLessThanOrEqual(Math.abs(above![i]! - value));
  });
  expect([...toBrains(Float32Array.of(1 + 2 ** -8, 1 + 3 * 2 ** -8))]).toEqual([0x3f80, 0x3f82]);
  expect(toBrains(Float32Array.of(Number.NaN))[0]! & 0x7f).not.toBe(0);
});
