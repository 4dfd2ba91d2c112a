/** German: the sentences of the extras. */
export { RATING } from './rating/german.ts';
export { RAY } from './ray/german.ts';
export { SEARCH } from './search/german.ts';
