/** Test files that `npm test` leaves out, with their worker-seconds. */
export const seconds = { 'tests/extras/blend/blend.integration.test.ts': 23 };
