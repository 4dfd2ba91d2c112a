/** Our collection of awkward files, tests/fixtures/messy: each gives the right table or a clear error. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import { readLooseRows } from '../../../main/rows/read-rows.ts';
import type { DataNote } from '../../../main/rows/readers/source.ts';

const FOLDER = join(import.meta.dirname, '../../fixtures/messy');

interface Outcome {
  /** The texts of each row, and its place behind the file's name. */
  readonly rows: readonly (readonly string[])[];
  readonly places: readonly string[];
  readonly bad: readonly string[];
  readonly notes: readonly DataNote[];
}

async function read(name: string): Promise<Outcome> {
  const path = join(FOLDER, name);
  const rows: string[][] = [];
  const places: string[] = [];
  const bad: string[] = [];
  const notes: DataNote[] = [];
  const reading = readLooseRows([path], {
    onBadRow: ({ message }) => bad.push(message.replace(path, '')),
    onNote: (note) => notes.push(note),
  });
  for await (const { row, where } of reading) {
    rows.push(row.turns.map(({ content }) => content));
    places.push(where.replace(path, ''));
  }
  return { rows, places, bad, notes };
}

const FRENCH = [
  ['Où est mon colis ?', 'Il arrive demain, désolé.'],
  ['Le café est froid', 'Nous vous remboursons.'],
  ['Ça marche ?', 'Oui, très bien.'],
];
const numbered = (count: number, make: (i: number) => string[]) =>
  Array.from({ length: count }, (_, i) => make(i));
const pairs = (count: number) => numbered(count, (i) => [`p${i}`, `c${i}`]);
const TICKETS = [
  ['Lamp\n\nIt is broken.', 'damage'],
  ['Bill\n\nI paid 12 too much.', 'payment'],
  ['Parcel\n\nWhere is it?', 'delivery'],
];

/** Files that are read whole: the texts of all their rows, and notes beyond what was detected. */
const TABLES: Readonly<
  Record<string, readonly [rows: readonly (readonly string[])[], notes?: readonly RegExp[]]>
