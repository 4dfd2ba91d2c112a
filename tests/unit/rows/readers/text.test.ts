import { describe, expect, it } from 'vitest';
import { PASSAGE_CHARS, PassageCutter } from '../../../../main/rows/readers/text.ts';

function cut(text: string, isMarkdown = false) {
  const cutter = new PassageCutter(isMarkdown);
  const passages = text.split('\n').flatMap((line, i) => cutter.add(line, i + 1));
  return [...passages, ...cutter.end()];
}

const texts = (text: string, isMarkdown = false) => cut(text, isMarkdown).map((passage) => passage.text);
const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');
const paragraph = (chars: number, word = 'word') => `${`${word} `.repeat(chars / (word.length + 1)).trim()}.`;

describe('PassageCutter', () => {
  it('puts short paragraphs together up to the limit and never cuts one', () => {
    const paragraphs = Array.from({ length: 12 }, (_, i) => paragraph(400, `w${i}`));
    const passages = texts(paragraphs.join('\n\n'));
    expect(passages.length).toBe(4);
    for (const passage of passages) expect(passage.length).toBeLessThanOrEqual(PASSAGE_CHARS);
    expect(passages.flatMap((passage) => passage.split('\n\n'))).toEqual(paragraphs);
  });

  it('leaves a long paragraph whole and cuts only a huge one, at the ends of sentences', () => {
    const long = paragraph(4000);
    expect(texts(`a\n\n${long}\n\nb`)).toEqual(['a', long, 'b']);
    const sentence = 'This is a sentence of the huge paragraph that never wants to end. ';
    const huge = sentence.repeat(200).trim();
    const pieces = texts(huge);
    expect(pieces.length).toBeGreaterThan(3);
    for (const piece of pieces.slice(0, -1)) {
      expect(piece.length).toBeLessThanOrEqual(PASSAGE_CHARS);
      expect(piece.endsWith('end.')).toBe(true);
    }
    expect(words(pieces.join(' '))).toEqual(words(huge));
  });

  it('loses nothing of text without blank lines, spaces or sentences', () => {
    const lines = Array.from({ length: 500 }, (_, i) => `line number ${i} of a file without blank lines`);
    expect(texts(lines.join('\n')).join('\n').split('\n')).toEqual(lines);
    const solid = '字'.repeat(9000);
    expect(texts(solid).join('')).toBe(solid);
    const emoji = '😀'.repeat(5000);
    const pieces = texts(emoji);
    expect(pieces.join('')).toBe(emoji);
    for (const piece of pieces) expect(piece.isWellFormed()).toBe(true);
  });

  it('begins a passage at a Markdown heading and keeps headings with what follows', () => {
    const text = '# Book\n\n## One\nFirst.\n\n## Two\n\nSecond.\n\nThird.';
    expect(cut(text, true)).toEqual([
      { text: '# Book\n\n## One\n\nFirst.', line: 1 },
      { text: '## Two\n\nSecond.\n\nThird.', line: 6 },
    ]);
    expect(texts(text)).toHaveLength(1);
  });

  it('takes hashes and blank lines in fenced code for code', () => {
    const code = '```sh\n# comment\n\n## more\n```';
    expect(texts(`# Head\n\n${code}\n\nEnd.`, true)).toEqual([`# Head\n\n${code}\n\nEnd.`]);
  });

  it('gives nothing for nothing', () => {
    expect(cut('')).toEqual([]);
    expect(cut(' \n\n\t\n')).toEqual([]);
    expect(texts('# Only a heading', true)).toEqual(['# Only a heading']);
  });
});
