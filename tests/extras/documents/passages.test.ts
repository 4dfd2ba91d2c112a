import { describe, expect, it } from 'vitest';
import type { Block } from '../../../main/rows/documents/block.ts';
import { passagesOf, wordsOf } from '../../../main/rows/documents/passages.ts';

/** A paragraph of so many words in sentences of ten. */
function text(words: number, name = 'word'): Block {
  const all = Array.from({ length: words }, (_, i) =>
    i % 10 === 9 ? `${name}${i}.` : i % 10 === 0 ? `The` : `${name}${i}`,
  );
  return { level: 0, text: all.join(' ') };
}
const heading = (level: number, title: string): Block => ({ level, text: title });

describe('passages', () => {
  it('have 100 to 400 words, and all of the text once', () => {
    const blocks = [90, 80, 250, 30, 900, 60, 5].map((words, index) => text(words, `p${index}w`));
    const passages = passagesOf(blocks);
    expect(passages.every(({ words }) => words <= 400)).toBe(true);
    expect(passages.slice(0, -1).every(({ words }) => words >= 100)).toBe(true);
    const all = (parts: readonly { readonly text: string }[]) =>
      parts.flatMap((one) => one.text.split(/\s+/));
    expect(all(passages)).toEqual(all(blocks));
  });

  it('end at headings, whose names they keep', () => {
    const passages = passagesOf([
      heading(1, 'Lamp'),
      heading(2, 'Care'),
      text(120),
      heading(2, 'Use'),
      { ...text(150), page: 4 },
      heading(1, 'Guarantee'),
      text(110),
    ]);
    expect(passages.map(({ heading: at, page, words }) => [at, page, words])).toEqual([
      ['Lamp › Care', null, 120],
      ['Lamp › Use', 4, 150],
      ['Guarantee', null, 110],
    ]);
  });

  it('join short sections, whose headings then stand in the text', () => {
    const [only, ...others] = passagesOf([heading(1, 'One'), text(40), heading(1, 'Two'), text(70)]);
    expect(others).toEqual([]);
    expect(only).toMatchObject({ heading: 'One', words: 110 });
    expect(only?.text).toContain('\nTwo\n');
  });

  it('cut where no sentence ends, and leave out what is hardly a text', () => {
    const endless = { level: 0, text: Array.from({ length: 1000 }, (_, i) => `w${i}`).join(' ') };
    const passages = passagesOf([endless]);
    expect(passages.every(({ words }) => words <= 400)).toBe(true);
    expect(passages.reduce((sum, { words }) => sum + words, 0)).toBe(1000);
    expect(passagesOf([{ level: 0, text: 'Page left blank.' }])).toEqual([]);
  });

  it('are shorter for models that read less', () => {
    expect(passagesOf([text(300)], 80).map(({ words }) => words)).toEqual([80, 80, 80, 60]);
  });
});

it('counts words of scripts without spaces by characters', () => {
  expect(wordsOf('The lamp is blue.')).toBe(4);
  expect(wordsOf('電気を消します')).toBe(4);
});
