/** The extras' texts in German. */
export { rating } from './rating/german.ts';
export { rayText } from './ray/german.ts';
export { search } from './search/german.ts';
