/** Sentences of the extras' tables, which are translated where they are shown. */
export { sentences as documents } from './documents/sentences.ts';
