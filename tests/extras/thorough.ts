/** Test files of extras that `npm test` leaves out. */
export { seconds as documents } from './documents/thorough.ts';
