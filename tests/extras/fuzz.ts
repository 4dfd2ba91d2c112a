/** What the fuzzing knows of the extras: calls with an input each, and readers of their files. */
export { blendFuzz } from './blend/fuzz.ts';
export { documentFuzz } from './documents/fuzz.ts';
export { findFuzz } from './find/fuzz.ts';
export { learnFuzz } from './learn/fuzz.ts';
export { mcpFuzz } from './mcp/fuzz.ts';
export { ratingFuzz } from './rating/fuzz.ts';
export { rulesFuzz } from './rules/fuzz.ts';
export { searchFuzz } from './search/fuzz.ts';
export { teacherFuzz } from './teacher/fuzz.ts';
export { triesFuzz } from './tries/fuzz.ts';
export { tuningFuzz } from './tuning/fuzz.ts';
