/** Calls of the extras: a section of the contract each. Deleting an extra's folders and its lines leaves a program without it. */
export { blends } from './blend/calls.ts';
export { documents } from './documents/calls.ts';
export { find } from './find/calls.ts';
export { learn } from './learn/calls.ts';
export { ratings } from './rating/calls.ts';
export { drills } from './rules/calls.ts';
export { search } from './search/calls.ts';
export { teacher } from './teacher/calls.ts';
export { tries } from './tries/calls.ts';