> = {
  'preference.jsonl': [numbered(3, (i) => [`p${i}`, 'good'])],
  'latin1.csv': [FRENCH, [/read as windows-1252, because it is not UTF-8 \(for example “réponse”\)/]],
  'utf16le.csv': [FRENCH, [/read as utf-16le, because its first bytes say so/]],
  'utf16be.tsv': [FRENCH, [/read as utf-16be/]],
  'utf16-without-mark.csv': [
    [
      ['Where is it?', 'It is here.'],
      ['When?', 'Now.'],
    ],
    [/utf-16le, because every other byte is 0/],
  ],
  'windows-1252.csv': [
    [
      ['“Is it open?”', '“Yes – until 8 o’clock…”'],
      ['How much?', 'It’s 5 €.'],
    ],
    [/read as windows-1252/],
  ],
  'windows-1251.csv': [
    [
      ['Где моя посылка?', 'Она прибудет завтра утром.'],
      ['Как вернуть товар?', 'Заполните, пожалуйста, форму возврата.'],
    ],
    [/read as windows-1251/],
  ],
  'shift-jis.csv': [
    [
      ['荷物が壊れて届きました。どうすればいいですか。', '写真を送ってください。'],
      ['返品できますか。', 'はい、三十日以内ならできます。'],
    ],
    [/read as shift_jis/],
  ],
  'bom.jsonl': [
    [
      ['é', 'ü'],
      ['b', 'c'],
    ],
  ],
  'bom-crlf.csv': [
    [
      ['first', 'one'],
      ['two\nlines', 'two'],
      ['third', 'three'],
    ],
  ],
  'old-mac.csv': [
    [
      ['first', 'one'],
      ['second', 'two'],
    ],
  ],
  'semicolon.csv': [
    [
      ['Lampe; kaputt\n\nDie Lampe ist\nzerbrochen, sagt sie "leider".', 'Schaden'],
      ['Rechnung\n\nIch habe 3,50 zu viel bezahlt', 'Zahlung'],
      ['Paket\n\nWo ist es?', 'Lieferung'],
    ],
  ],
  'separator-line.csv': [
    [
      ['one', '1'],
      ['two', '2'],
    ],
  ],
  'tabs.tsv': [
    [
      ['turn 5" of pipe, please', 'order'],
      ['"quoted" but open', 'order'],
      ['how late is it', 'time'],
    ],
  ],
  'bars.csv': [
    [
      ['One, or two?', 'Two.'],
      ['Three?', 'Three; yes.'],
    ],
  ],
  'pandas-index.csv': [
    [
      ['one', '1'],
      ['two', '2'],
    ],
  ],
  'nested.jsonl': [numbered(3, (i) => [`q${i}`, `a${i}`])],
  'list.json': [numbered(4, (i) => [`Frage ${i}?`, `Antwort ${i}.`])],
  'list-in-object.json': [numbered(3, (i) => [`i${i}`, `o${i}`]), [/are its list “train”\. Not read: test/]],
  'squad.json': [
    numbered(3, (i) => [`The box ${i} is red.\n\nWhat colour is box ${i}?`, 'red']),
    [/are its list “data”/],
  ],
  'pretty-objects.json': [pairs(3)],
  'list-called.jsonl': [pairs(3), [/list-called\.jsonl is JSON inside/]],
  'sharegpt.jsonl': [numbered(3, (i) => ['Be kind.', `q${i}`, `a${i}`])],
  'tools.jsonl': [[['Weather?', '', 'sunny', 'It is sunny.']]],
  'rows.jsonl.gz': [numbered(400, (i) => [`p${i}`, `c${(i * 7919) % 1000}`])],
  'gzip-called.jsonl': [numbered(400, (i) => [`p${i}`, `c${(i * 7919) % 1000}`])],
  'rows.parquet': [numbered(25, (i) => [`Question ${i}?`, `Answer ${i}.`])],
  'chats.parquet': [numbered(5, (i) => [`q${i}`, `a${i}`])],
  'labels.parquet': [
    numbered(12, (i) => [`${['good', 'bad', 'fine'][i % 3]} film`, i % 3 === 1 ? '0' : '1']),
  ],
  'tickets.xlsx': [
    TICKETS,
    [
      /on the sheet “Tickets”\. Not read: “Read me” .*“Old”/,
      /Row 3 of .* names the columns. What is above is not read/,
    ],
  ],
  'workbook.csv': [TICKETS, [/workbook\.csv is an Excel workbook inside/, /sheet “Tickets”/, /Row 3 of/]],
  'empty.jsonl': [[], [/empty\.jsonl has no rows/]],
  'spaces.csv': [[], [/has no rows/]],
  'header-only.csv': [[], [/has no rows/]],
};

describe('a table is read as it is meant', () => {
  it.each(Object.keys(TABLES))('%s', async (name) => {
    const [rows, notes = []] = TABLES[name]!;
    const outcome = await read(name);
    expect(outcome.rows).toEqual(rows);
    expect(outcome.bad).toEqual([]);
    const others = outcome.notes.filter(({ code }) => code !== 'data-schema').map(({ message }) => message);
    expect(others).toHaveLength(notes.length);
    for (const [i, pattern] of notes.entries()) expect(others[i]).toMatch(pattern);
  });
});

