import { describe, expect, it } from 'vitest';
import { wrongCalls } from '../../../../main/rows/doctor/checks/pairs-and-tools.ts';
import { emptyAnswers, wrongRoles } from '../../../../main/rows/doctor/checks/turns.ts';
import { rowMeasure } from '../../../../main/rows/doctor/row-parts.ts';
import type { LooseRow } from '../../../../main/rows/loose-row.ts';
import { looseRow } from '../../../../main/rows/shapes.ts';
import { sampleRows } from './clean-rows.ts';

const ask = { role: 'user', content: 'Light in the hall, please.' };
const found = (check: typeof wrongCalls, row: LooseRow) =>
  check.find({ row, where: '', tokens: 1, isCut: false, joinsBorder: false, codes: [] })?.text ?? null;

function called(parameters: unknown, given: unknown): string | null {
  const call = {
    role: 'assistant',
    content: null,
    tool_calls: [{ function: { name: 'light', arguments: given } }],
  };
  return found(wrongCalls, looseRow({ tools: [{ name: 'light', parameters }], messages: [ask, call] }, ''));
}

const object = (properties: object, more = {}) => ({ type: 'object', properties, ...more });

describe('calls', () => {
  it.each([
    ['a missing argument', object({ room: { type: 'string' } }, { required: ['room'] }), {}],
    ['another type', object({ on: { type: 'boolean' } }), { on: 'yes' }],
    ['a value that is not among those', object({ list: { enum: ['a', 'b'] } }), { list: 'c' }],
    ['one that is not named', object({ on: {} }, { additionalProperties: false }), { off: 1 }],
    ['too large a number', object({ level: { type: 'integer', maximum: 9 } }), { level: 10 }],
    ['within a list', object({ rooms: { type: 'array', items: { type: 'string' } } }), { rooms: ['a', 2] }],
    ['Python’s names of types', { type: 'dict', properties: { n: { type: 'float' } } }, { n: 'x' }],
  ])('with %s do not fit', (_, parameters, given) => {
    expect(called(parameters, given)).toMatch(/^light/);
    expect(called(parameters, JSON.stringify(given))).toMatch(/^light/);
  });

  it.each([
    [
      'what is asked for',
      object({ room: { type: 'string' }, on: { type: 'boolean' } }),
      { room: 'hall', on: true },
    ],
    ['more than is named', object({ on: { type: 'boolean' } }), { on: true, at: 'once' }],
    ['a type that nobody knows', object({ on: { type: 'any' } }), { on: [] }],
    ['a schema that cannot be understood', { type: 'object', $ref: '#/nowhere' }, { a: 1 }],
    [
      'a pattern that would take for ever',
      object({ a: { type: 'string', pattern: '(a+)+$' } }),
      { a: `${'a'.repeat(60)}!` },
    ],
    ['no schema', undefined, { anything: 1 }],
  ])('with %s fit', (_, parameters, given) => {
    expect(called(parameters, given)).toBeNull();
  });

  it('of tools that are not there do not fit, unless the row has no tools', () => {
    const call = { role: 'assistant', content: '', calls: [{ name: 'lamp', arguments: {} }] };
    const row: LooseRow = { kind: 'chat', turns: [ask, call] };
    expect(found(wrongCalls, row)).toBeNull();
    const tools = [{ type: 'function' as const, function: { name: 'light' } }];
    expect(found(wrongCalls, { ...row, tools })).toBe('there is no tool “lamp”');
    expect(wrongCalls.repair?.({ ...row, tools }, rowMeasure(100))).toBeNull();
  });

  it('of the sample all fit, and its roles and answers are right', () => {
    const rows = sampleRows('tool-calls');
    expect(rows.length).toBeGreaterThanOrEqual(150);
    for (const check of [wrongCalls, wrongRoles, emptyAnswers])
      expect(rows.map((row) => found(check, row)).filter((text) => text !== null)).toEqual([]);
  });
});

describe('wrong roles', () => {
  const call = { role: 'assistant', content: '', calls: [{ name: 'light', arguments: {} }] };
  const answer = { role: 'assistant', content: 'Done.' };

  it('are none in calls and results, and repairs leave these as they are', () => {
    const turns = [ask, call, { role: 'tool', content: '' }, { role: 'tool', content: 'ok' }, answer];
    const row: LooseRow = { kind: 'chat', turns };
    expect(found(wrongRoles, row)).toBeNull();
    const spoilt: LooseRow = { kind: 'chat', turns: [...turns, { role: 'user', content: 'x' }] };
    expect(found(wrongRoles, spoilt)).not.toBeNull();
    expect(wrongRoles.repair?.(spoilt, rowMeasure(100))).toEqual(row);
  });

  it('are a result without a call', () => {
    expect(
      found(wrongRoles, { kind: 'chat', turns: [ask, { role: 'tool', content: 'x' }, answer] }),
    ).not.toBeNull();
  });
});
