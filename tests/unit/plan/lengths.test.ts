import { describe, expect, it } from 'vitest';
import { lengthChoices } from '../../../main/plan/lengths.ts';
import { profileOf } from '../../helpers/fake-price.ts';

/** A hundred rows of 100 tokens, and so many longer ones. */
const mostlyShort = (longer: readonly number[]) => profileOf([...Array<number>(100).fill(100), ...longer]);

describe('limits on the length of rows', () => {
  it('are multiples of 64 that leave half, three quarters ... all rows whole', () => {
    const lengths = Array.from({ length: 1000 }, (_, i) => 1 + i);
    const { choices, longest } = lengthChoices(profileOf(lengths), 8192);
    expect(longest).toBe(1000);
    expect(choices.map(({ maxLength }) => maxLength)).toEqual([512, 768, 960, 1024]);
    for (const { maxLength, rowsCut } of choices) expect(rowsCut).toBe(Math.max(0, 1000 - maxLength));
  });

  it('tell exactly what each loses', () => {
    const lengths = [50, 100, 150, 300];
    const { choices } = lengthChoices(profileOf(lengths, 30), null);
    for (const { maxLength, tokensLost, labelledLost } of choices) {
      const lost = lengths.map((length) => Math.max(0, length - maxLength));
      const total = (counts: readonly number[]) => counts.reduce((sum, one) => sum + one, 0);
      expect(tokensLost).toBeCloseTo(total(lost) / total(lengths));
      expect(labelledLost).toBeCloseTo(total(lost.map((one) => Math.min(30, one))) / 120);
    }
  });

  it('propose to keep everything where that is short', () => {
    expect(lengthChoices(mostlyShort([300]), 8192)).toMatchObject({
      proposed: 320,
      why: { key: 'length-all', numbers: { longest: 300 } },
    });
  });

  it('propose to cut where a few rows are very long and hold next to nothing of what is learned', () => {
    const lengths = [...Array<number>(990).fill(100), ...Array<number>(9).fill(1500), 9000];
    const found = lengthChoices(profileOf(lengths), 8192);
    expect(found.proposed).toBe(128);
    expect(found.why.key).toBe('length-most');
    expect(found.choices.find(({ maxLength }) => maxLength === 128)!.labelledLost).toBeLessThanOrEqual(0.01);
  });

  it('propose the long limit where the long rows hold what is learned', () => {
    const lengths = Array.from({ length: 100 }, (_, i) => 1000 + 10 * i);
    const { proposed, choices } = lengthChoices(profileOf(lengths, 600), 8192);
    expect(proposed).toBe(1920);
    for (const { maxLength, labelledLost } of choices) expect(labelledLost <= 0.01).toBe(maxLength >= 1920);
  });

  it('never exceed what the model reads, and say so', () => {
    const found = lengthChoices(mostlyShort([900, 900, 900]), 256);
    expect(found.choices.at(-1)).toMatchObject({ maxLength: 256, rowsCut: 3 });
    expect(found).toMatchObject({ proposed: 256, why: { key: 'length-limit' } });
  });

  it('of running text lose nothing', () => {
    const profile = { ...profileOf([]), texts: 2, textTokens: 90_000, longestText: 60_000 };
    const { choices, proposed, why } = lengthChoices(profile, 8192);
    expect(choices.every(({ rowsCut, tokensLost }) => rowsCut === 0 && tokensLost === 0)).toBe(true);
    expect([proposed, why.key]).toEqual([1024, 'length-text']);
    expect(lengthChoices({ ...profile, longestText: 90 }, 8192).proposed).toBe(128);
  });

  it('are the same for the same rows in any order', () => {
    const lengths = [900, 30, 2000, 400, 65, 64];
    expect(lengthChoices(profileOf(lengths), null)).toEqual(
      lengthChoices(profileOf(lengths.toReversed()), null),
    );
  });
});
