import { describe, expect, it } from 'vitest';
import type { ClosedFigures, Estimate, Rival, TaskKind } from '../../../../../common/protocol/protocol.ts';
import { judge } from '../../../../../main/engine/eval/assess/verdict.ts';
import type { VerdictFigures } from '../../../../../main/engine/eval/assess/verdict-figures.ts';

const around = (value: number, half = 0.05): Estimate => ({ value, low: value - half, high: value + half });

const NOTHING: VerdictFigures = {
  ...{ task: 'label', score: null, loss: null, prompted: [], quiz: null, passages: null, memorised: null },
  ...{ fit: null, course: [] },
};

function right(before: number, after: number, rows = 100, half = 0.05): VerdictFigures['score'] {
  const gain = around(after - before, half);
  return { name: 'right', rows, before: around(before), after: around(after, 0.04), gain };
}

function similarity(before: number, after: number, half = 0.02): VerdictFigures['score'] {
  return {
    name: 'similarity',
    rows: 100,
    before: around(before),
    after: around(after),
    gain: around(after - before, half),
  };
}

function loss(before: number, after: number, half = 0.02, rows = 100): VerdictFigures['loss'] {
  return { rows, before, after, change: around(after - before, half), perplexity: around(Math.exp(after)) };
}

function quiz(before: number, after: number, half = 0.03, items = 200) {
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
  variant: 'prompt' as const,
  score,
  gain: around(gain, half),
});

/** Figures of answers from a closed set: what was known, and in which share the form was right. */
function closed(known: [number, number], form: [number, number], rows = 112): ClosedFigures {
  const of = ([before, after]: [number, number], count: number) => ({
    before: { key: null, rows: count, ...around(before) },
    after: { key: null, rows: count, ...around(after) },
    gain: around(after - before),
  });
  return { answers: 8, known: of(known, rows), fields: [], form: of(form, 20) };
}

type Case = [name: string, figures: Partial<VerdictFigures>, expected: Record<string, unknown>];

const LEARNED: Case[] = [
  ['clearly better and mostly right', { score: right(0.34, 0.93) }, { learned: 'yes' }],
  ['better, and right more often than not', { score: right(0.2, 0.61) }, { learned: 'yes' }],
  ['better, but mostly wrong still', { score: right(0.1, 0.35) }, { learned: 'partly' }],
  ['half of what was missing', { score: right(0.1, 0.56) }, { learned: 'yes' }],
  ['a gain that may be luck', { score: right(0.5, 0.53) }, { learned: 'no' }],
  [
    'a gain that may be luck, whatever the loss',
    { score: right(0.5, 0.53), loss: loss(2, 0.1) },
    { learned: 'no' },
  ],
  ['fewer right, though the loss fell', { score: right(0.5, 0.4), loss: loss(2, 1.5) }, { learned: 'no' }],
  ['no change at all', { score: right(0, 0), loss: loss(2, 2) }, { learned: 'no' }],
  ['right before and after', { score: right(0.97, 0.98) }, { learned: 'no' }],
  ['knows more, and says it', { closed: closed([0.2, 0.87], [0, 1]) }, { learned: 'yes' }],
  [
    'knows more, and mostly says something else',
    { closed: closed([0.2, 0.87], [0, 0.3]) },
    { learned: 'partly' },
  ],
  [
    'knew it, and says it now',
    { score: right(0, 0.85), closed: closed([0.85, 0.86], [0, 1]) },
    { learned: 'yes' },
  ],
  [
    'says it now, but knows little',
    { score: right(0, 0.3), closed: closed([0.3, 0.31], [0, 1]) },
    { learned: 'partly' },
  ],
  ['knew it and said it', { closed: closed([0.97, 0.98], [1, 1]) }, { learned: 'no', lack: null }],
  ['knew it perfectly, and says it now', { closed: closed([0.97, 0.98], [0, 1]) }, { learned: 'yes' }],
  ['knows no more, and wrote it so before', { closed: closed([0.5, 0.52], [1, 1]) }, { learned: 'no' }],
  ['knows more, of nine rows', { closed: closed([0, 1], [0, 1], 9) }, { learned: 'unknown' }],
  ['nine rows', { score: right(0, 1, 9) }, { learned: 'unknown' }],
  ['ten rows', { score: right(0, 1, 10) }, { learned: 'yes' }],
  ['no rows', {}, { learned: 'unknown' }],
  [
    'free text, similarity and loss',
    { task: 'free', score: similarity(0.2, 0.4), loss: loss(3, 2) },
    { learned: 'yes' },
  ],
  [
    'free text, clearly closer, but hardly a lower loss',
    { task: 'free', score: similarity(0.2, 0.4), loss: loss(3, 2.9) },
    { learned: 'partly' },
  ],
  [
    'free text, clearly closer by little',
    { task: 'free', score: similarity(0.11, 0.14), loss: loss(3, 1) },
    { learned: 'partly' },
  ],
  [
    'free text, a much lower loss alone',
    { task: 'free', score: similarity(0.11, 0.11), loss: loss(3, 1) },
    { learned: 'no' },
  ],
  [
    'free text, neither',
    { task: 'free', score: similarity(0.2, 0.2), loss: loss(3, 3.01) },
    { learned: 'no' },
  ],
  ['answers that could not be asked', { task: 'free', loss: loss(3, 1) }, { learned: 'unknown' }],
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
  [
    'as good as a training that hardly taught anything',
    { score: right(0.01, 0.04), prompted: [examples(0.04, 0)] },
    { promptingIsEnough: false },
  ],
  [
    'the best of two that do as well',
    { score: right(0.3, 0.65), prompted: [system(0.58, 0.07), examples(0.66, -0.01)] },
    { promptingIsEnough: true },
  ],
  [
    'free text that is half alike',
    { task: 'free', score: similarity(0.2, 0.52), prompted: [examples(0.5, 0.02)] },
    { promptingIsEnough: true },
  ],
  [
    'free text that is less alike',
    { task: 'free', score: similarity(0.2, 0.52), prompted: [examples(0.49, 0.03)] },
    { promptingIsEnough: false },
  ],
];

