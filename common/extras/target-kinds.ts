/** Kinds of target that extras can reach. */
export { ray } from './ray/kind.ts';
