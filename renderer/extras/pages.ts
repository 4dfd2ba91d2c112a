/** The extras' pages. */
export { page as rating } from './rating/page.ts';
