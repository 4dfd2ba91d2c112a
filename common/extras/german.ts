/** German: the sentences of the extras. */
export { RATING } from './rating/german.ts';
export { SEARCH } from './search/german.ts';
