/** What the fuzzing knows of the extras: calls with an input each, and readers of their files. */
export { ratingFuzz } from './rating/fuzz.ts';
export { searchFuzz } from './search/fuzz.ts';
