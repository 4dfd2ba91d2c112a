/** What is left of letters, and sorting under names: nothing of the sample data's answers, and answers that follow from the facts. */
import { describe, expect, it } from 'vitest';
import { seeded } from '../../../scripts/practice-model/draw.ts';
import { expand } from '../../../scripts/practice-model/shop/grammar.ts';
import { shopSamples } from '../../../scripts/practice-model/shop/index.ts';
import { MEANINGS } from '../../../scripts/practice-model/shop/meanings.ts';
import { noteFor } from '../../../scripts/practice-model/shop/notes.ts';
import { sorted } from '../../../scripts/practice-model/shop/sorting.ts';
import { SLOTS, TELLS, thingSlots } from '../../../scripts/practice-model/shop/words.ts';

const LABELS = [
  'damage',
  'delivery',
  'refund',
  'account',
  'billing',
  'product-question',
  'cancellation',
  'praise',
];

describe('scraps', () => {
  it('are at least 80 for each meaning, each of them once, and expand', () => {
    expect(Object.keys(TELLS).sort()).toEqual(MEANINGS.map(({ choice }) => choice).sort());
    for (const scraps of Object.values(TELLS)) {
      expect(new Set(scraps).size).toBe(scraps.length);
      expect(scraps.length).toBeGreaterThanOrEqual(80);
      for (const scrap of scraps) {
        const text = expand(scrap, { ...SLOTS, ...thingSlots() }, seeded(1), new Map());
        expect(text).toMatch(/^[^{}[\]|]+$/);
      }
    }
  });

  it('tell one meaning only', () => {
    const all = Object.values(TELLS).flat();
    expect(all.filter((scrap, i) => all.indexOf(scrap) !== i)).toEqual([]);
  });
});

describe('notes', () => {
  const random = seeded(21);
  const notes = Array.from({ length: 3000 }, () => noteFor(random));

  it('have words, are of all meanings, and some cannot wait', () => {
    for (const { text } of notes) expect(text).toMatch(/\w/);
    for (const meaning of MEANINGS)
      expect(notes.filter((note) => note.meaning === meaning).length).toBeGreaterThan(200);
    const urgent = notes.filter(({ urgent }) => urgent).length / notes.length;
    expect(urgent).toBeGreaterThan(0.1);
    expect(urgent).toBeLessThan(0.5);
  });

  it('are asked about their hurry only while enough of the letter is left', () => {
    expect(notes.some(({ whole }) => whole)).toBe(true);
    const samples = [...shopSamples(seeded(22), 2000, { notes: 1, sorting: 0 })];
    const answers = samples.map(({ messages }) => messages.at(-1)!.content);
    const hurried = answers.filter((answer) => /can(not)? wait\.$/.test(answer)).length / answers.length;
    expect(hurried).toBeGreaterThan(0.2);
    expect(hurried).toBeLessThan(0.7);
  });
});

describe('sorting under names', () => {
  const random = seeded(23);
  const rows = Array.from({ length: 2000 }, () => {
    const note = noteFor(random);
    return { note, messages: sorted(note, note.whole, random) };
  });

  it('answers with a name of the list, the same one for the same meaning', () => {
    const meaningOf = new Map<string, string>();
    for (const { note, messages } of rows) {
      const listed = /Names: ([^.]*)\./.exec(messages[0]!.content)![1]!.split(/, | \| |; /);
      const answer = messages[2]!.content.toLowerCase();
      const [name] = listed.filter((one) => new RegExp(`(^|["= ])${one}($|["\\n, ])`).test(answer));
      expect(name, answer).toBeDefined();
      const known = meaningOf.get(name!) ?? note.meaning.choice;
      expect(note.meaning.choice).toBe(known);
      meaningOf.set(name!, known);
    }
    expect(meaningOf.size).toBeGreaterThanOrEqual(40);
  });

  it('knows none of the labels and none of the JSON of the sample data', () => {
    for (const { messages } of rows) {
      const listed = /Names: ([^.]*)\./.exec(messages[0]!.content)![1]!.split(/, | \| |; /);
      for (const label of LABELS) expect(listed).not.toContain(label);
      expect(messages[2]!.content).not.toMatch(/[{}]|topic|urgent/);
    }
  });

  it('comes only by its share', () => {
    const systems = (shares?: { notes: number; sorting: number }) =>
      [...shopSamples(seeded(24), 400, shares)].filter(({ messages }) =>
        messages[0]!.content.includes('Names: '),
      );
    expect(systems()).toHaveLength(0);
    expect(systems({ notes: 0, sorting: 0.5 }).length).toBeGreaterThan(150);
  });
});
