/** Handlers of the extras' calls, by their section of the contract. */
export { blendCalls as blends } from './blend/handlers.ts';
export { documentCalls as documents } from './documents/handlers.ts';
export { findCalls as find } from './find/handlers.ts';
export { learnCalls as learn } from './learn/handlers.ts';
export { ratingCalls as ratings } from './rating/handlers.ts';
export { drillCalls as drills } from './rules/handlers.ts';
export { searchCalls as search } from './search/handlers.ts';
export { teacherCalls as teacher } from './teacher/handlers.ts';
export { triesCalls as tries } from './tries/handlers.ts';
