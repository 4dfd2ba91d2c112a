/** The extras' texts in English. */
export { documents } from './documents/english.ts';
export { rating } from './rating/english.ts';
export { rayText } from './ray/english.ts';
export { search } from './search/english.ts';
