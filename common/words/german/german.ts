/** German: sentences and nouns by their English. */
import { FIGURES } from './figures.ts';

export const SENTENCES: Readonly<Record<string, string>> = { ...FIGURES };

export { NOUNS } from './figures.ts';
