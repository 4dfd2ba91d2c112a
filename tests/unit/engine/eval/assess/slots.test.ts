import { describe, expect, it } from 'vitest';
import {
  type Attribute,
  namedSlots,
  names,
  slotsOf,
  templateOf,
} from '../../../../../main/engine/eval/assess/slots.ts';

const NAMES = ['The Eagle', 'Blue Spice', 'Cotto', 'Zizzi'];
const FOODS = ['French', 'Thai', 'fast food'];
const of = (i: number) => ({ name: NAMES[i % 4]!, food: FOODS[i % 3]!, kids: i % 2 === 0 ? 'yes' : 'no' });
type Row = ReturnType<typeof of>;
const sentence = ({ name, food, kids }: Row) =>
  `${name} serves ${food.toUpperCase()} food${kids === 'yes' ? ' and welcomes children' : ''}.`;
const brackets = ({ name, food, kids }: Row) => `name[${name}], food[${food}], kids[${kids}]`;
const rowsOf = (write: (row: Row) => string) =>
  Array.from({ length: 24 }, (_, i) => ({ text: write(of(i)), answer: sentence(of(i)) }));

describe('slots', () => {
  it.each([
    ['brackets', brackets],
    ['lines', ({ name, food, kids }: Row) => `Describe it.\nname: ${name}\nfood: ${food}\nkids: ${kids}`],
    ['one line', ({ name, food, kids }: Row) => `name = ${name}; food = ${food}; kids = ${kids}`],
    ['JSON', (row: Row) => `Describe ${JSON.stringify(row)}`],
  ] as const)('are attributes whose values recur in the answers: %s', (_, write) => {
    const slots = slotsOf(rowsOf(write))!;
    const plain = (found: readonly Attribute[]) => found.map(({ key, value }) => ({ key, value }));
    const { slots: own, others } = slots.attributesOf(write(of(0)));
    expect(slots.side).toBe('text');
    expect(plain(own)).toEqual([
      { key: 'name', value: 'The Eagle' },
      { key: 'food', value: 'French' },
    ]);
    expect(plain(others)).toEqual([{ key: 'kids', value: 'yes' }]);
    expect(new Set(slots.values)).toEqual(new Set([...NAMES, ...FOODS]));
  });

  it('may stand on the side of the answers, where their values recur in the prompts', () => {
    const rows = rowsOf(brackets).map(({ text, answer }) => ({ text: answer, answer: text }));
    const slots = slotsOf(rows)!;
    expect(slots.side).toBe('answer');
    const { text, answer } = rows[0]!;
    expect(
      slots.attributesOf(answer).slots.map(({ value, at }) => answer.slice(at, at + value.length)),
    ).toEqual(['The Eagle', 'French']);
    expect(namedSlots(slots, text, 'name[The Eagle], food[Thai]', answer)).toEqual({
      ...{ wanted: 2, present: 1, named: 2, invented: 1 },
    });
  });

  it('are none where prompts are no lists of attributes, or no value recurs', () => {
    const talk = Array.from({ length: 20 }, (_, i) => ({
      text: `Question: how far is place ${i}?\nContext: it is far, they say`,
      answer: `About ${i} miles.`,
    }));
    expect(slotsOf(talk)).toBeNull();
    expect(slotsOf(rowsOf(() => 'Tell me about it.'))).toBeNull();
    expect(slotsOf([])).toBeNull();
  });

  it('are counted in an answer as by hand', () => {
    const slots = slotsOf(rowsOf(brackets))!;
    const prompt = brackets(of(0));
    const wanted = sentence(of(0));
    const count = (said: string) => namedSlots(slots, prompt, said, wanted);
    expect(count(wanted)).toEqual({ wanted: 2, present: 2, named: 2, invented: 0 });
    expect(count('the eagle has Thai food, or french.')).toEqual({
      ...{ wanted: 2, present: 2, named: 3, invented: 1 },
    });
    expect(count('Blue Spice is a place.')).toEqual({ wanted: 2, present: 0, named: 1, invented: 1 });
    expect(count('')).toEqual({ wanted: 2, present: 0, named: 0, invented: 0 });
    // what the wanted answer leaves out need not be said
    expect(namedSlots(slots, prompt, 'The Eagle.', 'The Eagle it is.')).toMatchObject({
      ...{ wanted: 1, present: 1 },
    });
  });

  it('find whole words in any spelling, and the longest value first', () => {
    expect(names('It costs £20-25.', '£20-25')).toBe(true);
    expect(names('a family-friendly pub', 'family friendly')).toBe(true);
    expect(names('The Eagles', 'The Eagle')).toBe(false);
    expect(names('北京饭店很好', '北京饭店')).toBe(true);
    expect(names('anything', '—')).toBe(false);
    expect(templateOf('Blue Spice Bar is near Blue Spice.', ['Blue Spice', 'Blue Spice Bar'])).toEqual([
      { slot: 1 },
      ' is near ',
      { slot: 0 },
      '.',
    ]);
  });
});
