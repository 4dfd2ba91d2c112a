/** The extras' texts in German. */
export { documents } from './documents/german.ts';
export { rating } from './rating/german.ts';
export { rayText } from './ray/german.ts';
export { search } from './search/german.ts';
