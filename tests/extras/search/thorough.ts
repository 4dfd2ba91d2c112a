/** Test files that `npm test` leaves out, with their worker-seconds. */
export const seconds = { 'tests/extras/search/search.e2e.test.ts': 21 };
