import { describe, expect, it } from 'vitest';
import { Rng, splitMix64, streamSeed } from '../../../main/rows/rng.ts';

const draw = <T>(count: number, next: () => T): T[] => Array.from({ length: count }, next);

describe('generators', () => {
  it('xoshiro128** gives the values of the reference implementation for the state 1, 2, 3, 4', () => {
    const rng = new Rng({ words: [1, 2, 3, 4], spareNormal: null });
    const expected = [
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ];
    expect(draw(10, () => rng.nextU32())).toEqual(expected);
  });

  it('SplitMix64 gives the values of the reference implementation for the seed 1234567', () => {
    let state = 1234567n;
    const values = draw(5, () => {
      const next = splitMix64(state);
      state = next.state;
      return next.value;
    });
    expect(values).toEqual([
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
      4593380528125082431n,
      16408922859458223821n,
    ]);
  });
});

describe('Rng', () => {
  it('repeats itself for a seed and differs between seeds, also large and neighbouring ones', () => {
    const first = (seed: number): string => draw(4, Rng.prototype.nextU32.bind(Rng.fromSeed(seed))).join();
    const seeds = [0, 1, 2, 42, 43, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
    expect(seeds.map(first)).toEqual(seeds.map(first));
    expect(new Set(seeds.map(first)).size).toBe(seeds.length);
  });

  it('goes on from a state that went through JSON, also between the two values of a normal pair', () => {
    const rng = Rng.fromSeed(7);
    rng.normal();
    const copy = new Rng(JSON.parse(JSON.stringify(rng.state)));
    const sequence = (from: Rng): number[] => [from.normal(), from.normal(), from.uniform(), from.below(10)];
    expect(sequence(copy)).toEqual(sequence(rng));
  });

  it('refuses seeds and states that are none', () => {
    expect(() => Rng.fromSeed(-1)).toThrow('internal: a seed');
    expect(() => Rng.fromSeed(0.5)).toThrow('internal: a seed');
    expect(() => new Rng({ words: [0, 0, 0, 0], spareNormal: null })).toThrow('all zero');
  });

  it('uniform() lies in [0, 1) with mean 1/2 and variance 1/12', () => {
    const rng = Rng.fromSeed(1);
    const values = draw(100_000, () => rng.uniform());
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(variance).toBeCloseTo(1 / 12, 2);
  });

  it('below(n) is even, also where 2^32 mod n would favour small values', () => {
    const rng = Rng.fromSeed(2);
    // Plain modulo would give values below 2^30 twice as often as the others: 2/4 instead of 1/3
    const n = 3 * 2 ** 30;
    const low = draw(60_000, () => rng.below(n)).filter((x) => x < 2 ** 30).length;
    expect(low / 60_000).toBeCloseTo(1 / 3, 1);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[rng.below(7)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    expect(rng.below(1)).toBe(0);
    expect(rng.below(2 ** 32)).toBeLessThan(2 ** 32);
    expect(() => rng.below(0)).toThrow('internal:');
  });

  it('normal() has mean 0, variance 1, no skew and the tails of a normal distribution', () => {
    const rng = Rng.fromSeed(3);
    const values = draw(200_000, () => rng.normal());
    const moment = (k: number): number => values.reduce((sum, x) => sum + x ** k, 0) / values.length;
    expect(moment(1)).toBeCloseTo(0, 1);
    expect(moment(2)).toBeCloseTo(1, 1);
    expect(moment(3)).toBeCloseTo(0, 1);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.1);
    expect(values.filter((x) => Math.abs(x) > 2).length / values.length).toBeCloseTo(0.0455, 2);
  });

  it('shuffle() keeps all values and makes every order of three equally likely', () => {
    const rng = Rng.fromSeed(4);
    const counts = new Map<string, number>();
    for (let i = 0; i < 60_000; i++) {
      const order = rng.shuffle(Uint32Array.of(0, 1, 2)).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });
});

describe('streamSeed', () => {
  it('depends on the seed and on each label, and tells joined labels apart', () => {
    const seeds = [
      streamSeed(1, 'order', 0),
      streamSeed(1, 'order', 1),
      streamSeed(2, 'order', 0),
      streamSeed(1, 'split', 0),
      streamSeed(1, 'order0'),
      streamSeed(1, 'or', 'der', 0),
    ];
    expect(new Set(seeds).size).toBe(seeds.length);
    for (const seed of seeds) expect(Number.isSafeInteger(seed) && seed >= 0).toBe(true);
    expect(streamSeed(1, 'order', 0)).toBe(seeds[0]);
  });

  it('does not change from one version of Fettle to the next', () => {
    // First 64 bits of sha256('[42,"epoch",0]'), by `printf '[42,"epoch",0]' | sha256sum`
    const digest = 'd20a7b9984e47d07';
    const low = Number.parseInt(digest.slice(0, 8).match(/../g)!.reverse().join(''), 16);
    const high = Number.parseInt(digest.slice(8, 16).match(/../g)!.reverse().join(''), 16);
    expect(streamSeed(42, 'epoch', 0)).toBe(low * 2 ** 21 + Math.floor(high / 2 ** 11));
  });
});
