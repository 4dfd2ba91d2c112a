/** German: sentences and nouns by their English. */
import { DESKTOP } from './desktop.ts';
import { FIGURES } from './figures.ts';

export const SENTENCES: Readonly<Record<string, string>> = { ...FIGURES, ...DESKTOP };

export { NOUNS } from './figures.ts';
