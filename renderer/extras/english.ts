/** The extras' texts in English. */
export { rating } from './rating/english.ts';
export { rayText } from './ray/english.ts';
export { search } from './search/english.ts';
