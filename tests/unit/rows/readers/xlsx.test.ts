/** Which sheet of a workbook is read, and where its table begins. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { savedSettings } from '../../../../main/engine/config/config.ts';
import { showData } from '../../../../main/engine/session/data.ts';
import { firstRecords, type ReadOptions, readLooseRows } from '../../../../main/rows/read-rows.ts';
import { workbook } from '../../../helpers/workbook.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-xlsx-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function book(name: string, sheets: Parameters<typeof workbook>[0]): Promise<string> {
  const path = join(folder, `${name}.xlsx`);
  await writeFile(path, workbook(sheets));
  return path;
}

/** The first text of each row, and what was said. */
async function read(path: string, options: ReadOptions = {}) {
  const notes: string[] = [];
  const rows: string[] = [];
  const reading = readLooseRows([path], {
    ...options,
    onNote: ({ code, message }) => notes.push(`${code}: ${message}`),
  });
  for await (const { row } of reading) rows.push(row.turns[0]!.content);
  return { rows, notes: notes.filter((note) => !note.startsWith('data-schema')) };
}

const asked = (topic: string, count: number) => [
  ['question', 'answer'],
  ...Array.from({ length: count }, (_, i) => [
    `Where is the ${topic} ${i}?`,
    `On floor ${i}, by the stairs.`,
  ]),
];
const PROSE = Array.from({ length: 30 }, (_, i) => [
  `Line ${i} of what everybody should know about this workbook.`,
]);
const PRICES = [['product', 'price'], ...Array.from({ length: 40 }, (_, i) => [`Lamp ${i}`, `${i}`])];

describe('the sheet', () => {
  const sheets = { 'Read me': PROSE, Few: asked('hall', 3), Rooms: asked('room', 8), Empty: [], Chart: null };

  it('is the one with the most rows to train on, wherever it stands, and that is said', async () => {
    const { rows, notes } = await read(await book('likeliest', sheets));
    expect(rows).toHaveLength(8);
    expect(rows[0]).toBe('Where is the room 0?');
    expect(notes).toEqual([
      expect.stringMatching(
        /sheet “Rooms”\. Not read: “Read me” \(30 filled rows\), “Few” \(4 filled rows\)\. You can choose another sheet\./,
      ),
    ]);
  });

  it('is the one whose columns are mapped, and without any row to train on the longest', async () => {
    const path = await book('mapped', { Rooms: asked('room', 8), Prices: PRICES });
    expect((await read(path, { map: 'prompt=product,answer=price' })).rows[0]).toBe('Lamp 0');
    const prose = await book('prose', { Cover: PROSE.slice(0, 3), Text: PROSE });
    expect((await read(prose)).rows).toHaveLength(30);
  });

  it('is the one that was named, in any case of letters', async () => {
    const path = await book('named', sheets);
    const { rows, notes } = await read(path, { sheet: 'few' });
    expect(rows[0]).toBe('Where is the hall 0?');
    expect(notes).toEqual(['data-sheet: The rows of named.xlsx are on the sheet “Few”.']);
    await expect(read(path, { sheet: 'Rom' })).rejects.toMatchObject({
      code: 'data-sheet',
      message: expect.stringContaining('has no sheet “Rom” with rows'),
      hint: 'It has the sheets “Read me”, “Few”, “Rooms”.',
    });
    // rows to measure on, whose one sheet has another name
    expect(
      (await read(await book('single', { Sheet1: asked('hall', 2) }), { sheet: 'Rooms' })).rows,
    ).toHaveLength(2);
  });

  it('of a run from before sheets could be named is the first one, as it was', async () => {
    const path = await book('older', { Few: asked('hall', 3), Rooms: asked('room', 8) });
    const { sheet } = savedSettings({ method: 'lora', data: path }) as { sheet: string };
    expect((await read(path, { sheet })).rows[0]).toBe('Where is the hall 0?');
    expect((await read(path, { sheet: 'auto' })).rows[0]).toBe('Where is the room 0?');
  });

  it('is told with all others to whoever looks at the data', async () => {
    const path = await book('looked', sheets);
    const all = [
      { name: 'Read me', rows: 30 },
      { name: 'Few', rows: 4 },
      { name: 'Rooms', rows: 9 },
    ];
    expect((await firstRecords([path], 1)).sheets).toEqual({ all, read: 'Rooms' });
    expect((await firstRecords([path], 1, { sheet: 'Few' })).sheets).toEqual({ all, read: 'Few' });
    const io = { emit: () => {}, stop: new AbortController().signal };
    expect((await showData({ data: path, sheet: 'Few' }, io)).rows).toBe(3);
  });

  it('without data is no sheet', async () => {
    expect(
      (await read(await book('chart', { Chart: null, Rooms: asked('room', 2), Empty: [] }))).rows,
    ).toHaveLength(2);
    expect((await read(await book('nothing', { Chart: null, Empty: [] }))).rows).toEqual([]);
  });
});

describe('rows above the table', () => {
  const rows = asked('room', 3);
  it.for([
    ['a title', [['All our rooms'], ...rows], 2],
    ['a title and an empty row', [['All our rooms'], [''], ...rows], 3],
    [
      'who made it and when, as wide as the table',
      [['Export', 'Rooms'], ['Author', 'Anna'], [''], ...rows],
      4,
    ],
  ] as const)('%s', async ([name, above, row]) => {
    const found = await read(await book(name, { Rooms: above }));
    expect(found.rows).toEqual(rows.slice(1).map(([question]) => question));
    expect(found.notes).toEqual([expect.stringContaining(`Row ${row} of `)]);
  });

  it('are rows where nothing names the columns', async () => {
    const bare = [['Where is the hall, please?', 'It is on the right.'], [''], ...rows.slice(1)];
    const path = await book('bare', { Rooms: bare });
    expect((await read(path, { map: 'prompt=column1,answer=column2' })).rows).toHaveLength(4);
  });
});
