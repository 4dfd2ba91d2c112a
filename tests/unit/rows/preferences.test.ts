/** Preferences as other tools write them: which is the question, where the answers begin, and what is left out. */
import { describe, expect, it } from 'vitest';
import { looseToJson } from '../../../main/rows/loose-row.ts';
import { preferenceReader } from '../../../main/rows/preferences.ts';
import { strictRow } from '../../../main/rows/schema.ts';

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

function read(record: unknown) {
  const reader = preferenceReader(record);
  if (!reader) return undefined;
  const loose = reader(record as Record<string, unknown>, 'here');
  return loose && strictRow(loose, 'here');
}

/** What is said in both answers and their question, in short. */
function told(record: unknown) {
  const row = read(record);
  if (row?.kind !== 'preference') return row;
  const texts = (of: typeof row.chosen) =>
    of.kind === 'chat'
      ? of.messages.slice(of.contextMessages).map(({ content }) => content)
      : [of.completion];
  const { chosen } = row;
  const question =
    chosen.kind === 'chat'
      ? chosen.messages.slice(0, chosen.contextMessages).map(({ content }) => content)
      : [...(chosen.system === undefined ? [] : [chosen.system]), chosen.prompt];
  return { question, chosen: texts(chosen), rejected: texts(row.rejected) };
}

const GOOD = { question: ['Q?'], chosen: ['good'], rejected: ['bad'] };

describe('a better and a worse answer', () => {
  it.each<[string, unknown]>([
    ['texts', { prompt: 'Q?', chosen: 'good', rejected: 'bad' }],
    ['messages', { prompt: [user('Q?')], chosen: [assistant('good')], rejected: [assistant('bad')] }],
    ['single messages', { prompt: [user('Q?')], chosen: assistant('good'), rejected: assistant('bad') }],
    [
      'whole conversations',
      { chosen: [user('Q?'), assistant('good')], rejected: [user('Q?'), assistant('bad')] },
    ],
    [
      'UltraFeedback',
      {
        prompt: 'Q?',
        chosen: [user('Q?'), assistant('good')],
        rejected: [user('Q?'), assistant('bad')],
        score_chosen: 8,
        score_rejected: 3,
      },
    ],
    [
      'OpenAI',
      {
        input: { messages: [user('Q?')], tools: [], parallel_tool_calls: true },
        preferred_output: [assistant('good')],
        non_preferred_output: [assistant('bad')],
      },
    ],
    [
      'ShareGPT',
      {
        conversations: [{ from: 'human', value: 'Q?' }],
        chosen: { from: 'gpt', value: 'good' },
        rejected: { from: 'gpt', value: 'bad' },
      },
    ],
    [
      'HH transcripts',
      { chosen: '\n\nHuman: Q?\n\nAssistant: good', rejected: '\n\nHuman: Q?\n\nAssistant: bad' },
    ],
    ['ratings', { instruction: 'Q?', generations: ['bad', 'so so', 'good'], ratings: [1, 2, 5] }],
    [
      'rated completions',
      {
        instruction: 'Q?',
        completions: [
          { response: 'good', overall_score: 9 },
          { response: 'bad', overall_score: 2 },
        ],
      },
    ],
    ['an arena', { prompt: 'Q?', response_a: 'bad', response_b: 'good', winner: 'model_b' }],
    [
      'Label Studio',
      {
        data: { prompt: 'Q?', answer1: 'good', answer2: 'bad' },
        annotations: [{ result: [{ type: 'pairwise', value: { selected: 'left' } }] }],
      },
    ],
    ['two columns', { question: 'Q?', chosen: 'good', rejected: 'bad', id: 7 }],
  ])('is read from %s', (_, record) => {
    expect(told(record)).toEqual(GOOD);
  });

  it('keeps a system message and earlier turns as the question', () => {
    const before = [user('one'), assistant('two'), user('three')];
    expect(told({ chosen: [...before, assistant('good')], rejected: [...before, assistant('bad')] })).toEqual(
      {
        ...GOOD,
        question: ['one', 'two', 'three'],
      },
    );
    expect(told({ system: 'Be kind.', prompt: 'Q?', chosen: 'good', rejected: 'bad' })).toEqual({
      ...GOOD,
      question: ['Be kind.', 'Q?'],
    });
  });

  it('parts at the last answer of a transcript, and never inside one', () => {
    const before = '\n\nHuman: Hi\n\nAssistant: Hello\n\nHuman: Q?\n\nAssistant:';
    expect(told({ chosen: `${before} I think so.`, rejected: `${before} I think not.` })).toEqual({
      question: ['Hi', 'Hello', 'Q?'],
      chosen: ['I think so.'],
      rejected: ['I think not.'],
    });
    // an answer that quotes how it is spoken to is one answer
    const quoting = `${before} Write Assistant: before it.`;
    expect(told({ chosen: quoting, rejected: `${before} bad` })).toMatchObject({
      chosen: ['Write Assistant: before it.'],
    });
  });

  it('leaves out what was found equally good', () => {
    expect(read({ prompt: 'Q?', chosen: 'a', rejected: 'b', score_chosen: 5, score_rejected: 5 })).toBeNull();
    expect(read({ instruction: 'Q?', generations: ['a', 'b'], ratings: [3, 3] })).toBeNull();
    expect(read({ prompt: 'Q?', response_a: 'a', response_b: 'b', winner: 'tie' })).toBeNull();
  });

  it('wants a question, and two answers', () => {
    expect(() => read({ chosen: 'a', rejected: 'b' })).toThrow('The answers have no question.');
    expect(() => read({ prompt: 'Q?', chosen: '', rejected: 'b' })).toThrow('here');
    expect(() => read({ prompt: 'Q?', chosen: 'a', rejected: null })).toThrow('here');
    expect(() => read({ prompt: 'Q?', chosen: 7, rejected: 'b' })).toThrow('here');
  });

  it('is the same row when it was written and read again', () => {
    for (const record of [
      { prompt: [user('Q?')], chosen: [assistant('good')], rejected: [assistant('bad')] },
      { prompt: [user('Q?')], completion: [assistant('good')], label: false },
    ]) {
      const loose = preferenceReader(record)!(record, 'here')!;
      const again = looseToJson(loose) as Record<string, unknown>;
      expect(preferenceReader(again)!(again, 'here')).toEqual(loose);
    }
  });
});

describe('a rated answer', () => {
  it.each<[unknown, boolean]>([
    [{ prompt: 'Q?', completion: 'A.', label: true }, true],
    [{ prompt: 'Q?', completion: 'A.', label: 'False' }, false],
    [{ prompt: [user('Q?')], completion: [assistant('A.')], label: false }, false],
    [{ messages: [user('Q?'), assistant('A.')], kto_tag: true }, true],
  ])('is read from %j', (record, good) => {
    expect(read(record)).toMatchObject({ kind: 'rated', good });
  });

  it('is no row with a category', () => {
    expect(read({ prompt: 'Q?', completion: 'A.', label: 'billing' })).toBeUndefined();
    expect(read({ text: 'Q?', label: true })).toBeUndefined();
    expect(read({ prompt: 'Q?', completion: 'A.' })).toBeUndefined();
  });
});
