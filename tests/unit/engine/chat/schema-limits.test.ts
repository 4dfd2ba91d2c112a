/** Schemas that answers can follow, and those that would hold everybody up. */
import { expect, test } from 'vitest';
import { checkSchema } from '../../../../main/engine/chat/schema-limits.ts';

const values = (count: number) => Array.from({ length: count }, (_, i) => `value ${i}`);

/** Each name stands for the next one twice: short to write, and of more ways than anything can follow. */
const DOUBLED = {
  $defs: Object.fromEntries(
    Array.from({ length: 40 }, (_, i) => [
      `d${i}`,
      i === 39 ? { enum: ['x'] } : { anyOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] },
    ]),
  ),
  $ref: '#/$defs/d0',
};

test.each([
  ['a list of 30,000 values', { properties: { c: { enum: values(30_000) } } }, /30,000 choices in one place/],
  [
    'lists that are joined',
    { anyOf: [{ enum: values(300) }, { oneOf: [{ enum: values(300) }] }] },
    /600 choices/,
  ],
  ['names that double', DOUBLED, /Far too many choices/],
  [
    'many fields',
    { properties: Object.fromEntries(values(6000).map((name) => [name, { type: 'string' }])) },
    /parts/,
  ],
  ['a long list of requirements', { required: values(60_000) }, /values/],
])('%s is refused', (_, schema, words) => {
  expect(() => checkSchema(schema)).toThrow(words);
});

test.each([
  ['some hundred values', { properties: { c: { enum: values(400) }, d: { enum: values(400) } } }],
  [
    'a tree that refers to itself',
    { $defs: { n: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/n' }] } }, $ref: '#/$defs/n' },
  ],
  ['a reference to nothing', { anyOf: [{ $ref: '#/nothing' }, { type: 'string' }] }],
  ['nothing', {}],
])('%s is followed', (_, schema) => {
  expect(() => checkSchema(schema)).not.toThrow();
});
