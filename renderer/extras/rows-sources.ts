/** Sources of rows that extras bring. */
export { source as documents } from './documents/source.ts';
