/** Rows of the table of engine calls that extras bring; calls.ts has the work of each. */
export { document, documentFiles, documents } from './documents/call-table.ts';
