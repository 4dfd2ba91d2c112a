/** Test files that `npm test` leaves out, with their worker-seconds. */
export const seconds = { 'tests/extras/learn/course.e2e.test.ts': 38 };
