/** Float16 by chance: between the two neighbours, as often up as the mean says, and the same bits for the same place and update. */
import { describe, expect, it } from 'vitest';
import { FLOAT16_BLOCK, fromHalves, roundStochastically } from '../../../../main/engine/nn/small-floats.ts';

const ALL = Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits);
const numbers = new Float32Array(ALL.length);
fromHalves(ALL, numbers);

const rounded = (values: Float32Array, update = 1, first = 0) => {
  const out = new Uint16Array(values.length);
  roundStochastically(values, out, { update, first });
  return out;
};
const asNumbers = (bits: Uint16Array) => {
  const out = new Float32Array(bits.length);
  fromHalves(bits, out);
  return out;
};

describe('float16 numbers', () => {
  it('are those of the format', () => {
    // 1, -2, the largest, the smallest normal, the smallest
    expect([0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001].map((bits) => numbers[bits])).toEqual([
      1,
      -2,
      65504,
      2 ** -14,
      2 ** -24,
    ]);
  });

  it('stay as they are', () => {
    const finite = ALL.filter((bits) => ((bits >> 10) & 31) < 31);
    expect(rounded(asNumbers(finite))).toEqual(finite);
  });

  it('end at the largest, and what is no number stays none', () => {
    const out = rounded(Float32Array.of(65504, 65519, 1e30, -Infinity, Number.NaN, -70000));
    expect([...out.slice(0, 4), out[5]]).toEqual([0x7bff, 0x7bff, 0x7bff, 0xfbff, 0xfbff]);
    expect(asNumbers(out)[4]).toBeNaN();
  });
});

describe('stochastic rounding', () => {
  // in the middle of the range, at a power of two, and below the smallest normal number
  it.each([0.3, -0.0123, 1.0001, 3.3e-5, -2.5e-7, 1e-8])('of %f keeps the mean', (value) => {
    const count = 64 * FLOAT16_BLOCK;
    const values = asNumbers(rounded(new Float32Array(count).fill(value)));
    const [low, high] = [Math.min(...values), Math.max(...values)];
    expect(new Set(values).size).toBe(2);
    expect(low <= value && value <= high).toBe(true);
    const mean = values.reduce((sum, x) => sum + x, 0) / count;
    const chance = (Math.fround(value) - low) / (high - low);
    // five standard deviations of a mean of so many draws
    const spread = 5 * Math.sqrt((chance * (1 - chance)) / count);
    expect(Math.abs((mean - low) / (high - low) - chance)).toBeLessThan(spread);
  });

  it('follows from the update and the place alone', () => {
    const values = Float32Array.from({ length: 4 * FLOAT16_BLOCK }, (_, i) => Math.sin(i + 1) / 50);
    const whole = rounded(values, 7, 512);
    expect(rounded(values, 7, 512)).toEqual(whole);
    expect(rounded(values.subarray(FLOAT16_BLOCK), 7, 512 + FLOAT16_BLOCK)).toEqual(
      whole.subarray(FLOAT16_BLOCK),
    );
    expect(rounded(values, 8, 512)).not.toEqual(whole);
    expect(rounded(values, 7, 768)).not.toEqual(whole);
  });
});
