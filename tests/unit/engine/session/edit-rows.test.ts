/** Rows that a person edits: what they see of each format, and the copy that is written; the file itself never changes. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editableRows, writeEdited } from '../../../../main/engine/session/data.ts';
import { temporaryFolder } from '../../../helpers/tiny-model.ts';

let at: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  at = temporaryFolder();
});
afterAll(() => at.remove());

const io = { stop: new AbortController().signal };
let files = 0;
const file = (name: string, text: string) => {
  const made = path.join(at.folder, `${++files}-${name}`);
  writeFileSync(made, text);
  return made;
};
const out = () => path.join(at.folder, `${++files}-out.jsonl`);
const linesOf = (written: string) =>
  readFileSync(written, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
const pair = (question: string, answer: string) => [
  { role: 'user', content: question },
  { role: 'assistant', content: answer },
];

describe('rows to edit', () => {
  it('are question and answer of a table, empty answers included', async () => {
    const data = { data: file('a.csv', 'question,answer\nOne?,1\nTwo?,\n"Three, four?",3') };
    expect(await editableRows({ data, from: 0, count: 2 }, io)).toEqual({
      rows: [
        { number: 0, kind: 'completion', isLong: false, turns: pair('One?', '1') },
        { number: 1, kind: 'completion', isLong: false, turns: pair('Two?', '') },
      ],
      total: 3,
    });
    const later = await editableRows({ data, from: 2, count: 100 }, io);
    expect(later.rows.map(({ number }) => number)).toEqual([2]);
  });

  it('have no system message that a person gave for all of them', async () => {
    const data = { data: file('b.csv', 'question,answer\nOne?,1'), system: 'Count.' };
    const { rows } = await editableRows({ data, from: 0, count: 1 }, io);
    expect(rows[0]?.turns).toEqual(pair('One?', '1'));
  });

  it('are cut where a text is too long for a field', async () => {
    const data = { data: file('c.jsonl', JSON.stringify({ prompt: 'a'.repeat(30_000), completion: 'b' })) };
    const [row] = (await editableRows({ data, from: 0, count: 1 }, io)).rows;
    expect([row?.isLong, row?.turns[0]?.content.length]).toEqual([true, 20_000]);
  });
});

describe('rows that say what others say', () => {
  it('are found by what is asked and the end of the answer, whatever their spaces', async () => {
    const text = 'question,answer\n"One  or\nmore?",1\nTwo?,2\nOne or more?,two\nOne or more?,1';
    const data = { data: file('like.csv', text) };
    const like = [
      { text: 'Two?', answer: '3' },
      { text: 'One or more?', answer: '1' },
    ];
    const { rows, total } = await editableRows({ data, from: 0, count: 9, like }, io);
    expect([rows.map(({ number, like: which }) => [number, which]), total]).toEqual([
      [
        [0, 1],
        [3, 1],
      ],
      4,
    ]);
  });

  it('are found in chats, by all that was said before, and after what is thought', async () => {
    const messages = [
      { role: 'system', content: 'Sort.' },
      ...pair('Hello', 'Hi'),
      ...pair('Lost.', '<think>Card.</think>card'),
    ];
    const data = { data: file('like.jsonl', JSON.stringify({ messages })) };
    const find = async (said: string) =>
      (await editableRows({ data, from: 0, count: 9, like: [{ text: said, answer: 'card' }] }, io)).rows;
    expect(await find('Hello\nHi\nLost.')).toHaveLength(1);
    expect(await find('Lost.')).toEqual([]);
  });
});

describe('the copy', () => {
  it('has rows changed, left out and added, in their order; what cannot be read is counted', async () => {
    const text = 'question,answer\nOne?,1\nTwo?,2\nThree?,3\n';
    const given = file('d.csv', text);
    const target = out();
    const done = await writeEdited(
      {
        data: { data: given },
        out: target,
        changes: [
          { row: 0, turns: [{ role: 'system', content: 'Count.' }, ...pair('One!', 'I')] },
          { row: 2, turns: null },
        ],
        added: [{ kind: 'completion', turns: pair('Four?', '4') }],
      },
      io,
    );
    expect(done).toEqual({ path: target, rows: 3, unreadable: 0 });
    expect(linesOf(target)).toEqual([
      { prompt: 'One!', completion: 'I', system: 'Count.' },
      { prompt: 'Two?', completion: '2' },
      { prompt: 'Four?', completion: '4' },
    ]);
    expect(readFileSync(given, 'utf8')).toBe(text);
  });

  it('keeps what of a conversation is not learned, also with a system message in front', async () => {
    const context = pair('Hello', 'Hi');
    const row = {
      prompt: [...context, { role: 'user', content: 'Name?' }],
      completion: pair('', 'Mo').slice(1),
    };
    const given = file('e.jsonl', JSON.stringify(row));
    const [shown] = (await editableRows({ data: { data: given }, from: 0, count: 1 }, io)).rows;
    const target = out();
    const turns = [{ role: 'system', content: 'Be Mo.' }, ...shown!.turns];
    await writeEdited({ data: { data: given }, out: target, changes: [{ row: 0, turns }], added: [] }, io);
    const [written] = linesOf(target);
    expect(written.prompt.map(({ role }: { role: string }) => role)).toEqual([
      ...['system', 'user', 'assistant', 'user'],
    ]);
    expect(written.completion).toEqual([{ role: 'assistant', content: 'Mo' }]);
  });

  it('leaves lines that cannot be read out, and does not count them as rows', async () => {
    const given = file(
      'f.jsonl',
      '{"prompt":"a","completion":"b"}\n{broken\n{"prompt":"c","completion":"d"}\n',
    );
    const target = out();
    const edits = { changes: [{ row: 1, turns: pair('c', 'e') }], added: [] };
    const done = await writeEdited({ data: { data: given }, out: target, ...edits }, io);
    expect([done.rows, done.unreadable, linesOf(target)[1]]).toEqual([
      2,
      1,
      { prompt: 'c', completion: 'e' },
    ]);
  });

  it('never takes the place of a file', async () => {
    const given = file('g.csv', 'question,answer\nOne?,1');
    const edits = { data: { data: given }, changes: [], added: [] };
    await expect(writeEdited({ ...edits, out: given }, io)).rejects.toMatchObject({ code: 'file-exists' });
  });

  it('takes a second or two for ten thousand rows', async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) =>
      JSON.stringify({ prompt: `q${i}`, completion: 'a' }),
    );
    const data = { data: file('h.jsonl', rows.join('\n')) };
    expect((await editableRows({ data, from: 0, count: 100 }, io)).total).toBe(10_000);
    expect((await editableRows({ data, from: 9_950, count: 100 }, io)).rows).toHaveLength(50);
    const target = out();
    await writeEdited({ data, out: target, changes: [{ row: 9_999, turns: pair('q', 'z') }], added: [] }, io);
    expect(linesOf(target).at(-1)).toEqual({ prompt: 'q', completion: 'z' });
  });
});
