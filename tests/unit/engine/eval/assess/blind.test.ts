import { describe, expect, it } from 'vitest';
import type { AssessResult } from '../../../../../common/protocol/protocol.ts';
import { blindPairs, tallyChoices } from '../../../../../main/engine/eval/assess/blind.ts';

const answered = Array.from({ length: 30 }, (_, i) => ({
  prompt: `question ${i}`,
  wanted: 'w',
  answers: { before: i === 3 ? 'same' : `before ${i}`, after: i === 3 ? 'same' : `after ${i}` },
  scores: {},
}));
const assessment = { run: '/r', answers: { answered } } as unknown as AssessResult;

describe('blindPairs', () => {
  it('draws rows and order by the seed and leaves out equal answers', () => {
    const pairs = blindPairs(assessment, 100, 1);
    expect(pairs).toHaveLength(29);
    expect(new Set(pairs.map(({ prompt }) => prompt)).size).toBe(29);
    expect(blindPairs(assessment, 100, 1)).toEqual(pairs);
    expect(blindPairs(assessment, 100, 2)).not.toEqual(pairs);
    const first = pairs.filter(({ firstIs }) => firstIs === 'before').length;
    expect(first).toBeGreaterThan(5);
    expect(first).toBeLessThan(24);
    for (const { first: text, firstIs } of pairs) expect(text.startsWith(firstIs)).toBe(true);
    expect(blindPairs(assessment, 10, 1)).toEqual(pairs.slice(0, 10));
  });

  it('takes pairs that were not shown, and says so where none is left', () => {
    const shown = [...Array(26).keys()];
    const pairs = blindPairs(assessment, 100, 1, shown);
    expect(pairs.map(({ row }) => row).sort()).toEqual([26, 27, 28, 29]);
    expect(pairs.map(({ row, prompt }) => [row, prompt])).toContainEqual([27, 'question 27']);
    const all = answered.map((_, row) => row);
    expect(() => blindPairs(assessment, 10, 1, all)).toThrow('You have seen all 29 pairs');
  });

  it('needs answers that differ', () => {
    const equal = { run: '/r', answers: { answered: [answered[3]] } } as unknown as AssessResult;
    expect(() => blindPairs(equal, 10, 1)).toThrow('Both models gave the same answers');
    expect(() => blindPairs({ run: '/r', answers: null } as AssessResult, 10, 1)).toThrow('No test row');
  });
});

describe('tallyChoices', () => {
  const pairs = blindPairs(assessment, 10, 1);
  const choose = (wanted: 'before' | 'after') =>
    pairs.map(({ firstIs }) => (firstIs === wanted ? ('first' as const) : ('second' as const)));

  it('counts whose answers were preferred, whatever their place', () => {
    const result = tallyChoices('/r', 1, pairs, choose('after'));
    expect([result.judged, result.after, result.before, result.equal]).toEqual([10, 10, 0, 0]);
    expect(result.preferred).toMatchObject({ value: 1, high: 1 });
    expect(result.preferred.low).toBeCloseTo(0.7225, 4);
    expect(result.signTest).toBeCloseTo(2 / 1024, 9);
    expect(result.sentence).toContain('10 of 10 pairs. That is hardly luck. (95% range 72% to 100%');
    expect(result.pairs[0]).toMatchObject({ choice: 'after', before: expect.stringMatching(/^before/) });
    expect(tallyChoices('/r', 1, pairs, choose('before')).after).toBe(0);
  });

  it('leaves ties out of the rate, and what was not judged out of all', () => {
    const result = tallyChoices('/r', 1, pairs, [...choose('after').slice(0, 3), 'equal']);
    expect([result.judged, result.after, result.equal, result.preferred.value]).toEqual([4, 3, 1, 1]);
    expect(result.sentence).toContain('may be luck');
    const both = tallyChoices('/r', 1, pairs, ['bad', 'equal', 'bad', ...choose('after').slice(3, 5)]);
    expect([both.judged, both.after, both.before, both.equal, both.bad]).toEqual([5, 2, 0, 1, 2]);
    expect(both.preferred.value).toBe(1);
    expect(both.pairs[0]!.choice).toBe('bad');
    expect(both.sentence).toContain('2 of 2 pairs (1 equally good, 2 both bad)');
    expect(tallyChoices('/r', 1, pairs, ['equal']).sentence).toContain('You preferred neither model');
  });
});
