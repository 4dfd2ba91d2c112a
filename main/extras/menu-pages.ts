/** The extras' pages in the window's menu. */
export { menuPage as learn } from './learn/menu-page.ts';
