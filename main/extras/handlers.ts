/** Handlers of the extras' calls, by their section of the contract. */
export { ratingCalls as ratings } from './rating/handlers.ts';
export { searchCalls as search } from './search/handlers.ts';