/** What helps first, of a training after which as many are right as before. */
const LACKS: Case[] = (
  [
    ['nothing, where it learned', { score: right(0.1, 0.9), course: [3, 1] }, null],
    ['nothing, where the base model knew it', { score: right(0.97, 0.97), course: [3, 3] }, null],
    ['nothing that can be told', { score: right(0.1, 0.2, 9), course: [3, 3] }, null],
    ['a lower rate, where the loss rose clearly', { loss: loss(3, 3.1), course: [3, 2, 3] }, 'rate'],
    ['a lower rate, where training ended above its start', { course: [3, 3.2] }, 'rate'],
    ['more passes, where the loss was still falling', { course: [3, 2.5, 2.3, 2.1] }, 'passes'],
    ['more passes, where the loss hardly moved', { course: [3, 2.95, 2.9, 2.88, 2.89] }, 'passes'],
    ['more rows, where the loss rose again', { course: [3, 2, 1.5, 1.7] }, 'rows'],
    ['more rows, where rows were memorised', { course: [3, 2, 2, 2], memorised: true }, 'rows'],
    [
      'more rows, where its own have half the loss',
      { course: [3, 2, 2, 2], fit: { training: around(0.8), heldOut: around(2) } },
      'rows',
    ],
    [
      'a larger model, where its own rows are as hard',
      { course: [3, 2, 2, 2], fit: { training: around(1.9), heldOut: around(2) } },
      'model',
    ],
    ['a larger model for a part, too', { score: right(0.1, 0.3), course: [3, 2, 2, 2] }, 'model'],
    ['a larger model, where no course is known', {}, 'model'],
  ] as const
).map(([name, figures, lack]) => [name, { score: right(0.1, 0.1), ...figures }, { lack }]);

const at = (low: number, value: number, high: number): Estimate => ({ value, low, high });
const chrf = (gain: Estimate, after = 0.4): VerdictFigures['score'] => ({
  ...{ name: 'similarity', rows: 100, before: around(0.2), after: around(after), gain },
});
const running = (change: Estimate, before = 2) => ({
  task: 'text' as const,
  loss: { rows: 100, before, after: 1, change, perplexity: around(Math.E) },
});
const rated = (before: number, after: number, gain: Estimate, rows = 100): VerdictFigures['score'] => ({
  ...{ name: 'right', rows, before: around(before), after: around(after), gain },
});

const texts = (change: Estimate, before = 3) => ({ before, after: 3, change, ignorant: 10 });
/** A training that taught nothing, by its course, the change of its loss, and the upper bound on its own rows. */
const lacking = (course: number[], { change = at(0, 0, 0), own = 2 } = {}): Partial<VerdictFigures> => ({
  ...{ score: rated(0.1, 0.1, at(-0.1, 0, 0.1)), course },
  loss: { rows: 100, before: 4, after: 4, change, perplexity: around(Math.exp(4)) },
  fit: { training: at(0, 0.5, own), heldOut: at(2, 3, 4) },
});

