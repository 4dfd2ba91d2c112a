/** The work of the engine calls that extras bring. */
export { document, documentFiles, documents } from './documents/calls.ts';
