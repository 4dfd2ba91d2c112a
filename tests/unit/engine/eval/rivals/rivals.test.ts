import { describe, expect, it } from 'vitest';
import { askRivals } from '../../../../../main/engine/eval/rivals/rivals.ts';

const COLOURS = ['red', 'green', 'blue'];
const rows = (count: number, answerOf: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => ({
    text: `the ${COLOURS[i % 3]} one, number ${i}`,
    answer: answerOf(i),
  }));
const ask = (...given: Parameters<typeof askRivals>) => askRivals(...given)?.rivals ?? [];
const byName = (rivals: ReturnType<typeof ask>) =>
  Object.fromEntries(rivals.map(({ name, score, lead }) => [name, [score.value, lead.value]]));

describe('simpler ways', () => {
  const answers = ['Red', 'Green', 'Blue'];
  const taught = rows(60, (i) => answers[i % 3]!);

  it('learn the rows and are asked the test rows, beside a model that is right in some of them', () => {
    const asked = rows(30, (i) => answers[i % 3]!);
    const rights = asked.map((_, i) => i < 24);
    const rivals = ask(answers, taught, asked, rights);
    expect(rivals.map(({ score }) => score.rows)).toEqual([30, 30, 30]);
    const { counter, nearest, frequent } = byName(rivals);
    expect(counter).toEqual([1, expect.closeTo(-0.2)]);
    expect(nearest).toEqual([1, expect.closeTo(-0.2)]);
    expect(frequent).toEqual([expect.closeTo(1 / 3), expect.closeTo(0.8 - 1 / 3)]);
  });

  it('take answers that are spelled otherwise for the same', () => {
    const rights = [false, false, false];
    const asked = rows(3, (i) => `  ${answers[i % 3]!.toLowerCase()} `);
    expect(byName(ask(answers, taught, asked, rights)).counter![0]).toBe(1);
  });

  it('learn each field of JSON answers apart, so that no pair of values has to have been seen', () => {
    const json = (i: number) => JSON.stringify({ colour: answers[i % 3], even: i % 2 === 0 ? 'yes' : 'no' });
    const parity = (i: number) => ({
      text: `${COLOURS[i % 3]} ${i % 2 === 0 ? 'left' : 'right'}`,
      answer: json(i),
    });
    const some = [0, 1, 2, 3, 4].flatMap((i) => Array.from({ length: 8 }, () => parity(i)));
    const all = [0, 1, 2, 3, 4, 5].map(json);
    const { counter } = byName(ask(all, some, [parity(5)], [true]));
    expect(counter).toEqual([1, 0]);
  });

  it('are none without rows to learn from, and the one answer where there is one', () => {
    expect(
      ask(
        answers,
        [],
        rows(3, () => 'Red'),
        [true, true, true],
      ),
    ).toEqual([]);
    const one = ask(
      answers,
      rows(5, () => 'Red'),
      rows(3, () => 'Red'),
      [true, true, false],
    );
    expect(byName(one).counter).toEqual([1, expect.closeTo(-1 / 3)]);
  });
});
