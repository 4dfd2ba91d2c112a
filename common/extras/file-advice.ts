/** What extras make of files that hold no rows. */
export { documentAdvice } from './documents/advice.ts';
