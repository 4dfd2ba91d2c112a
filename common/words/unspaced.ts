/** Scripts that put no spaces between words: what counts or looks for words takes their signs apart. */

/** One sign of such a script, as part of a regular expression. */
export const UNSPACED =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}]';

const SIGN = new RegExp(UNSPACED, 'u');
const SIGNS = new RegExp(UNSPACED, 'gu');
const BETWEEN = new RegExp(`(?<=${UNSPACED}) (?=${UNSPACED})`, 'gu');

export function hasUnspaced(text: string): boolean {
  return SIGN.test(text);
}

/** `text` with a space around each such sign, so that each is a word: 退款 of ABC -> 退 款 of ABC. */
export function apart(text: string): string {
  return hasUnspaced(text) ? text.replace(SIGNS, ' $& ') : text;
}

/** The reverse, for what a person reads: 退 款 -> 退款. */
export function together(text: string): string {
  return text.replace(BETWEEN, '');
}

/** Words of a text; two signs of a script without spaces count as one. */
export function countWords(text: string): number {
  const signs = text.match(SIGNS)?.length ?? 0;
  const others = signs === 0 ? text : text.replace(SIGNS, ' ');
  const words = others
    .split(/\s+/u)
    .filter((word) => word !== '' && (signs === 0 || /[\p{L}\p{N}]/u.test(word)));
  return words.length + Math.ceil(signs / 2);
}
