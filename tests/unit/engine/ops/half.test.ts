/** Float16 by its definition against the conversion on bit patterns that writes files. */
import { describe, expect, it } from 'vitest';
import { toHalf } from '../../../../main/engine/io/convert.ts';
import { halfOfNumber, numberOfHalf } from '../../../../main/engine/ops/primitives/widen.ts';
import { seeded } from '../../../helpers/random.ts';

describe('float16', () => {
  it('each of its numbers comes back as its own bits', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const number = numberOfHalf(bits);
      if (!Number.isNaN(number)) expect(halfOfNumber(number)).toBe(bits);
    }
  });

  it('is the nearest one, ties to even, as files have it', () => {
    const random = seeded(3);
    const between = Array.from({ length: 20_000 }, () => {
      const size = 2 ** (44 * random() - 27);
      return random() < 0.5 ? size : -size;
    });
    // halfway between two of them, and where they end
    const edges = [
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
      2 ** -25,
      3 * 2 ** -25,
      65519.9,
      65520,
      1e9,
      2 ** -14 - 2 ** -25,
    ];
    for (const number of [...between, ...edges, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
      expect(halfOfNumber(number), String(number)).toBe(toHalf(number));
    expect(numberOfHalf(halfOfNumber(Number.NaN))).toBeNaN();
  });
});
