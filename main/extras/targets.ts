/** The extras' kinds of target. */
export { ray } from './ray/kind.ts';
