/** The extras' pages. */
export { page as find } from './find/page.ts';
export { page as learn } from './learn/page.ts';
export { page as rating } from './rating/page.ts';
export { page as rules } from './rules/page.ts';
export { page as search } from './search/page.ts';
export { page as teacher } from './teacher/page.ts';
