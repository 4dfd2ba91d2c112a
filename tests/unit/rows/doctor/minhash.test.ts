import { expect, it } from 'vitest';
import {
  hash64,
  LANES,
  shinglesOf,
  similarity,
  writeSignature,
} from '../../../../main/rows/doctor/minhash.ts';
import { Rng } from '../../../../main/rows/rng.ts';

function signature(shingles: Int32Array): Uint16Array {
  const into = new Uint16Array(LANES);
  writeSignature(shingles, into);
  return into;
}

it.each([0.2, 0.5, 0.7, 0.85, 0.95, 1])(
  'estimates a Jaccard similarity of %s without bias and within its error',
  (wanted) => {
    const rng = Rng.fromSeed(2);
    const pairs = 300;
    const size = 300;
    const common = Math.round((2 * size * wanted) / (1 + wanted));
    const exact = common / (2 * size - common);
    const estimates = Array.from({ length: pairs }, () => {
      const word = () => rng.nextU32() | 0;
      const shared = Array.from({ length: common }, word);
      const one = () =>
        signature(Int32Array.from([...shared, ...Array.from({ length: size - common }, word)]));
      return similarity(one(), one());
    });
    const mean = estimates.reduce((sum, x) => sum + x, 0) / pairs;
    const deviation = Math.sqrt(estimates.reduce((sum, x) => sum + (x - mean) ** 2, 0) / pairs);
    const standardError = Math.sqrt((exact * (1 - exact)) / LANES);
    expect(Math.abs(mean - exact)).toBeLessThan(4 * (standardError / Math.sqrt(pairs)) + 0.003);
    expect(deviation).toBeLessThan(1.3 * standardError + 0.001);
  },
);

it('thins long texts out and keeps the estimate', () => {
  const rng = Rng.fromSeed(4);
  const words = Array.from({ length: 4000 }, () => `word${rng.below(100_000)}`);
  const other = words.map((word, i) => (i % 20 === 0 ? `other${i}` : word));
  const [a, b] = [words.join(' '), other.join(' ')].map(shinglesOf) as [Int32Array, Int32Array];
  expect(a.length).toBeLessThan(4096);
  const [setA, setB] = [a, b].map((one) => new Set(one)) as [Set<number>, Set<number>];
  const shared = [...setA].filter((one) => setB.has(one)).length;
  const exact = shared / (setA.size + setB.size - shared);
  expect(Math.abs(similarity(signature(a), signature(b)) - exact)).toBeLessThan(0.12);
  expect(similarity(signature(a), signature(a))).toBe(1);
});

it('hashes a million texts that differ in a number to a million different values', () => {
  const seen = new Set<number>();
  for (let i = 0; i < 1_000_000; i++) {
    const { low, high } = hash64(`The answer to question ${i} is known.`);
    seen.add((high & 0x1fffff) * 2 ** 32 + low);
  }
  // 53 bits: a million values meet with a chance of 1 in 18,000
  expect(seen.size).toBe(1_000_000);
});