/** Each rule on its threshold and beside it; the thresholds are written out here and not read from RULES. */
const BORDERS: Case[] = [
  ['a loss whose interval ends at 0', running(at(-0.4, -0.2, 0)), { learned: 'no' }],
  ['a loss whose interval ends just below', running(at(-0.4, -0.2, -1e-9)), { learned: 'yes' }],
  ['5 % of the loss', running(at(-0.2, -0.1, -0.01)), { learned: 'yes' }],
  ['less than 5 %', running(at(-0.2, -0.099, -0.01)), { learned: 'partly' }],
  ['2 % of the loss', running(at(-0.1, -0.04, -0.01)), { learned: 'partly' }],
  ['less than 2 %', running(at(-0.1, -0.039, -0.01)), { learned: 'no' }],
  ['5 % of a loss of 4', running(at(-0.3, -0.2, -0.01), 4), { learned: 'yes' }],
  ['4 % of a loss of 5', running(at(-0.3, -0.2, -0.01), 5), { learned: 'partly' }],
  ['a gain whose interval begins at 0', { score: rated(0.5, 0.7, at(0, 0.2, 0.4)) }, { learned: 'no' }],
  [
    'a gain whose interval begins just above',
    { score: rated(0.5, 0.7, at(1e-9, 0.2, 0.4)) },
    { learned: 'yes' },
  ],
  ['60 % right', { score: rated(0.5, 0.6, at(0.01, 0.1, 0.2)) }, { learned: 'yes' }],
  ['59 % right', { score: rated(0.5, 0.59, at(0.01, 0.09, 0.2)) }, { learned: 'partly' }],
  ['half of the rest', { score: rated(0, 0.5, at(0.4, 0.5, 0.6)) }, { learned: 'yes' }],
  ['less than half of the rest', { score: rated(0, 0.49, at(0.4, 0.49, 0.6)) }, { learned: 'partly' }],
  [
    'five points and 10 % of the loss',
    { task: 'free', score: chrf(at(0.01, 0.05, 0.1)), loss: running(at(-0.3, -0.2, -0.1)).loss },
    { learned: 'yes' },
  ],
  [
    'four points and 10 % of the loss',
    { task: 'free', score: chrf(at(0.01, 0.04, 0.1)), loss: running(at(-0.3, -0.2, -0.1)).loss },
    { learned: 'partly' },
  ],
  [
    'five points and 9 % of the loss',
    { task: 'free', score: chrf(at(0.01, 0.05, 0.1)), loss: running(at(-0.3, -0.18, -0.1)).loss },
    { learned: 'partly' },
  ],
  [
    'a prompt whose lead begins at 0, of 60 %',
    { score: rated(0.3, 0.7, at(0.3, 0.4, 0.5)), prompted: [{ ...system(0.6, 0), gain: at(0, 0.1, 0.2) }] },
    { promptingIsEnough: true },
  ],
  [
    'a prompt that the training is just ahead of',
    {
      score: rated(0.3, 0.7, at(0.3, 0.4, 0.5)),
      prompted: [{ ...system(0.6, 0), gain: at(1e-9, 0.1, 0.2) }],
    },
    { promptingIsEnough: false },
  ],
  [
    'a prompt of 59 %',
    { score: rated(0.3, 0.7, at(0.3, 0.4, 0.5)), prompted: [{ ...system(0.59, 0), gain: at(0, 0.1, 0.2) }] },
    { promptingIsEnough: false },
  ],
  [
    'a prompt that does not help',
    { score: rated(0.7, 0.7, at(-0.1, 0, 0.1)), prompted: [system(0.7, 0)] },
    { promptingIsEnough: false },
  ],
  ['eight questions known', { quiz: quiz(0.04, 0.04) }, { forgot: 'nothing' }],
  ['seven questions known', { quiz: quiz(0.035, 0) }, { forgot: 'unknown' }],
  [
    'a quiz whose interval ends at 0',
    { quiz: { ...quiz(0.9, 0.7), change: at(-0.4, -0.2, 0) } },
    { forgot: 'nothing' },
  ],
  [
    'ten points of the quiz',
    { quiz: { ...quiz(0.9, 0.8), change: at(-0.2, -0.1, -0.01) } },
    { forgot: 'little' },
  ],
  ['eleven points', { quiz: { ...quiz(0.9, 0.79), change: at(-0.2, -0.11, -0.01) } }, { forgot: 'much' }],
  ['0.22 nats on general texts', { passages: texts(at(0.1, 0.22, 0.3)) }, { forgot: 'little' }],
  ['more than 0.22 nats', { passages: texts(at(0.1, 0.221, 0.3)) }, { forgot: 'much' }],
  ['0.05 nats', { passages: texts(at(0.01, 0.05, 0.1)) }, { forgot: 'nothing' }],
  ['more than 0.05 nats', { passages: texts(at(0.01, 0.051, 0.1)) }, { forgot: 'little' }],
  ['texts whose interval begins at 0', { passages: texts(at(0, 0.5, 1)) }, { forgot: 'nothing' }],
  ['texts that surprise 90 % as much as all', { passages: texts(at(0, 0, 0), 9) }, { forgot: 'unknown' }],
  ['texts that surprise less', { passages: texts(at(0, 0, 0), 8.99) }, { forgot: 'nothing' }],
  ['95 % right before and after', { score: rated(0.95, 0.95, at(-0.1, 0, 0.1)) }, { lack: null }],
  ['94 % right before', { score: rated(0.94, 0.95, at(-0.1, 0, 0.1)) }, { lack: 'model' }],
  ['94 % right after', { score: rated(0.95, 0.94, at(-0.1, 0, 0.1)) }, { lack: 'model' }],
  ['a rise whose interval begins at 0', lacking([4, 2, 2], { change: at(0, 0.1, 0.2) }), { lack: 'model' }],
  ['a rise beyond doubt', lacking([4, 2, 2], { change: at(1e-9, 0.1, 0.2) }), { lack: 'rate' }],
  ['an end 5 % above the start', lacking([2, 2.1]), { lack: 'passes' }],
  ['an end more than 5 % above', lacking([2, 2.11]), { lack: 'rate' }],
  ['an end 5 % below the middle', lacking([4, 2, 1.9]), { lack: 'passes' }],
  ['an end less than 5 % below', lacking([4, 2, 1.91]), { lack: 'model' }],
  ['the earlier of two middles', lacking([4, 2, 1.95, 1.89]), { lack: 'passes' }],
  ['a fall by 5 % in all', lacking([2, 1.9, 1.9]), { lack: 'model' }],
  ['a fall by less', lacking([2, 1.91, 1.91]), { lack: 'passes' }],
  ['an end 5 % above the lowest', lacking([4, 2, 2.1]), { lack: 'model' }],
  ['an end more than 5 % above the lowest', lacking([4, 2, 2.11]), { lack: 'rows' }],
  ['its own rows at half the loss', lacking([4, 2, 2], { own: 1 }), { lack: 'model' }],
  ['its own rows at less', lacking([4, 2, 2], { own: 0.99 }), { lack: 'rows' }],
];

