export const seconds = { 'tests/extras/learn/course.e2e.test.ts': 60 };
