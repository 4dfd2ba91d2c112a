/** Answers from a closed set: which they are, and what of them is right. */
import { describe, expect, test } from 'vitest';
import { MOST_LABELS } from '../../../../../main/engine/eval/assess/task.ts';
import {
  AnswerTally,
  accuraciesOf,
  closedFigures,
  formOf,
  placeIn,
} from '../../../../../main/engine/eval/classify/closed-set.ts';

function closedOf(answers: readonly string[]): readonly string[] | null {
  const tally = new AnswerTally();
  for (const answer of answers) tally.add(answer);
  return tally.closed;
}

const many = (count: number, each: number) =>
  Array.from({ length: count * each }, (_, i) => `label ${i % count}`);

describe('which answers form a closed set', () => {
  test('few that come back, the most frequent first, each as it is mostly written', () => {
    expect(closedOf(['a', 'b', 'B', 'b', 'b.', 'a'])).toEqual(['b', 'a']);
    const json = ['{"x":1,"y":true}', '{"y": true, "x": 1}', '{"x":2,"y":true}', '{"x":1,"y":true}'];
    expect(closedOf(json)).toEqual(['{"x":1,"y":true}', '{"x":2,"y":true}']);
  });

  test('not one alone, nor many, nor such as rarely come back', () => {
    expect(closedOf(['a', 'a', 'a', 'a'])).toBeNull();
    expect(closedOf([])).toBeNull();
    expect(closedOf(['a', 'b', 'c', 'a', 'b'])).toBeNull();
    expect(closedOf(many(MOST_LABELS, 3))).toHaveLength(MOST_LABELS);
    expect(closedOf(many(MOST_LABELS + 1, 3))).toBeNull();
  });
});

test('an answer has a place by what it says', () => {
  const place = placeIn(['Card lost', '{"a":1,"b":2}']);
  expect(['card  lost.', '{"b":2,"a":1}', '{"a":1}', ''].map(place)).toEqual([0, 1, -1, -1]);
});

const ANSWERS = [
  '{"topic":"x","urgent":true}',
  '{"topic":"y","urgent":false}',
  '{"topic":"x","urgent":false}',
];

test('a text has the form where it says an allowed answer, or has the fields with values that they take', () => {
  const isLabel = formOf(['blue', 'red wine']);
  expect(['Red wine.', 'red', 'I like blue'].map(isLabel)).toEqual([true, false, false]);
  const isJson = formOf(ANSWERS);
  const texts = ['{"urgent": true, "topic": "y"}', '{"topic":"z","urgent":true}', '{"topic":"x"}', 'x'];
  expect(texts.map(isJson)).toEqual([true, false, false, false]);
  expect(isJson('{"topic":"x","urgent":true,"more":1}')).toBe(false);
});

test('figures have what they count, on how many rows, and an interval', () => {
  const given = [ANSWERS[0]!, ANSWERS[2]!, ANSWERS[1]!, ANSWERS[1]!];
  const wanted = [ANSWERS[0]!, ANSWERS[0]!, ANSWERS[1]!, ANSWERS[2]!];
  const figures = accuraciesOf(ANSWERS, given, wanted);
  expect(figures.map(({ key, rows, value }) => [key, rows, value])).toEqual([
    [null, 4, 0.5],
    ['topic', 4, 0.75],
    ['urgent', 4, 0.75],
  ]);
  for (const { low, value, high } of figures) expect(low < value && value < high).toBe(true);
  expect(accuraciesOf(['a', 'b'], ['a', 'a'], ['a', 'c']).map(({ key, value }) => [key, value])).toEqual([
    [null, 0.5],
  ]);
});

test('what is known and how it is written are figures apart', () => {
  const wanted = [...ANSWERS, ...ANSWERS];
  const chosen = { before: [...ANSWERS, ...Array(3).fill(ANSWERS[2])], after: wanted, wanted };
  const said = { before: Array(6).fill('The topic is x.'), after: [...wanted.slice(0, 5), 'x'] };
  const { answers, known, fields, form } = closedFigures(ANSWERS, chosen, said);
  expect([answers, known.before.value, known.after.value]).toEqual([3, 4 / 6, 1]);
  expect(known.gain.value).toBeCloseTo(2 / 6, 12);
  expect(fields.map(({ before: { key, value } }) => [key, value])).toEqual([
    ['topic', 5 / 6],
    ['urgent', 5 / 6],
  ]);
  expect([form.before.value, form.after.value]).toEqual([0, 5 / 6]);
});
