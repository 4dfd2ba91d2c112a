/**
 * The bundled sample data is what a beginner trains on first: its rows must have the promised form, its labels the
 * promised balance, and the held-out rows must not be found among the training rows.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const folder = resolve(import.meta.dirname, '../../resources/samples');
const TOPICS = ['account', 'billing', 'damage', 'delivery'];

type Row = { messages: { role: string; content: string }[] };
const read = (name: string): Row[] =>
  readFileSync(resolve(folder, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
const question = (row: Row) => row.messages[0]?.content ?? '';
const label = (row: Row) => JSON.parse(row.messages[1]?.content ?? '') as { topic: string; urgent: boolean };
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
      const { topic, urgent } = label(row);
      expect(TOPICS).toContain(topic);
      expect(row.messages[1]?.content).toBe(JSON.stringify({ topic, urgent }));
    }
  });

  test('no row occurs twice, in neither file nor in both', () => {
    const all = [...training, ...heldOut].map(question);
    expect(new Set(all).size).toBe(all.length);
  });

  test('the training rows are balanced as the card says', () => {
    for (const topic of TOPICS) {
      const labels = training.map(label).filter((row) => row.topic === topic);
      const urgent = labels.filter((row) => row.urgent).length;
      expect([topic, labels.length, urgent]).toEqual([topic, 150, 30]);
    }
  });

  test('every topic and both values of urgent are held out', () => {
    expect([...new Set(heldOut.map((row) => label(row).topic))].sort()).toEqual(TOPICS);
    const urgent = heldOut.filter((row) => label(row).urgent).length;
    expect(urgent / heldOut.length).toBeGreaterThan(0.15);
    expect(urgent / heldOut.length).toBeLessThan(0.4);
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
