import { describe, expect, it } from 'vitest';
import { LengthCounter } from '../../../../../main/engine/data/tokens/token-writer.ts';
import { seeded } from '../../../../helpers/random.ts';

const row = (length: number, labelled: (t: number) => boolean) => {
  const labels = Array.from({ length }, (_, t) => (labelled(t) ? 1 : -100));
  return { ids: labels, labels };
};
const sum = (counts: readonly number[]) => counts.reduce((total, one) => total + one, 0);

describe('LengthCounter', () => {
  it('counts rows by their last token, and tokens and labels where they stand', () => {
    const counter = new LengthCounter();
    counter.add(
      row(64, (t) => t >= 60),
      false,
    );
    counter.add(
      row(65, (t) => t >= 60),
      false,
    );
    counter.add(
      row(200, (t) => t === 0 || t === 199),
      false,
    );
    expect(counter.finish()).toMatchObject({
      binTokens: 64,
      rows: [1, 1, 0, 1],
      tokens: [192, 65, 64, 8],
      // the first token of a row is predicted by nothing
      labelled: [8, 1, 0, 1],
      longest: 200,
      texts: 0,
    });
  });

  it('keeps running text apart, for it is divided and not cut', () => {
    const counter = new LengthCounter();
    counter.add(
      row(5000, () => true),
      true,
    );
    expect(counter.finish()).toMatchObject({
      rows: [],
      texts: 1,
      textTokens: 5000,
      longestText: 5000,
      longest: 0,
    });
  });

  it('widens its bins for very long rows and loses no token', () => {
    const counter = new LengthCounter();
    const random = seeded(7);
    let tokens = 0;
    for (let i = 0; i < 40; i++) {
      const length = 1 + Math.floor(random() * (i % 10 === 9 ? 300_000 : 2000));
      tokens += length;
      counter.add(
        row(length, (t) => t > 0),
        false,
      );
    }
    const profile = counter.finish();
    expect(profile.binTokens).toBeGreaterThan(64);
    expect(profile.rows.length).toBeLessThanOrEqual(1024);
    expect([sum(profile.rows), sum(profile.tokens), sum(profile.labelled)]).toEqual([
      40,
      tokens,
      tokens - 40,
    ]);
  });
});
