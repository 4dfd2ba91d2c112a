import { expect, test } from 'vitest';
import { parseJsonStrictly, shorten } from '../../../../main/engine/io/json-scan.ts';

const limits = { maxDepth: 4, maxItems: 20 };

test.each([
  '{"a": [1, {"a": 2, "b": "\\"}{,"}], "b": {"a": null}}',
  '[]',
  '"a"',
  '{"a,b": ["x", "x"], "\\\\": 1, "x": "x"}',
])('%s is what JSON.parse makes of it', (text) => {
  expect(parseJsonStrictly(text, limits)).toEqual(JSON.parse(text));
});

test.each([
  ['{"a":1,"a":2}', /"a" appears twice/],
  ['{"b":[{"a":1,"\\u0061":2}]}', /"a" appears twice/],
  ['{"\\"":1,"\\u0022":2}', /appears twice/],
  ['[[[[[]]]]]', /nested deeper than 4/],
  [`[${'1,'.repeat(30)}1]`, /more than 20/],
  ['{"a', /does not end/],
  ['{"a":1}}', /JSON/],
  ['', /JSON/],
])('%s is refused', (text, message) => {
  expect(() => parseJsonStrictly(text, limits)).toThrow(SyntaxError);
  expect(() => parseJsonStrictly(text, limits)).toThrow(message);
});

test('names for messages are cut and cleaned', () => {
  expect(shorten('a\u0000b\u001b[31m\u202ec')).toBe('a\u{fffd}b\u{fffd}[31m\u{fffd}c');
  expect(shorten('x'.repeat(200))).toBe(`${'x'.repeat(100)}…`);
});
