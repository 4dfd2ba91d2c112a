import { describe, expect, it } from 'vitest';
import { corrected } from '../../../main/plan/correction.ts';
import { seeded } from '../../helpers/random.ts';

const basis = { spread: 1.3, restsOn: 'benchmark' } as const;
const ratio = (measured: number) => ({ predicted: 1, measured });

describe('corrected', () => {
  it('leaves the formula alone while there are no runs', () => {
    expect(corrected(100, [], basis)).toEqual({
      value: 100,
      low: 100 / 1.3,
      high: 130,
      restsOn: 'benchmark',
    });
  });

  it('moves towards what runs took, further with each of them, and narrows', () => {
    const [one, two, ten] = [1, 2, 10].map((count) => corrected(100, Array(count).fill(ratio(1.5)), basis));
    expect(one!.value).toBeGreaterThan(120);
    expect(two!.value).toBeGreaterThan(one!.value);
    expect(ten!.value).toBeCloseTo(150, -1);
    expect(two!.restsOn).toBe('runs');
    const width = ({ low, high }: { low: number; high: number }) => high / low;
    expect(width(two!)).toBeLessThan(width(one!));
    expect(width(ten!)).toBeLessThan(width(two!));
    expect(width(ten!)).toBeGreaterThan(1.05);
  });

  it('is not bent by one odd run', () => {
    const runs = [1.1, 1.1, 1.1, 9, 1.1, 1.1].map(ratio);
    expect(corrected(100, runs, basis).value).toBeLessThan(111);
  });

  it('has no wider range for two runs that differ than for none', () => {
    const width = ({ low, high }: { low: number; high: number }) => high / low;
    const alone = corrected(100, [], basis);
    for (const odd of [9, 0.1]) {
      const two = corrected(100, [ratio(odd), ratio(1.1)], basis);
      expect(width(two)).toBeLessThanOrEqual(width(alone) * (1 + 1e-12));
    }
  });

  it('is wider than the formula alone where several runs say so, and not for one odd one among them', () => {
    const width = ({ low, high }: { low: number; high: number }) => high / low;
    const alone = width(corrected(100, [], basis));
    const uneven = [0.5, 0.7, 1, 1.4, 2, 2.4].map(ratio);
    expect(width(corrected(100, uneven, basis))).toBeGreaterThan(1.5 * alone);
    const odd = [1.1, 1.12, 9, 1.08, 1.1, 1.11].map(ratio);
    expect(width(corrected(100, odd, basis))).toBeLessThan(alone);
  });

  it('contains nine of ten values once there are some runs', () => {
    const random = seeded(7);
    const noisy = () => ratio(1.2 * Math.exp(0.15 * (random() + random() + random() - 1.5)));
    const runs = Array.from({ length: 400 }, noisy);
    let inside = 0;
    for (let i = 10; i < runs.length; i++) {
      const { low, high } = corrected(1, runs.slice(0, i), basis);
      if (runs[i]!.measured >= low && runs[i]!.measured <= high) inside++;
    }
    expect(inside / (runs.length - 10)).toBeGreaterThan(0.85);
  });

  it('takes no notice of figures that are none', () => {
    expect(corrected(100, [ratio(0), { predicted: 0, measured: 5 }], basis).value).toBe(100);
  });
});
