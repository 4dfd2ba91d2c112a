/** Test files that `npm test` leaves out, with their worker-seconds. */
export const seconds = {
  'tests/extras/rules/drill.e2e.test.ts': 60,
  'tests/extras/rules/drill.integration.test.ts': 20,
};
