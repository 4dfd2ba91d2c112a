/** Test files that `npm test` leaves out, with their worker-seconds. */
export const seconds = { 'tests/extras/mcp/mcp.integration.test.ts': 59 };
