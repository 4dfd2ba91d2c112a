import { describe, expect, it } from 'vitest';
import { closedErrors } from '../../../../../main/engine/eval/assess/mixups.ts';

const rows = (pairs: readonly (readonly [text: string, answer: string])[]) =>
  pairs.map(([text, answer]) => ({ text, answer }));
const many = (count: number, text: string, answer: string) =>
  Array.from({ length: count }, (_, i) => ({ text: `${text} ${i}`, answer }));

describe('what a model mixes up', () => {
  const answers = ['card', 'cash', 'fees'];
  const asked = rows([
    ['a', 'card'],
    ['b', 'card'],
    ['c', 'cash'],
    ['d', 'fees'],
    ['e', 'fees'],
    ['f', 'cash'],
  ]);

  it('is the pair with the most errors, both ways, with its rows', () => {
    const given = ['cash', 'cash', 'card', 'fees', 'card', 'cash'];
    const { rows: all, wrong, mixup, categories } = closedErrors(answers, [], asked, given);
    expect([all, wrong]).toEqual([6, 4]);
    expect(mixup).toMatchObject({ key: null, names: ['card', 'cash'] });
    expect(mixup!.rows.map(({ text, given: said }) => [text, said])).toEqual([
      ['a', 'cash'],
      ['b', 'cash'],
      ['c', 'card'],
    ]);
    expect(categories.map(({ name, asked: of, wrong: its }) => [name, its, of])).toEqual([
      ['card', 2, 2],
      ['cash', 1, 2],
      ['fees', 1, 2],
    ]);
  });

  it('is nothing where two rows at most are wrong alike', () => {
    const given = ['cash', 'cash', 'cash', 'fees', 'card', 'cash'];
    expect(closedErrors(answers, [], asked, given).mixup).toBeNull();
  });

  it('names training rows that look like the other one', () => {
    const taught = [
      ...many(8, 'lost plastic', 'card'),
      ...many(8, 'bank notes', 'cash'),
      { text: 'bank notes again', answer: 'card' },
    ];
    const given = ['cash', 'cash', 'card', 'fees', 'fees', 'cash'];
    const { mixup, categories } = closedErrors(answers, taught, asked, given);
    expect(mixup!.rows.filter(({ isTest }) => !isTest)).toHaveLength(1);
    expect(mixup!.rows.at(-1)).toEqual({
      text: 'bank notes again',
      answer: 'card',
      given: 'cash',
      isTest: false,
    });
    expect(categories[0]).toMatchObject({ name: 'card', taught: 9 });
  });

  it('of JSON answers is looked for in the field with the most errors', () => {
    const json = (topic: string, urgent: boolean) => JSON.stringify({ topic, urgent });
    const all = ['card', 'cash'].flatMap((topic) => [true, false].map((urgent) => json(topic, urgent)));
    const wanted = many(4, 'x', json('card', true));
    const given = [json('cash', true), json('cash', true), json('cash', false), json('card', true)];
    const { mixup, wrong } = closedErrors(all, [], wanted, given);
    expect(wrong).toBe(3);
    expect(mixup).toMatchObject({ key: 'topic', names: ['card', 'cash'] });
  });
});
