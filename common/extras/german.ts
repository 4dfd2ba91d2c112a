/** German: the sentences of the extras. */
export { RATING } from './rating/german.ts';
