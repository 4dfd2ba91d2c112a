/** The samples that scripts make: rows as their cards promise, held-out ones that no training row asks, and sums that are right. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ChatRow, parseRow } from '../../main/rows/schema.ts';

const folder = resolve(import.meta.dirname, '../../resources/samples');
const text = (name: string) => readFileSync(resolve(folder, name), 'utf8');
const rowsOf = (name: string) =>
  text(name)
    .trimEnd()
    .split('\n')
    .map((line, i) => parseRow(JSON.parse(line), `${name}:${i + 1}`) as ChatRow);
const asked = ({ messages }: ChatRow) => messages[0]!.content;

describe.each(['tool-calls', 'think-first'])('%s', (name) => {
  const [training, heldOut] = [rowsOf(`${name}.jsonl`), rowsOf(`${name}.held-out.jsonl`)];

  test('has as many rows as its card says, at least 150 to train on', () => {
    expect(training.length).toBeGreaterThanOrEqual(150);
    expect(text(`${name}.md`)).toContain(`| \`${name}.jsonl\` | ${training.length} |`);
    expect(text(`${name}.md`)).toContain(`| \`${name}.held-out.jsonl\` | ${heldOut.length} |`);
  });

  test('asks nothing in its held-out rows that it teaches', () => {
    const calls = ({ messages }: ChatRow) => name === 'think-first' || messages[1]!.tool_calls !== undefined;
    const known = new Set(training.filter(calls).map(asked));
    expect(heldOut.filter(calls).filter((row) => known.has(asked(row)))).toEqual([]);
  });
});

test('tool calls: some rows call nothing, some go on with the result, and the right tool is among three', () => {
  const rows = rowsOf('tool-calls.jsonl');
  expect(new Set(rows.map(({ tools }) => tools!.length))).toEqual(new Set([3]));
  const calling = rows.filter(({ messages }) => messages[1]!.tool_calls);
  for (const { messages, tools } of calling)
    expect(tools!.map((tool) => tool.function.name)).toContain(messages[1]!.tool_calls![0]!.function.name);
  expect(rows.length - calling.length).toBeGreaterThan(8);
  expect(rows.filter(({ messages }) => messages.length === 4).length).toBeGreaterThan(30);
});

test('think first: every step is a right sum, and the last one’s result is in the answer', () => {
  const TIMES = /^(\d+) times (\d+) is (\d+)/;
  const SUM = /^(\d+) ([+-]) (\d+) = (\d+)/;
  for (const row of [...rowsOf('think-first.jsonl'), ...rowsOf('think-first.held-out.jsonl')]) {
    const { reasoning_content: thinking, content } = row.messages[1]!;
    const steps = thinking!.split('\n');
    const results = steps.map((step) => {
      const [, a, b, product] = TIMES.exec(step)?.map(Number) ?? [];
      const [, c, sign, d, sum] = SUM.exec(step) ?? [];
      const right = product === undefined ? Number(c) + (sign === '-' ? -1 : 1) * Number(d) : a! * b!;
      expect(right, step).toBe(product ?? Number(sum));
      return right;
    });
    const last = results.at(-1)!;
    if (!asked(row).includes('people share')) expect(content).toMatch(new RegExp(`\\b0?${last}\\b`));
  }
});
