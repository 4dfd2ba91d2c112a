import { describe, expect, it } from 'vitest';
import { Distinct, quotable, ungrounded, written } from '../../../main/engine/extras/documents/grounding.ts';

const PASSAGE =
  'Clean the filter once a month.\nThe guarantee lasts 3 years — “without exception”. It costs 20.50 euros.';
const row = (quote: string, answer = 'Once a month.', question = 'How often is the filter cleaned?') => ({
  ...{ quote, question, answer },
});

describe('a written row', () => {
  it('is JSON with a quote, a question and an answer', () => {
    expect(written('{"quote":"a b c","question":" Why? ","answer":"So."}')).toEqual({
      quote: 'a b c',
      question: 'Why?',
      answer: 'So.',
    });
    const endless = ['So it is. So it is.', 'why?', 'So '.repeat(100)].map((answer) =>
      JSON.stringify({ quote: 'a b c', question: 'Why?', answer }),
    );
    for (const bad of [
      ...endless,
      '',
      '{"quote":"a',
      '{"quote":"a","question":"","answer":"b"}',
      '[]',
      '{"quote":1}',
    ])
      expect(written(bad)).toBeNull();
  });

  it.each([
    ['word for word', 'Clean the filter once a month.'],
    ['in other capitals and marks', '"clean the filter once a month"'],
    ['over a line', 'once a month. The guarantee lasts'],
    ['with other quotation marks and dashes', 'lasts 3 years - "without exception"'],
  ])('rests on its passage where the quote stands there %s', (_, quote) => {
    expect(ungrounded(row(quote), PASSAGE)).toBeNull();
  });

  it.each([
    ['changed', 'Clean the filter twice a month.'],
    ['with words left out', 'Clean the filter a month.'],
    ['hardly there', 'the filter'],
    ['elsewhere', 'The lamp is blue and green.'],
  ])('does not where the quote is %s', (_, quote) => {
    expect(ungrounded(row(quote), PASSAGE)).toBe('unquoted');
  });

  it('does not where it has a number of its own', () => {
    expect(ungrounded(row('The guarantee lasts 3 years', 'It lasts 3 years.'), PASSAGE)).toBeNull();
    expect(ungrounded(row('The guarantee lasts 3 years', 'It lasts 5 years.'), PASSAGE)).toBe('foreign');
    expect(ungrounded(row('It costs 20.50 euros', 'It costs 20 euros.'), PASSAGE)).toBe('foreign');
  });
});

describe('an answer', () => {
  const quote = 'Clean the filter once a month.';

  it('may say it in other forms of the same words', () => {
    expect(ungrounded(row(quote, 'The filter is cleaned monthly.'), PASSAGE)).toBeNull();
    expect(ungrounded(row(quote, 'Yes.'), PASSAGE)).toBeNull();
  });

  it('may not say what is not there', () => {
    expect(ungrounded(row(quote, 'A technician replaces the cartridge every summer.'), PASSAGE)).toBe(
      'foreign',
    );
  });

  it('is compared letter by letter where no spaces are written', () => {
    const passage = 'フィルターは月に一度、ぬるま湯で洗ってください。保証期間は三年です。';
    const asked = { quote: '保証期間は三年です', question: '保証期間はどのくらいですか。' };
    expect(ungrounded({ ...asked, answer: '保証期間は三年です。' }, passage)).toBeNull();
    expect(ungrounded({ ...asked, answer: '電池は毎週交換しましょう。' }, passage)).toBe('foreign');
  });

  it('is to a question about the passage', () => {
    expect(ungrounded(row(quote, 'Once a month.', 'Where do books stand?'), PASSAGE)).toBe('foreign');
  });
});

it('offers the sentences of a passage to quote, each once', () => {
  expect(
    quotable(`Lamp\nClean it often. It is blue now!\nClean it often. ${'very '.repeat(80)}long.`),
  ).toEqual(['Clean it often.', 'It is blue now!']);
});

describe('rows', () => {
  it('are kept once, also where they are only nearly the same', () => {
    const distinct = new Distinct();
    const question = 'How often does the filter of the lamp need to be cleaned?';
    const answer = 'The filter of the lamp needs to be cleaned once a month.';
    expect(distinct.add({ question, answer })).toBe(true);
    expect(
      distinct.add({
        question: 'how often does the filter of the lamp need to be cleaned',
        answer: 'Monthly.',
      }),
    ).toBe(false);
    expect(distinct.add({ question: question.replace('?', ' now?'), answer })).toBe(false);
    expect(distinct.add({ question: 'How long does the guarantee last?', answer: 'Three years.' })).toBe(
      true,
    );
  });
});
