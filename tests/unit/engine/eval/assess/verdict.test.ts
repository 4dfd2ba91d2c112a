import { describe, expect, it } from 'vitest';
import { judge, RULES, type VerdictFigures } from '../../../../../main/engine/eval/assess/verdict.ts';
import type { Estimate } from '../../../../../main/engine/protocol.ts';

const around = (value: number, half = 0.05): Estimate => ({ value, low: value - half, high: value + half });

const NOTHING: VerdictFigures = {
  ...{ task: 'label', score: null, loss: null, prompted: [], quiz: null, passages: null, memorised: null },
};

function right(before: number, after: number, rows = 100, half = 0.05): VerdictFigures['score'] {
  const gain = around(after - before, half);
  return { kind: 'right', rows, before: around(before), after: around(after, 0.04), gain };
}

function likeness(before: number, after: number, half = 0.02): VerdictFigures['score'] {
  return {
    kind: 'chrf',
    rows: 100,
    before: around(before),
    after: around(after),
    gain: around(after - before, half),
  };
}

function loss(before: number, after: number, half = 0.02, rows = 100): VerdictFigures['loss'] {
  return { rows, before, after, change: around(after - before, half) };
}

function quiz(before: number, after: number, half = 0.03, items = 200): VerdictFigures['quiz'] {
  return { items, before, after, change: around(after - before, half) };
}

function passages(before: number, after: number, half = 0.01): VerdictFigures['passages'] {
  return { before, after, change: around(after - before, half), ignorant: Math.log(50_000) };
}

const system = (score: number, gain: number, half = 0.08) => ({
  variant: 'system' as const,
  score,
  gain: around(gain, half),
});
const examples = (score: number, gain: number, half = 0.08) => ({
  variant: 'examples' as const,
  score,
  gain: around(gain, half),
});

type Case = [name: string, figures: Partial<VerdictFigures>, expected: Record<string, unknown>];

const LEARNED: Case[] = [
  ['clearly better and mostly right', { score: right(0.34, 0.93) }, { learned: 'yes' }],
  ['better, and right more often than not', { score: right(0.2, 0.61) }, { learned: 'yes' }],
  ['better, but mostly wrong still', { score: right(0.1, 0.35) }, { learned: 'partly' }],
  ['half of what was missing', { score: right(0.1, 0.56) }, { learned: 'yes' }],
  ['a gain that may be luck', { score: right(0.5, 0.53) }, { learned: 'no' }],
  [
    'a gain that may be luck, but a lower loss',
    { score: right(0.5, 0.53), loss: loss(2, 1.5) },
    { learned: 'partly' },
  ],
  ['fewer right, though the loss fell', { score: right(0.5, 0.4), loss: loss(2, 1.5) }, { learned: 'no' }],
  ['no change at all', { score: right(0, 0), loss: loss(2, 2) }, { learned: 'no' }],
  ['right before and after', { score: right(0.97, 0.98) }, { learned: 'no' }],
  ['nine rows', { score: right(0, 1, 9) }, { learned: 'unknown' }],
  ['ten rows', { score: right(0, 1, 10) }, { learned: 'yes' }],
  ['no rows', {}, { learned: 'unknown' }],
  [
    'free text, likeness and loss',
    { task: 'free', score: likeness(0.2, 0.4), loss: loss(3, 2) },
    { learned: 'yes' },
  ],
  [
    'free text, likeness alone',
    { task: 'free', score: likeness(0.2, 0.4), loss: loss(3, 2.9) },
    { learned: 'partly' },
  ],
  [
    'free text, loss alone',
    { task: 'free', score: likeness(0.2, 0.2), loss: loss(3, 2.5) },
    { learned: 'partly' },
  ],
  ['free text, neither', { task: 'free', score: likeness(0.2, 0.2), loss: loss(3, 3.01) }, { learned: 'no' }],
  ['running text, loss down a lot', { task: 'text', loss: loss(3, 2.5) }, { learned: 'yes' }],
  ['running text, loss down a little', { task: 'text', loss: loss(3, 2.9) }, { learned: 'partly' }],
  ['running text, a fall that may be luck', { task: 'text', loss: loss(3, 2.5, 0.6) }, { learned: 'no' }],
  ['running text, loss up', { task: 'text', loss: loss(3, 3.4) }, { learned: 'no' }],
  ['running text, few rows', { task: 'text', loss: loss(3, 1, 0.1, 4) }, { learned: 'unknown' }],
];

