/** The extras' texts in English. */
export { rating } from './rating/english.ts';
export { search } from './search/english.ts';
