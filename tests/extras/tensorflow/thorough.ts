/** Test files that `npm test` leaves out, with their worker-seconds. */
export const seconds = { 'tests/extras/tensorflow/conformance.integration.test.ts': 29 };
