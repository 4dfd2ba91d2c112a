import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkRows } from '../../../main/engine/extras/find/vector-checks.ts';
import { type ReadRow, readVectorRows } from '../../../main/engine/extras/find/vector-rows.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const made = temporaryFolder();
afterAll(made.remove);

function file(name: string, content: string): string {
  const at = path.join(made.folder, name);
  writeFileSync(at, content);
  return at;
}

describe('rows that train vectors', () => {
  test('columns as data sets for sentence-transformers call them', async () => {
    const at = file(
      'triplets.csv',
      'anchor,positive,negative_1,negative_2\nwho?,me,you,\nwhere?,here,there,away\n',
    );
    expect(await readVectorRows([at], {})).toEqual([
      { query: 'who?', passage: 'me', negatives: ['you'], score: null },
      { query: 'where?', passage: 'here', negatives: ['there', 'away'], score: null },
    ]);
  });

  test('lists of negatives, and two texts with a score', async () => {
    const lists = file('lists.jsonl', '{"query": "who?", "pos": "me", "neg": ["you", "they"]}\n');
    expect((await readVectorRows([lists], {}))[0]!.negatives).toEqual(['you', 'they']);
    const graded = file('graded.csv', 'sentence1,sentence2,score\na dog,a hound,4.5\na dog,a tree,0\n');
    expect((await readVectorRows([graded], {})).map(({ score }) => score)).toEqual([4.5, 0]);
  });

  test('rows of any training: questions with answers, a worse answer, columns that are named', async () => {
    const chosen = file('chosen.jsonl', '{"prompt": "who?", "chosen": "me", "rejected": "you"}\n');
    expect(await readVectorRows([chosen], {})).toEqual([
      { query: 'who?', passage: 'me', negatives: ['you'], score: null },
    ]);
    const named = file('named.csv', 'head,body\nwho?,me\n');
    const [row] = await readVectorRows([named], { map: 'prompt=head,answer=body' });
    expect(row).toEqual({ query: 'who?', passage: 'me', negatives: [], score: null });
  });

  test('a row without a passage is refused, or left out', async () => {
    const at = file('gaps.csv', 'query,passage\nwho?,me\nwhere?,\nwhen?,now\n');
    await expect(readVectorRows([at], {})).rejects.toThrow('passage');
    const bad: string[] = [];
    const rows = await readVectorRows([at], { onBadRow: ({ message }) => void bad.push(message) });
    expect(rows.map(({ query }) => query)).toEqual(['who?', 'when?']);
    expect(bad.length).toBe(1);
  });
});

const row = (query: string, passage: string, more: Partial<ReadRow> = {}): ReadRow => ({
  ...{ query, passage, negatives: [], score: null },
  ...more,
});
const checked = (rows: readonly ReadRow[], test: readonly ReadRow[] | null = null, heldOut = 0) => {
  const { taught, held, findings } = checkRows(rows, test, { heldOut, seed: 1 });
  const found = findings.filter(({ code }) => code !== 'few').map(({ code, rows }) => [code, rows]);
  return { taught, held, found: Object.fromEntries(found) };
};

describe('the check of these rows', () => {
  test('repeated rows become one, with the negatives of all; spelling aside', () => {
    const { taught, found } = checked([
      row('Who are you?', 'Me.', { negatives: ['you'] }),
      row('who are  you', 'me', { negatives: ['they'] }),
      row('Where?', 'here'),
    ]);
    expect(taught).toEqual([
      row('Who are you?', 'Me.', { negatives: ['you', 'they'] }),
      row('Where?', 'here'),
    ]);
    expect(found).toEqual({ repeated: 1 });
  });

  test('a passage that is its query teaches nothing', () => {
    const { taught, found } = checked([row('same', 'Same!'), row('a', 'b')]);
    expect([taught.length, found]).toEqual([1, { 'equal-texts': 1 }]);
  });

  test('a query with several passages: none of them is wrong', () => {
    const { taught, found } = checked([
      row('a', 'b', { negatives: ['c', 'd'] }),
      row('a', 'c'),
      row('x', 'y'),
    ]);
    expect(taught[0]!.negatives).toEqual(['d']);
    expect(found).toEqual({ 'wrong-negatives': 1, 'several-answers': 2 });
  });

  test('test queries of other files leave the training', () => {
    const { taught, held, found } = checked(
      [row('A?', 'b'), row('x', 'y'), row('p', 'q')],
      [row('a', 'other'), row('new', 'y')],
    );
    expect(taught.map(({ query }) => query)).toEqual(['x', 'p']);
    expect(held.length).toBe(2);
    expect(found).toEqual({ leaks: 1, 'known-passages': 1 });
  });

  test('rows of one query fall on one side', () => {
    const rows = Array.from({ length: 60 }, (_, i) => row(`query ${Math.floor(i / 3)}`, `passage ${i}`));
    const { taught, held } = checked(rows, null, 0.2);
    const asked = new Set(held.map(({ query }) => query));
    expect(asked.size).toBeGreaterThan(1);
    expect(taught.some(({ query }) => asked.has(query))).toBe(false);
    expect(taught.length + held.length).toBe(60);
  });

  test('equal pairs with other scores', () => {
    const { taught, found } = checked([
      row('a', 'b', { score: 1 }),
      row('B', 'A', { score: 3 }),
      row('a', 'c', { score: 1 }),
      row('a', 'no score'),
    ]);
    expect([taught.length, found]).toEqual([3, { contradictions: 1 }]);
  });
});
