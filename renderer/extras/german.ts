/** The extras' texts in German. */
export { rating } from './rating/german.ts';
