import { describe, expect, test } from 'vitest';
import { jointFolds, jointRows } from '../../../../../main/engine/eval/rivals/joint-rows.ts';
import { crossedRows, dealtFolds } from '../../../../../main/engine/eval/rivals/logistic.ts';

const said = (rows: readonly string[]) =>
  rows.map((row) => {
    const [text, answer] = row.split('=');
    return { text: text!, answer: answer! };
  });

describe('rows of several columns', () => {
  test('a text stands with its answers in all columns, and several answers one after the other', () => {
    const columns = [
      { taught: said(['one=a', 'two=b', 'one=b', 'four=a']) },
      { taught: said(['two=yes', 'one=no', 'three=yes']) },
    ];
    expect(jointRows(columns)).toEqual([
      { text: 'one', rows: [0, 1] },
      { text: 'one', rows: [2, -1] },
      { text: 'two', rows: [1, 0] },
      { text: 'four', rows: [3, -1] },
      { text: 'three', rows: [-1, 2] },
    ]);
  });

  const texts = Array.from({ length: 90 }, (_, i) => `text ${i}`);
  const column = (answers: readonly string[], of: (i: number) => string | null) => ({
    ...{ answers, asked: [] },
    taught: texts.flatMap((text, i) => {
      const answer = of(i);
      return answer === null ? [] : [{ text, answer }];
    }),
  });
  const topics = column(['a', 'b', 'c'], (i) => 'abc'[i % 3]!);
  const urgent = column(['yes', 'no'], (i) => (i % 4 === 0 ? null : i % 5 === 0 ? 'yes' : 'no'));

  test('each is held by one fold, and no fold is asked a text that has taught it', () => {
    const again = [
      { text: 'text 7', answer: 'c' },
      { text: 'text 8', answer: 'c' },
    ];
    const twice = { ...topics, taught: [...topics.taught, ...again] };
    const folds = jointFolds({ ...twice, seed: 3, learnsAsked: false, others: [urgent] });
    const held = folds.flatMap((fold) => fold.held);
    expect([twice, urgent].map((_, at) => held.filter(({ rows }) => rows[at]! >= 0).length)).toEqual([
      92,
      urgent.taught.length,
    ]);
    for (const fold of folds) {
      const taught = new Set(fold.train.map(({ text }) => text));
      expect(fold.held.filter(({ text }) => taught.has(text))).toEqual([]);
      expect(fold.held.length + fold.train.length).toBe(92);
      for (const [at, { answers, taught: own }] of [twice, urgent].entries()) {
        const known = fold.train.flatMap(({ rows }) => (rows[at]! < 0 ? [] : [own[rows[at]!]!.answer]));
        expect(new Set(known)).toEqual(new Set(answers));
      }
    }
  });

  test('of one column they are the folds of a head on frozen vectors', () => {
    const order = crossedRows(topics.taught.length, 5);
    const kinds = Array.from(order, (row) => topics.answers.indexOf(topics.taught[row]!.answer));
    const wanted = dealtFolds(kinds).map(({ held }) => held.map((at) => topics.taught[order[at]!]!.text));
    const found = jointFolds({ ...topics, seed: 5, learnsAsked: false }).map(({ held }) =>
      held.map(({ text }) => text),
    );
    expect(found).toEqual(wanted);
  });
});
