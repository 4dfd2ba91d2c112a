/** Test files that `npm test` leaves out, with their worker-seconds. */
export const seconds = {
  'tests/extras/tensorflow/verify-device.integration.test.ts': 49,
  'tests/extras/tensorflow/conformance.integration.test.ts': 21,
};
