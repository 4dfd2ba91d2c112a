export const seconds = { 'tests/extras/rules/drill.e2e.test.ts': 180 };
