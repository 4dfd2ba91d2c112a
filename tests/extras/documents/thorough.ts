/** Test files that `npm test` leaves out, with their worker-seconds. */
export const seconds = { 'tests/extras/documents/own-rows.e2e.test.ts': 33 };
