/**
 * The bundled sample data is what a beginner trains on first: its rows must have the promised form, its labels the
 * promised balance, and the held-out rows must not be found among the training rows.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const folder = resolve(import.meta.dirname, '../../resources/samples');
const DESKS = ['R17', 'R22', 'R35', 'R48'];

type Row = { messages: { role: string; content: string }[] };
const read = (name: string): Row[] =>
  readFileSync(resolve(folder, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
const question = (row: Row) => row.messages[0]?.content ?? '';
const label = (row: Row) => JSON.parse(row.messages[1]?.content ?? '') as { desk: string; class: string };
const words = (text: string) => text.toLowerCase().match(/[a-z]+/g) ?? [];
const runs = (text: string, length: number) =>
  words(text).map((_, start, all) => all.slice(start, start + length).join(' '));

const training = read('support-messages.jsonl');
const heldOut = read('support-messages.held-out.jsonl');

describe('support messages', () => {
  test.each([
    ['training', training, 600],
    ['held-out', heldOut, 112],
  ] as const)('%s rows: number, form and label', (_, rows, count) => {
    expect(rows).toHaveLength(count);
    for (const row of rows) {
      expect(row.messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
      const { desk, class: kind } = label(row);
      expect(DESKS).toContain(desk);
      expect(['A', 'C']).toContain(kind);
      expect(row.messages[1]?.content).toBe(JSON.stringify({ desk, class: kind }));
    }
  });

  test('no message says a code: only training can teach what the codes mean', () => {
    const codes = new RegExp(`\\b(${DESKS.join('|')})\\b`, 'i');
    expect([...training, ...heldOut].map(question).filter((text) => codes.test(text))).toEqual([]);
  });

  test('no row occurs twice, in neither file nor in both', () => {
    const all = [...training, ...heldOut].map(question);
    expect(new Set(all).size).toBe(all.length);
  });

  test('the training rows are balanced as the card says', () => {
    for (const desk of DESKS) {
      const labels = training.map(label).filter((row) => row.desk === desk);
      const today = labels.filter((row) => row.class === 'A').length;
      expect([desk, labels.length, today]).toEqual([desk, 150, 30]);
    }
  });

  test('every desk and both classes are held out', () => {
    expect([...new Set(heldOut.map((row) => label(row).desk))].sort()).toEqual(DESKS);
    const today = heldOut.filter((row) => label(row).class === 'A').length;
    expect(today / heldOut.length).toBeGreaterThan(0.15);
    expect(today / heldOut.length).toBeLessThan(0.4);
  });

  test('no template mark, doubled space or space before a stop is left in a text', () => {
    const odd = [...training, ...heldOut]
      .map(question)
      .filter((text) => /[[\]{}|]| {2}| [.,?!]|\bundefined\b/.test(text));
    expect(odd).toEqual([]);
  });

  test('training rows are written one by one: no two share a run of seven words', () => {
    const owner = new Map<string, number>();
    const shared = training.flatMap((row, index) =>
      [...new Set(runs(question(row), 7))].filter((run) => {
        if (run.split(' ').length < 7) return false;
        const first = owner.get(run) ?? index;
        owner.set(run, first);
        return first !== index;
      }),
    );
    expect(shared).toEqual([]);
  });

  test('held-out wording is independent: no run of six words is shared', () => {
    const known = new Set(training.flatMap((row) => runs(question(row), 6)));
    const shared = heldOut.flatMap((row) =>
      runs(question(row), 6).filter((run) => run.split(' ').length === 6),
    );
    expect(shared.filter((run) => known.has(run))).toEqual([]);
  });
});