describe('judge', () => {
  it.each([...LEARNED, ...FORGOT, ...PROMPTING, ...LACKS, ...BORDERS])('%s', (_, figures, expected) => {
    expect(judge({ ...NOTHING, ...figures })).toMatchObject(expected);
  });

  it.each([
    [
      { score: right(0.34, 0.93), quiz: quiz(0.91, 0.87) },
      'It learned this: 93% of test rows right, 34% before. It forgot a little: general quiz 87% right, 91% before.',
    ],
    [
      { score: right(0.97, 0.98), passages: passages(3, 3) },
      'It learned nothing new: 98% of test rows right, 97% before. It forgot nothing measurable: perplexity on general text 20.1, 20.1 before.',
    ],
    [
      { task: 'free', score: similarity(0.11, 0.11), loss: loss(3, 2) },
      "It didn't learn this: its answers are no closer to yours, similarity 11%, 11% before. Can't tell what it forgot: nothing general was measured.",
    ],
    [
      { task: 'free', score: similarity(0.2, 0.4), loss: loss(3, 2.9) },
      "It learned this in part: its answers are closer to yours, similarity 40%, 20% before. Can't tell what it forgot: nothing general was measured.",
    ],
    [
      { score: right(0, 1, 1) },
      "Can't tell whether it learned: there is only one test row. Can't tell what it forgot: nothing general was measured.",
    ],
    [
      { task: 'free', loss: loss(3, 2) },
      "Can't tell whether it learned: no test row could be asked. Can't tell what it forgot: nothing general was measured.",
    ],
    [
      { task: 'text', loss: loss(3, 2.5), passages: passages(3, 3.4) },
      'It learned this: perplexity on test rows 12.2, 20.1 before. It forgot much: perplexity on general text 30.0, 20.1 before.',
    ],
    [
      { quiz: quiz(0.005, 0) },
      "Can't tell whether it learned: there are no test rows. Can't tell what it forgot: the base model got only 1% of the general quiz right.",
    ],
    [
      { task: 'calls', score: { ...right(0.12, 0.84, 50)!, name: 'calls' } },
      "It learned this: the right call in 84% of 50 test rows (80% to 88%), in 12% before. Can't tell what it forgot: nothing general was measured.",
    ],
    [
      { task: 'json', score: right(0, 0.83), closed: closed([0.24, 0.87], [0, 1]) },
      "It learned this: it knew the answer to 24% of 112 test rows and now knows 87%; the form was right in 0%, now in 100% of 20 written answers. Can't tell what it forgot: nothing general was measured.",
    ],
    [
      { task: 'json', score: right(0, 0.83), closed: closed([0.85, 0.87], [0, 1]) },
      "It learned the form: it knew the answer to 85% of 112 test rows and now knows 87%; the form was right in 0%, now in 100% of 20 written answers. Can't tell what it forgot: nothing general was measured.",
    ],
    [
      { closed: closed([0.97, 0.98], [1, 1]) },
      "It learned nothing new: it knew the answer to 97% of 112 test rows and now knows 98%. Can't tell what it forgot: nothing general was measured.",
    ],
  ] as const)('says so: %#', (figures, sentence) => {
    expect(judge({ ...NOTHING, ...(figures as Partial<VerdictFigures>) }).sentence).toBe(sentence);
  });

  it('has one score with its name, its rows and its interval', () => {
    const score = (figures: Partial<VerdictFigures>) => judge({ ...NOTHING, ...figures }).score;
    const known = closed([0.2, 0.87], [0, 1]);
    const { value, low, high } = known.known.after;
    expect(score({ score: right(0, 0.83), closed: known })).toEqual({
      ...{ name: 'known', rows: 112, value, low, high },
    });
    expect(score({ score: right(0, 0.83), task: 'short' })).toMatchObject({ name: 'right', value: 0.83 });
    expect(score({ score: { ...right(0, 0.83)!, name: 'calls' } })).toMatchObject({
      name: 'calls',
      rows: 100,
    });
    expect(score({ task: 'free', score: similarity(0.2, 0.4) })).toMatchObject({
      ...{ name: 'similarity', value: 0.4, rows: 100 },
    });
    expect(score({ task: 'text', loss: loss(2, 1) })).toMatchObject({ name: 'perplexity', value: Math.E });
    const pairs = { rows: 40, before: around(0.5), after: around(0.9), gain: around(0.4) };
    expect(score({ preference: pairs, loss: loss(2, 1) })).toMatchObject({ name: 'preferred', rows: 40 });
    expect(score({})).toBeNull();
    const worse = judge({ ...NOTHING, score: right(0, 0.5), closed: closed([0.9, 0.5], [0, 1]) });
    expect(worse.remarks).toContain('The trained model answers test rows worse than the base model.');
  });

  it('says which simpler way does better, or as well, on the same rows', () => {
    const figures = closed([0.2, 0.83], [0, 1]);
    const rival = (name: Rival['name'], value: number): Rival => ({
      ...{ name, seconds: 1, lead: around(0.83 - value) },
      score: { name: 'known', rows: 112, ...around(value) },
    });
    const judged = (...rivals: Rival[]) => judge({ ...NOTHING, closed: figures, rivals });
    const beaten = judged(rival('nearest', 0.8), rival('counter', 0.93), rival('frequent', 0.1));
    expect(beaten.betterRival?.name).toBe('counter');
    expect(beaten.remarks).toEqual([
      'Word counts: 93% right. This model: 83% right. Use that instead, or train longer.',
    ]);
    const equalled = judged(rival('counter', 0.82));
    expect(equalled.betterRival).toBeNull();
    expect(equalled.remarks).toEqual(['Word counts: about as good (82% right), in seconds.']);
    const ahead = judged(rival('counter', 0.7));
    expect([ahead.betterRival, ahead.remarks]).toEqual([null, []]);
    expect(judge({ ...NOTHING, closed: figures }).betterRival).toBeNull();
  });

  it('says how much of JSON is right, and how much of it whole', () => {
    const score = { ...right(0.1, 0.91)!, name: 'fields' as const, whole: around(0.62) };
    const { sentence, learned } = judge({ ...NOTHING, task: 'json', score });
    expect(learned).toBe('yes');
    expect(sentence).toContain(
      'It learned this: 91% of fields right in 100 test rows, 10% before; every field right in 62%.',
    );
  });

  it('counts a way that was asked fewer rows only where it is clearly ahead, and says it once', () => {
    const score = similarity(0.2, 0.47);
    const rival = (name: Rival['name'], value: number, rows: number, half: number): Rival => ({
      ...{ name, seconds: null, lead: around(0.47 - value, half) },
      score: { name: 'similarity', rows, ...around(value) },
    });
    const template = rival('template', 0.5, 100, 0.02);
    const judged = (...rivals: Rival[]) =>
      judge({ ...NOTHING, task: 'free', score, rivals, prompted: [examples(0.6, -0.13)] });
    const unsure = judged(template, rival('prompt', 0.6, 20, 0.2));
    expect(unsure.betterRival?.name).toBe('template');
    expect(unsure.remarks).toContain(
      'A template with the values filled in: similarity 50%. This model: similarity 47%. Use that instead, or train longer.',
    );
    expect(judged(rival('template', 0.9, 9, 0.02)).betterRival).toBeNull();
    const sure = judged(template, rival('prompt', 0.6, 20, 0.05));
    expect(sure.betterRival?.name).toBe('prompt');
    expect(sure.remarks).toEqual([
      'The base model with a good prompt does better (similarity 60%): prompting is enough.',
    ]);
  });

  it('says what sentences name of what they should, and what they invent', () => {
    const slots = { before: 0.47, after: 0.82, invented: 0.03 };
    expect(judge({ ...NOTHING, task: 'free', score: similarity(0.3, 0.5), slots }).remarks).toEqual([
      'It names 82% of the values that it should, 47% before; 3% of those that it names are invented.',
    ]);
  });

  it('says how wide the range of the score is, and what narrows it', () => {
    const remarks = (low: number, high: number, available: number) => {
      const score = { ...right(0, 0.5)!, after: { value: 0.5, low, high } };
      return judge({ ...NOTHING, score, available }).remarks;
    };
    expect(remarks(0.45, 0.55, 100)).toEqual([]);
    // twice as wide, so four times the rows
    expect(remarks(0.4, 0.6, 100)).toEqual([
      "The score's range spans 20 points: 300 more test rows would narrow it to 10.",
    ]);
    expect(remarks(0.4, 0.6, 400)).toEqual([
      "The score's range spans 20 points. A thorough comparison narrows it to 10.",
    ]);
    expect(judge({ ...NOTHING, task: 'text', loss: loss(2, 1, 0.02, 12) }).remarks).toEqual([
      'With 12 test rows, these figures are uncertain.',
    ]);
  });

  it('remarks on prompting, on harm, and on memorised rows', () => {
    const figures = { score: right(0.5, 0.3, 20), prompted: [system(0.6, -0.3)], memorised: true };
    expect(judge({ ...NOTHING, ...figures }).remarks).toEqual([
      'The base model with a system prompt does better (60% right): prompting is enough.',
      'The trained model answers test rows worse than the base model.',
      'It memorised training rows: it does much better on them than on new rows.',
    ]);
  });

  it('says that what a sorting model forgot matters only where it also chats', () => {
    const remarks = (task: TaskKind, after: number) =>
      judge({ ...NOTHING, task, score: right(0, 0.9), quiz: quiz(0.9, after) }).remarks;
    const matters = 'What it forgot matters only if you also chat with it.';
    expect(remarks('label', 0.1)).toContain(matters);
    expect(remarks('json', 0.1)).toContain(matters);
    expect(remarks('short', 0.1)).not.toContain(matters);
    expect(remarks('label', 0.9)).not.toContain(matters);
  });

  it('says of a prompt that is as poor as the training that neither is good', () => {
    const figures = { score: right(0.01, 0.04), prompted: [examples(0.04, 0)] };
    expect(judge({ ...NOTHING, ...figures }).remarks).toEqual([
      'The base model with a good prompt does about as well (4% right), but neither is good.',
    ]);
    const good = { score: right(0.3, 0.62), prompted: [examples(0.58, 0.04)] };
    expect(judge({ ...NOTHING, ...good }).remarks).toEqual([]);
  });
});