const FORGOT: Case[] = [
  ['the same answers', { quiz: quiz(0.9, 0.9), passages: passages(3, 3) }, { forgot: 'nothing' }],
  ['a fall that may be luck', { quiz: quiz(0.9, 0.88) }, { forgot: 'nothing' }],
  ['four points', { quiz: quiz(0.91, 0.87) }, { forgot: 'little' }],
  ['thirty points', { quiz: quiz(0.9, 0.6) }, { forgot: 'much' }],
  ['text a little harder', { quiz: quiz(0.9, 0.9), passages: passages(3, 3.1) }, { forgot: 'little' }],
  ['text hardly harder', { quiz: quiz(0.9, 0.9), passages: passages(3, 3.03) }, { forgot: 'nothing' }],
  ['text much harder', { passages: passages(3, 3.4) }, { forgot: 'much' }],
  ['text easier', { passages: passages(3, 2.8) }, { forgot: 'nothing' }],
  ['nothing was known', { quiz: quiz(0.01, 0), passages: passages(10.8, 9) }, { forgot: 'unknown' }],
  ['only text was known', { quiz: quiz(0, 0), passages: passages(4, 4.5) }, { forgot: 'much' }],
  ['nothing was measured', {}, { forgot: 'unknown' }],
];

const PROMPTING: Case[] = [
  [
    'as good with examples',
    { score: right(0.3, 0.8), prompted: [examples(0.78, 0.02)] },
    { promptingIsEnough: true },
  ],
  [
    'better with a system prompt',
    { score: right(0.3, 0.8), prompted: [system(0.95, -0.15)] },
    { promptingIsEnough: true },
  ],
  [
    'well below',
    { score: right(0.3, 0.9), prompted: [system(0.4, 0.5), examples(0.6, 0.3)] },
    { promptingIsEnough: false },
  ],
  [
    'nothing learned, and prompting helps no more',
    { score: right(0, 0), prompted: [system(0, 0)] },
    { promptingIsEnough: false },
  ],
  ['too few rows', { score: right(0.3, 0.8, 5), prompted: [system(0.8, 0)] }, { promptingIsEnough: false }],
  ['no baseline', { score: right(0.3, 0.8) }, { promptingIsEnough: false }],
];

describe('judge', () => {
  it.each([...LEARNED, ...FORGOT, ...PROMPTING])('%s', (_, figures, expected) => {
    expect(judge({ ...NOTHING, ...figures })).toMatchObject(expected);
  });

  it.each([
    [
      { score: right(0.34, 0.93), quiz: quiz(0.91, 0.87) },
      'Learned: yes, 34 % -> 93 % of held-out rows right (±4). Forgot: a little, general quiz 91 % -> 87 %.',
    ],
    [
      { score: right(0.97, 0.98) },
      'Learned: nothing new, 97 % -> 98 % of held-out rows right. Forgot: cannot tell, nothing general was measured.',
    ],
    [
      { score: right(0, 1, 1) },
      'Learned: cannot tell, only one row was held out. Forgot: cannot tell, nothing general was measured.',
    ],
    [
      { task: 'text', loss: loss(3, 2.5), passages: passages(3, 3.4) },
      'Learned: yes, perplexity on held-out rows 20.1 -> 12.2. Forgot: much, perplexity on general text 20.1 -> 30.0.',
    ],
    [
      { quiz: quiz(0.005, 0) },
      'Learned: cannot tell, no row was held out. Forgot: cannot tell, the untouched model got only 1 % of the general quiz right.',
    ],
  ] as const)('says so: %#', (figures, sentence) => {
    expect(judge({ ...NOTHING, ...(figures as Partial<VerdictFigures>) }).sentence).toBe(sentence);
  });

  it('remarks on prompting, on harm, on reciting and on few rows', () => {
    const figures = { score: right(0.5, 0.3, 20), prompted: [system(0.6, -0.3)], memorised: true };
    const { remarks } = judge({ ...NOTHING, ...figures });
    expect(remarks).toHaveLength(4);
    expect(remarks[0]).toBe(
      'Prompting is enough: the untouched model with a system prompt does better (60 % right).',
    );
    expect(remarks.join(' ')).toContain(`Only 20 held-out rows`);
    expect(RULES.fewestRows).toBe(10);
  });
});
