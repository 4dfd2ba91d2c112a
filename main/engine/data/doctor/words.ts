/** Texts as the doctor compares them: spellings that differ in nothing that matters are made the same. */

/** Scripts that are written without spaces: each character is about a word. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const UNSPACED_ALL = new RegExp(UNSPACED.source, 'gu');
const ASCII = /^\p{ASCII}*$/u;
const OPENING_MARKS = ' "\'“”„«»¿¡';
const CLOSING_MARKS = ' "\'“”„«».?!…？！。';

/** `text` in compatibility form, lower case, with single spaces. */
export function caseless(text: string): string {
  const plain = ASCII.test(text) ? text : text.normalize('NFKC');
  return plain.toLowerCase().replace(/\s+/g, ' ').trim();
}

/** What two questions must have in common to be the same one: all but case, spacing and marks at their ends. */
export function questionKey(text: string): string {
  const key = caseless(text);
  let start = 0;
  let end = key.length;
  // by hand: a regular expression that ends in $ takes quadratic time for a long row of marks within a text
  while (start < end && OPENING_MARKS.includes(key[start]!)) start++;
  while (end > start && CLOSING_MARKS.includes(key[end - 1]!)) end--;
  return key.slice(start, end);
}

/** What two answers must have in common to be the same one. */
export function answerKey(text: string): string {
  return questionKey(text);
}

/** `text` for comparing by pieces: caseless, without punctuation marks. */
export function comparable(text: string): string {
  return caseless(text)
    .replace(/[.,;:!?'"`´‘’“”„«»…()[\]{}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Whether a good part of `text` is in a script without spaces. */
export function isUnspaced(text: string): boolean {
  if (!UNSPACED.test(text)) return false;
  return (text.match(UNSPACED_ALL)?.length ?? 0) > 0.3 * text.length;
}

/** Number of words, at most `limit`; a character of an unspaced script counts as half a word. */
export function countWords(text: string, limit: number): number {
  let words = 0;
  let within = false;
  for (let i = 0; i < text.length && words < limit; i++) {
    const unit = text.charCodeAt(i);
    const space = unit <= 32 || unit === 0xa0 || unit === 0x3000;
    if (!space && !within) words++;
    within = !space;
  }
  if (words >= limit || ASCII.test(text) || !isUnspaced(text)) return words;
  return Math.min(limit, Math.max(words, Math.ceil((text.match(UNSPACED_ALL)?.length ?? 0) / 2)));
}

/** All digits of `text` in a row, however numbers are grouped: rows that differ in a number are different rows. */
export function numbersIn(text: string): string {
  return text.match(/\d+/g)?.join('') ?? '';
}

/** The words of a `comparable` text, with one mark for each number, however its digits are grouped. */
export function wordsIn(text: string): string {
  return text.replace(/\d[\d ]*/g, '0 ');
}

/** Words that answer a question completely. */
const COMPLETE =
  /^(?:[-+]?[\d.,:/%€$£°]+\p{L}{0,3}|\p{L}|yes|no|true|false|maybe|never|always|ja|nein|oui|non|s[ií]|não|nao|sim|да|нет|是|否|はい|いいえ)$/u;

/** Whether the one-word answer `key` (as `answerKey` makes it) can stand alone; JSON and code can, too. */
export function isCompleteWord(key: string): boolean {
  return COMPLETE.test(key) || /[{}[\]<>=\\/]/.test(key);
}
