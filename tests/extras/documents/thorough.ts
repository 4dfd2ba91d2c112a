export const seconds = { 'tests/extras/documents/own-rows.e2e.test.ts': 50 };
