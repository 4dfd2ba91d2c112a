/** Test files of extras that `npm test` leaves out. */
export { seconds as blend } from './blend/thorough.ts';
export { seconds as documents } from './documents/thorough.ts';
export { seconds as learn } from './learn/thorough.ts';
export { seconds as mcp } from './mcp/thorough.ts';
export { seconds as rating } from './rating/thorough.ts';
export { seconds as rules } from './rules/thorough.ts';
export { seconds as search } from './search/thorough.ts';
export { seconds as teacher } from './teacher/thorough.ts';
export { seconds as tensorflow } from './tensorflow/thorough.ts';
