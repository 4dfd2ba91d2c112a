/** What a teacher's answers come to: read in any dress, taken where all agree, and the doubtful ones first. */
import { describe, expect, it } from 'vitest';
import type { AnswerKind } from '../../../common/extras/teacher/kinds.ts';
import { lessonOf } from '../../../main/engine/extras/teacher/lesson.ts';
import { isAgreed, readingOf, votesOf } from '../../../main/engine/extras/teacher/readings.ts';
import { type StudyAsked, study } from '../../../main/engine/extras/teacher/study.ts';
import { Journal } from '../../../main/extras/teacher/journal.ts';
import { taughtCounts, taughtRows, taughtText } from '../../../main/extras/teacher/written.ts';

const CATEGORIES = ['card lost', 'card', 'refund'];
const rows = (answers: readonly string[]) => answers.map((answer, i) => ({ text: `t${i}`, answer }));

describe('a lesson', () => {
  it('names the categories of the examples and shows two of each', () => {
    const examples = rows(['a', 'b', 'a', 'b', 'a', 'b']);
    const { kind, answers, messages } = lessonOf({ examples, rubric: 'Mind the tone.' });
    expect([kind, answers]).toEqual(['categories', ['a', 'b']]);
    expect(messages[0]!.content).toMatch(/- a\n- b\n[\s\S]*Mind the tone\.$/);
    expect(messages.slice(1).map(({ content }) => content)).toEqual([
      't0',
      'a',
      't1',
      'b',
      't2',
      'a',
      't3',
      'b',
    ]);
  });

  it('tells JSON and free answers from the examples, or is told', () => {
    const json = rows(['{"a":1}', '{"a":2,"b":3}', '{"a":4}']);
    expect(lessonOf({ examples: json })).toMatchObject({ kind: 'json', answers: [] });
    expect(lessonOf({ examples: json }).messages[0]!.content).toContain('"a", "b"');
    expect(lessonOf({ examples: rows(['One.', 'Two.', 'Three.']) }).kind).toBe('free');
    expect(lessonOf({ examples: rows(['x', 'y']), kind: 'categories' }).answers).toEqual(['x', 'y']);
    expect(() => lessonOf({ examples: [] })).toThrow('no examples');
    expect(() => lessonOf({ examples: rows(['x', 'x']), kind: 'categories' })).toThrow('same answer');
  });

  it('has another name where anything in it is another', () => {
    const [one, two] = [undefined, 'b'].map((rubric) =>
      lessonOf({ examples: rows(['a', 'b', 'a', 'b']), ...(rubric && { rubric }) }),
    );
    expect(one!.id).not.toBe(two!.id);
  });
});

describe('an answer', () => {
  const read = readingOf('categories', CATEGORIES, new Set());
  it.each([
    ['refund', 'refund'],
    ['  **Refund.** ', 'refund'],
    ['Category: "Card lost"', 'card lost'],
    ['<think>maybe refund</think>\ncard', 'card'],
    ['{"category": "card lost"}', 'card lost'],
    ['The text is about card lost.', 'card lost'],
    ['It could be card or refund', null],
    ['cards', null],
    ['{"category": "other"}', null],
    ['<think>it is a refund', null],
    ['', null],
    ['constructor', null],
  ])('%s is read as %s', (said, answer) => expect(read(said)).toBe(answer));

  it('of JSON has the fields of the examples and no others', () => {
    const json = readingOf('json', [], new Set(['a', 'b']));
    expect(json('```json\n{"a": 1}\n```')).toBe('{"a":1}');
    expect([json('{"c": 1}'), json('{}'), json('[1]'), json('{"a":')]).toEqual([null, null, null, null]);
  });

  it.each<[AnswerKind, (string | null)[], string, number, boolean]>([
    ['categories', ['a', 'a', 'a'], 'a', 1, true],
    ['categories', ['a', 'b', 'a'], 'a', 2 / 3, false],
    ['categories', ['a', null, 'a'], 'a', 2 / 3, false],
    ['json', ['{"a":1,"b":2}', '{"b":2,"a":1}'], '{"a":1,"b":2}', 1, true],
    [
      'free',
      ['Your card is on its way.', 'Your card is on its way!', 'Nothing of the kind'],
      'Your card is on its way.',
      0.5,
      false,
    ],
    [
      'free',
      ['Your card is on its way.', 'Your card is on its way.', 'Your card is on the way.'],
      'Your card is on its way.',
      0.9,
      true,
    ],
    ['free', ['Alone.', null, null], 'Alone.', 0, false],
  ])('of %s in samples %j counts', (kind, samples, first, agreement, agreed) => {
    const votes = votesOf(kind, samples);
    expect(votes.choices[0]!.answer).toBe(first);
    expect(Math.abs(votes.agreement - agreement)).toBeLessThan(0.12);
    expect(isAgreed(kind, votes)).toBe(agreed);
  });
});