/** Files with bad rows: how many rows are good, and what is said of the bad ones. */
const PARTLY: Readonly<Record<string, readonly [good: number, bad: readonly RegExp[]]>> = {
  'ragged.csv': [
    3,
    [
      /^:3: The row has 3 cells, but the table has 2 columns: too \| many \| cells$/,
      /^:4: The row has 1 cell, .* 2 columns: alone$/,
    ],
  ],
  'open-quote.csv': [4, [/^:3: A quote is not closed: "two,2$/]],
  'broken-tenth.csv': [
    45,
    [5, 15, 25, 35, 45].map((line) => new RegExp(`^:${line}: The row has 3 cells, .* 2 columns`)),
  ],
  'broken-tenth.jsonl': [
    47,
    [4, 24, 44].map((line) => new RegExp(`^:${line}: The line is not one JSON object`)),
  ],
  'nul.csv': [42, [/^:3: The line has characters that no text has\.$/]],
  'damaged-utf8.csv': [31, [/^:32: The line is not UTF-8 text: Café,non$/]],
};

describe('a bad row costs itself alone, and is reported with its place', () => {
  it.each(Object.keys(PARTLY))('%s', async (name) => {
    const [good, bad] = PARTLY[name]!;
    const outcome = await read(name);
    expect(outcome.rows).toHaveLength(good);
    expect(outcome.bad).toHaveLength(bad.length);
    for (const [i, pattern] of bad.entries()) expect(outcome.bad[i]).toMatch(pattern);
    expect(outcome.places.every((place) => /^(:\d+|, row \d+)$/.test(place))).toBe(true);
  });
});

/** Files that cannot be read: the code, and what is said. */
const ERRORS: Readonly<Record<string, readonly [code: string, message: RegExp, hint: RegExp]>> = {
  'archive.csv': ['data-format', /is a ZIP archive\. Fettle reads JSON Lines/, /Unpack it first/],
  'cut-off.jsonl.gz': ['data-damaged', /is packed and ends too early/, /not copied completely/],
  'cut-off.parquet': ['data-damaged', /can't be read as Parquet/, /download it again/],
  'document.txt': ['data-format', /is a PDF document/, /Copy its text|From documents/],
  'letter.txt': ['data-format', /is a Word document/, /Copy its text|From documents/],
  'noise.jsonl': ['data-format', /is binary data, not text/, /the file you meant/],
  'picture.csv': ['data-format', /is a PNG image/, /trains on text/],
  'no-header.csv': [
    'data-schema',
    /can't tell which .* It has column1 \(“The parcel came broken\.”\), column2 \(“damage”\)/,
    /prompt=column1,answer=column2/,
  ],
};

describe('what cannot be read is refused with what it is and what to do', () => {
  it.each(Object.keys(ERRORS))('%s', async (name) => {
    const [code, message, hint] = ERRORS[name]!;
    const error = await read(name).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe(code);
    expect((error as AppError).message).toMatch(message);
    expect((error as AppError).hint).toMatch(hint);
  });
});

/** Bytes of chats.parquet that make its reader fail within its own code. */
it.each([
  [245, 0],
  [247, 21],
  [351, 0],
  [355, 21],
  [390, 0],
])('says a damaged Parquet file without words of the library (byte %i)', async (at, value) => {
  const bytes = readFileSync(join(FOLDER, 'chats.parquet'));
  bytes[at] = value;
  const folder = mkdtempSync(join(tmpdir(), 'fettle-parquet-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'chats.parquet');
  writeFileSync(file, bytes);
  const rows = async () => {
    for await (const _ of readLooseRows([file]));
  };
  await expect(rows()).rejects.toMatchObject({
    code: 'data-damaged',
    message: expect.stringMatching(/chats\.parquet can't be read as Parquet: [a-z0-9 ,]+ is damaged\.$/),
  });
});

it('every file of the collection is tested', () => {
  const tested = [TABLES, PARTLY, ERRORS, { 'handbook.md': 0, 'README.md': 0 }].flatMap(Object.keys);
  expect(readdirSync(FOLDER).toSorted()).toEqual(tested.toSorted());
});

it('cuts Markdown at its headings and between its paragraphs, not in code', async () => {
  const { rows, places } = await read('handbook.md');
  const texts = rows.map(([text]) => text!);
  expect(texts.slice(0, 2)).toEqual([
    '# Handbook\n\nWelcome to the shop.',
    '## Returns\n\nItems can be returned\nwithin 30 days.\n\n```sh\n# not a heading\n\necho hi\n```',
  ]);
  expect(texts[2]).toMatch(/^## Delivery\n\nA parcel takes/);
  expect(places).toEqual([':1', ':5', ':16']);
});
