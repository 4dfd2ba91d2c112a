/** The packs that extras bring. */
export { tensorflow } from './tensorflow/pack.ts';