/** Texts of two topics; the teacher slips on one that the student knows, and is unsure of another. */
function planted(): StudyAsked {
  const text = (i: number) =>
    i % 2 === 0 ? `my card number ${i} was stolen in town` : `please refund payment ${i} to my bank`;
  const truth = (i: number) => (i % 2 === 0 ? 'lost' : 'refund');
  const all = Array.from({ length: 60 }, (_, i) => ({ text: text(i), answer: truth(i) }));
  const said = (i: number) =>
    i === 11 ? ['lost', 'lost', 'lost'] : i === 20 ? ['lost', 'refund', 'x'] : Array(3).fill(truth(i));
  return {
    ...{ kind: 'categories', answers: ['lost', 'refund'], encoder: null, decided: [] },
    examples: all.slice(50),
    rows: all.slice(0, 50).map((row, i) => ({ row: i, text: row.text, said: said(i) })),
  };
}
const never = new AbortController().signal;

describe('what the answers come to', () => {
  it('takes what all agree on, and asks about a slip that the student sees and a row without agreement', async () => {
    const found = await study(planted(), never);
    expect(found.order.toSorted((a, b) => a - b)).toEqual([11, 20]);
    expect(found.rows.filter(({ taken }) => taken !== null)).toHaveLength(48);
    expect(found.rows[11]).toMatchObject({
      taken: null,
      agreement: 1,
      choices: [
        { answer: 'lost', votes: 3 },
        { answer: 'refund', votes: 0 },
      ],
    });
    expect([found.usable, found.samples]).toEqual([149, 150]);
    expect(found.student).toEqual({ encoder: null });
  });

  it('asks no more about what was decided', async () => {
    const found = await study(
      {
        ...planted(),
        decided: [
          { row: 11, answer: 'refund' },
          { row: 20, answer: null },
        ],
      },
      never,
    );
    expect(found.order).toEqual([]);
  });

  it('asks about different texts before it asks about the same again', async () => {
    const asked = planted();
    const twins = ['where is it', 'where is it now', 'where is it then', 'exchange rate of euros'];
    const more = twins.map((text, i) => ({ row: 50 + i, text, said: ['lost', 'refund', 'lost'] }));
    const { order } = await study(
      { ...asked, rows: [...asked.rows.filter(({ row }) => row !== 11 && row !== 20), ...more] },
      never,
    );
    expect(order).toHaveLength(4);
    expect(order.indexOf(53)).toBeLessThan(2);
  });

  it('is rows that say where each answer is from', async () => {
    const asked = planted();
    const head = {
      name: 'r',
      kind: 'categories' as const,
      answers: ['lost', 'refund'],
      samples: 3,
      temperature: 0.7,
      examples: [...asked.examples],
      texts: asked.rows.map(({ text }) => text),
    };
    const { mkdtemp, rm } = await import('node:fs/promises');
    const folder = await mkdtemp(`${process.env.TMPDIR ?? '/tmp'}/fettle-study-`);
    const journal = await Journal.create(`${folder}/j`, head);
    for (const { row, said } of asked.rows)
      await journal.add({ row, said: [...said], model: 'large', lesson: 'l', tokens: 1, seconds: 1 });
    await journal.add({ row: 11, decided: 'refund' });
    const found = await study({ ...asked, decided: [{ row: 11, answer: 'refund' }] }, never);
    expect(taughtCounts(journal, found)).toEqual({
      examples: 10,
      taken: 48,
      decided: 1,
      leftOut: 0,
      open: 1,
      unanswered: 0,
    });
    const written = taughtRows(journal, found);
    expect(written).toHaveLength(59);
    expect(written.find(({ prompt }) => prompt === head.texts[11])).toEqual({
      ...{ prompt: head.texts[11], completion: 'refund', fettle_origin: 'teacher', fettle_model: 'large' },
      ...{ fettle_lesson: 'l', fettle_agreement: '1.00', fettle_confirmed: 'person' },
      ...{ fettle_varies: '', fettle_varies_model: '', fettle_varies_lesson: '' },
    });
    expect(written.find(({ prompt }) => prompt === head.texts[0])).toMatchObject({ fettle_confirmed: '' });
    expect(written[0]).toMatchObject({ fettle_origin: 'person', fettle_confirmed: 'person' });
    expect(taughtText('a.csv', written).split('\r\n')[0]).toBe(
      'prompt,completion,fettle_origin,fettle_model,fettle_lesson,fettle_agreement,fettle_confirmed',
    );
    expect(JSON.parse(taughtText('a.jsonl', written).split('\n')[0]!)).not.toHaveProperty('fettle_model');
    await rm(folder, { recursive: true });
  });
});
