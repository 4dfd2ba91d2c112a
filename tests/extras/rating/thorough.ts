/** Test files that `npm test` leaves out, with their worker-seconds. */
export const seconds = { 'tests/extras/rating/rate.e2e.test.ts': 20 };
