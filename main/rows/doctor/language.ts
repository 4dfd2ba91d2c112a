/**
 * Which language a row is in, from the first part of its answer (or of its question where the answer is short). Short texts, code and
 * tables are left undecided: a wrong guess here would accuse a good row.
 */
import type { LooseRow } from '../loose-row.ts';

const SAMPLE_CHARS = 140;
const FEWEST_LETTERS = 60;
const FEWEST_WORDS = 10;
/** Other languages whose score comes this close to the best one may be meant as well. */
const CLOSE = 0.8;

/** What the detector says of a row; each up to three language numbers + 1, 8 bits each, and above them the part (`PARTS`). */
export interface LanguageGuess {
  /** The likeliest language alone; 0 where too little is written. */
  readonly likeliest: number;
  /** It and those close to it, likeliest lowest; 0 where the detector is not sure. */
  readonly close: number;
}

interface LanguageGuesser {
  /** ISO 639-1 codes by number. */
  readonly languages: readonly string[];
  guess(row: LooseRow): LanguageGuess;
}

export const NO_LANGUAGE: LanguageGuess = { likeliest: 0, close: 0 };

/** What is remembered of guesses: what is in the usual language accuses nobody, so nothing more needs to be known of it. */
export class UsualLanguage {
  readonly #seen = new Uint32Array(256);
  #usual = 0;

  remembered({ likeliest, close }: LanguageGuess): number {
    if (likeliest === 0) return 0;
    const language = likeliest & 0xff;
    if (++this.#seen[language]! > this.#seen[this.#usual]! || language === this.#usual)
      this.#usual = language;
    return language === this.#usual ? likeliest : close;
  }
}

/** Frequent words, hardly any of which another language has: a text with enough of them needs no detector. */
const ENGLISH = new Set(
  `the and that this these those with for from are were have has they their there which would should could what when
  where your you because been being about into only other then than will shall does did how who why it its`.split(
    /\s+/,
  ),
);
const ENGLISH_SHARE = 0.15;
const FEWEST_ENGLISH_WORDS = 3;

/** Answers and questions may be in two languages on purpose (translation), so each are compared among themselves. */
export const PARTS = { answer: 1, question: 2 } as const;

/** Loads the detector (1.5 MB of statistics), which is why nothing else imports it. */
export async function openLanguageGuesser(): Promise<LanguageGuesser> {
  const { eld } = await import('eld/small');
  const languages = Object.values(eld.info().Languages);
  const numbers = new Map(languages.map((code, number) => [code, number + 1]));
  const guess = (row: LooseRow): LanguageGuess => {
    const sample = sampleOf(row);
    if (sample === null) return NO_LANGUAGE;
    const part = PARTS[sample.part] << 24;
    const result = isPlainlyEnglish(sample.text) ? null : eld.detect(sample.text);
    const likeliest = part | (numbers.get(result?.language ?? 'en') ?? 0);
    if (result === null) return { likeliest, close: likeliest };
    if (!result.isReliable()) return { likeliest, close: 0 };
    const scores = Object.entries(result.getScores());
    const best = scores[0]?.[1] ?? 0;
    const near = scores.filter(([, score]) => score >= CLOSE * best).slice(0, 3);
    const close = near.reduce((all, [one], i) => all | ((numbers.get(one) ?? 0) << (8 * i)), part);
    return { likeliest, close };
  };
  return { languages, guess };
}

/** Running prose of the row for the detector, or null where there is too little of it. */
function sampleOf({ turns }: LooseRow): { text: string; part: keyof typeof PARTS } | null {
  for (let i = turns.length - 1; i >= 0; i--) {
    const text = proseOf(turns[i]!.content);
    if (text !== null) return { text, part: i === turns.length - 1 ? 'answer' : 'question' };
  }
  return null;
}

function proseOf(content: string): string | null {
  if (content.length < FEWEST_LETTERS / 3) return null;
  const text = content
    .slice(0, 3 * SAMPLE_CHARS)
    .replace(/```[\s\S]*?(?:```|$)|`[^`\n]*`|https?:\/\/\S+|\S+@\S+|<[^>\n]{1,80}>/g, ' ')
    // words with signs of code in or around them
    .replace(/\S*[_={}\\<>|;\d()[\]/]\S*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, SAMPLE_CHARS);
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (isUnspaced(text)) return letters >= FEWEST_LETTERS / 3 ? text : null;
  const words = text.split(' ').length;
  return letters >= FEWEST_LETTERS && words >= FEWEST_WORDS && letters > 0.6 * text.length ? text : null;
}

function isPlainlyEnglish(text: string): boolean {
  const words = text.toLowerCase().split(' ');
  const known = words.filter((word) => ENGLISH.has(word));
  return known.length >= ENGLISH_SHARE * words.length && new Set(known).size >= FEWEST_ENGLISH_WORDS;
}

/** Scripts that are written without spaces: each character is about a word. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const UNSPACED_ALL = new RegExp(UNSPACED.source, 'gu');
const ASCII = /^\p{ASCII}*$/u;
const OPENING_MARKS = ' "\'“”„«»¿¡「『';
const CLOSING_MARKS = ' "\'“”„«».?!…？！。」』～';

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
    .replace(/[.,;:!?'"`´‘’“”„«»…()[\]{}。、·～「」『』《》〈〉【】]+/gu, ' ')
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
