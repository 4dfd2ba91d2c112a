/** Test files that `npm test` leaves out, with their worker-seconds. */
export const seconds = {
  'tests/extras/teacher/teach.e2e.test.ts': 21,
  'tests/extras/teacher/vary.e2e.test.ts': 16,
};
