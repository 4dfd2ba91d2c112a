/** Marks and spaces between parts of what a person reads, where code puts the parts together; a sentence has its own in `words/`. */
import { type Language, language } from './language.ts';

interface Marks {
  /** Between words or figures in a row. */
  readonly comma: string;
  readonly semicolon: string;
  readonly colon: string;
  /** Between phrases that have no full stop of their own. */
  readonly stop: string;
  /** After a sentence. */
  readonly end: string;
  /** Between sentences and between words. */
  readonly gap: string;
}

const SPACED: Marks = { comma: ', ', semicolon: '; ', colon: ': ', stop: '. ', end: '.', gap: ' ' };
/** Scripts without spaces have wide marks, which bring their own room. */
const WIDE: Marks = { comma: '、', semicolon: '；', colon: '：', stop: '。', end: '。', gap: '' };

/** French has a narrow space before marks of two parts. */
const FRENCH: Marks = { ...SPACED, semicolon: '\u202f; ', colon: '\u202f: ' };

/** Chinese keeps 、 for things of one kind, and facts have a comma. */
const OF: Partial<Record<Language, Marks>> = { fr: FRENCH, ja: WIDE, zh: { ...WIDE, comma: '，' } };

export function marks(): Marks {
  return OF[language()] ?? SPACED;
}
