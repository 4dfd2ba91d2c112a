import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { looseToJson } from '../../../main/rows/loose-row.ts';
import { schemaNote } from '../../../main/rows/mapping.ts';
import { dataBytes, type FileFound, type ReadOptions, readLooseRows } from '../../../main/rows/read-rows.ts';
import { readJsonWithin } from '../../../main/rows/readers/json.ts';
import { type DataNote, openSource, type Source } from '../../../main/rows/readers/source.ts';
import { recordsOf } from '../../../main/rows/readers/xlsx.ts';
import { parseRow, strictRow } from '../../../main/rows/schema.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-rows-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, content);
  return path;
}

const lines = (...rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

async function read(paths: readonly string[], options: ReadOptions = {}) {
  const placed = [];
  for await (const row of readLooseRows(paths, options)) placed.push(row);
  return placed;
}

async function texts(path: string, options: ReadOptions = {}): Promise<string[]> {
  const placed = await read([path], options);
  return placed.map(({ row }) => row.turns.map(({ role, content }) => `${role}: ${content}`).join(' | '));
}

const CSV = 'subject,body,topic\nLamp,It broke.,damage\nBill,Too much.,payment\n';

describe('readLooseRows', () => {
  it('counts rows over all files, bad ones included, and the bytes up to each', async () => {
    const a = await file(
      'a.jsonl',
      `${lines({ prompt: 'p', completion: 'c' })}{broken\n${lines({ text: 't' })}`,
    );
    const b = await file('b.csv', 'prompt,completion\nq,a\n');
    const bad: string[] = [];
    const placed = await read([a, b], { onBadRow: ({ message }) => bad.push(message) });
    expect(placed.map(({ index, where }) => [index, where])).toEqual([
      [0, `${a}:1`],
      [2, `${a}:3`],
      [3, `${b}:2`],
    ]);
    expect(bad).toHaveLength(1);
    const done = placed.map(({ doneBytes }) => doneBytes);
    expect(done).toEqual(done.toSorted((x, y) => x - y));
    expect(done.at(-1)).toBe(await dataBytes([a, b]));
  });

  it('reports bad rows in the order of the file, whether they fail as text or as a row', async () => {
    const path = await file('order.jsonl', `{"prompt": 5}\n{broken\n[]\n${lines({ text: 't' })}{also\n`);
    const bad: string[] = [];
    await read([path], {
      onBadRow: ({ message }) => bad.push(message.slice(path.length + 1, path.length + 2)),
    });
    expect(bad).toEqual(['1', '2', '3', '5']);
    await expect(read([path])).rejects.toMatchObject({ code: 'bad-row' });
  });

  it('reads more short rows in one piece of a table than a call can have arguments', async () => {
    const path = await file('short.csv', `q,a\n${'x,1\n'.repeat(300_000)}`);
    let rows = 0;
    for await (const { row } of readLooseRows([path], { map: 'prompt=q,answer=a' }))
      rows += row.turns.length / 2;
    expect(rows).toBe(300_000);
  });

  it('reports a header that is damaged and keeps the row after it', async () => {
    const sound = Array.from({ length: 40 }, (_, i) => `q${i} é,a${i}\n`).join('');
    const text = Buffer.from(`prompt,completion?\n${sound}`);
    text[text.indexOf('?')] = 0xff;
    const path = await file('header.csv', text);
    const bad: string[] = [];
    const placed = await read([path], {
      map: 'prompt=prompt,answer=completion\ufffd',
      onBadRow: ({ message }) => bad.push(message),
    });
    expect(placed.map(({ row: { turns } }) => turns[1]!.content)).toEqual(
      Array.from({ length: 40 }, (_, i) => `a${i}`),
    );
    expect(bad).toEqual([expect.stringContaining('header.csv:1: The line is not UTF-8 text')]);
  });

  it('reads sheets with more rows than a call can have arguments', () => {
    const data = [['prompt', 'completion'], ...Array.from({ length: 200_000 }, () => ['q', 'a'])];
    const records = recordsOf({ sheet: 's', data }, { path: 'big.xlsx', bytes: 1 } as Source, {
      note: () => {},
    });
    expect(records.length).toBe(200_000);
  });

  it('reads rows of several shapes in one JSON Lines file, foreign ones by their fields', async () => {
    const path = await file(
      'mixed.jsonl',
      lines(
        {
          messages: [
            { role: 'user', content: 'a' },
            { role: 'assistant', content: 'b' },
          ],
        },
        {
          conversations: [
            { from: 'human', value: 'c' },
            { from: 'gpt', value: 'd' },
          ],
        },
        { prompt: 'e', completion: 'f' },
        { frage: 'g', antwort: 'h' },
        { text: 'i' },
      ),
    );
    expect(await texts(path)).toEqual([
      'user: a | assistant: b',
      'user: c | assistant: d',
      'user: e | assistant: f',
      'user: g | assistant: h',
      'text: i',
    ]);
  });

  it('does not take a row whose answer is missing for running text', async () => {
    const path = await file(
      'missing.jsonl',
      lines({ prompt: 'a b c d e f' }, { prompt: 'x', completion: 'y' }),
    );
    const [first] = await read([path]);
    expect(first!.row.turns[1]).toMatchObject({ role: 'assistant', content: '', missing: true });
    expect(() => strictRow(first!.row, first!.where)).toThrow(':1: “completion” is missing.');
  });

  it('keeps reading text beside a label as text in JSON Lines, and says what is not used', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({
      text: `some words ${i}`,
      label: i % 2 ? 'good' : 'bad',
    }));
    const notes: DataNote[] = [];
    const options = { onNote: (note: DataNote) => notes.push(note) };
    expect((await texts(await file('label.jsonl', lines(...rows)), options))[0]).toBe('text: some words 0');
    expect(notes.find(({ code }) => code === 'data-unused')!.message).toMatch(/prompt=text,answer=label$/);
    const table = rows.map(({ text, label }) => `${text},${label}\n`).join('');
    expect((await texts(await file('label.csv', `text,label\n${table}`)))[0]).toBe(
      'user: some words 0 | assistant: bad',
    );
  });

  it('tells once a file what was detected, with reason and confidence, and whether that is news', async () => {
    const found: FileFound[] = [];
    const notes: DataNote[] = [];
    const options = {
      onFile: (one: FileFound) => found.push(one),
      onNote: (note: DataNote) => notes.push(note),
    };
    await read(
      [await file('n.jsonl', lines({ prompt: 'p', completion: 'c' })), await file('t.csv', CSV)],
      options,
    );
    expect(
      found.map(({ format, schema }) => [format, schema?.kind, schema?.map, schema?.confidence]),
    ).toEqual([
      ['jsonl', 'prompt-completion', undefined, 1],
      ['csv', 'label', 'prompt=subject+body,answer=topic', 0.93],
    ]);
    const schema = notes.filter(({ code }) => code === 'data-schema');
    // only what may be wrong is news
    expect(schema.map(({ expected }) => expected)).toEqual([true, true]);
    expect(schema[1]!.message).toMatch(/^t\.csv is read as texts with a category: .*\.$/);
    const guess = schemaNote('t.csv', { ...found[1]!.schema!, confidence: 0.89 });
    expect(guess.expected).toBeUndefined();
    expect(guess.message).toMatch(/\(89% sure\): .*\. Wrong\? Change it under Columns\.$/);
  });

  it('stops with the reason of its signal', async () => {
    const reason = new Error('enough');
    const path = await file('stop.csv', CSV);
    await expect(read([path], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('what a person says', () => {
  it('--map wins over what is detected and over a row’s own shape', async () => {
    const path = await file('t.csv', CSV);
    expect(await texts(path, { map: 'prompt=body,answer=subject' })).toEqual([
      'user: It broke. | assistant: Lamp',
      'user: Too much. | assistant: Bill',
    ]);
    expect(await texts(path, { map: 'text=BODY' })).toEqual(['text: It broke.', 'text: Too much.']);
    const own = await file('own.jsonl', lines({ prompt: 'p', completion: 'c', better: 'd' }));
    expect(await texts(own, { map: 'prompt=prompt,answer=better' })).toEqual(['user: p | assistant: d']);
    const pairs = await file('pref.jsonl', lines({ prompt: 'p', chosen: 'c', rejected: 'r' }));
    expect(await texts(pairs, { map: 'prompt=prompt,answer=chosen' })).toEqual(['user: p | assistant: c']);
    await expect(texts(path, { map: 'prompt=nothing,answer=topic' })).rejects.toMatchObject({
      code: 'data-map',
      hint: 'It has the columns subject, body, topic.',
    });
  });

  it('--map that names only the prompt finds the answer; one that lacks the prompt is refused', async () => {
    const path = await file('t.csv', CSV);
    expect((await texts(path, { map: 'prompt=body' }))[0]).toBe('user: It broke. | assistant: damage');
    await expect(texts(path, { map: 'answer=topic' })).rejects.toThrow(
      'An answer is chosen, but no question.',
    );
    const useless = { map: 'text=body', promptTemplate: '{body}' };
    await expect(texts(path, useless)).rejects.toMatchObject({ code: 'bad-usage' });
  });

  it('--prompt-template fills a prompt from columns; the answer is detected or mapped', async () => {
    const path = await file('t.csv', CSV);
    const promptTemplate = 'Sort this message: {Subject}: {body}';
    expect((await texts(path, { promptTemplate }))[0]).toBe(
      'user: Sort this message: Lamp: It broke. | assistant: damage',
    );
    const both = { promptTemplate: 'About {topic}?', map: 'answer=body' };
    expect((await texts(path, both))[1]).toBe('user: About payment? | assistant: Too much.');
    await expect(texts(path, { promptTemplate: '{subjekt} {body}' })).rejects.toMatchObject({
      message: expect.stringContaining('has no column “subjekt”.'),
      hint: expect.stringContaining('It has the columns subject, body, topic.'),
    });
  });

  it('--system goes before every row that has none, and never into running text', async () => {
    const chat = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ];
    const own = [{ role: 'system', content: 'Own.' }, ...chat];
    const path = await file(
      's.jsonl',
      lines(
        { prompt: 'p', completion: 'c' },
        { messages: chat },
        { messages: own },
        { text: 't' },
        { prompt: [chat[0]], completion: [chat[1]] },
      ),
    );
    expect(await texts(path, { system: 'Be kind.' })).toEqual([
      'system: Be kind. | user: p | assistant: c',
      'system: Be kind. | user: a | assistant: b',
      'system: Own. | user: a | assistant: b',
      'text: t',
      'system: Be kind. | user: a | assistant: b',
    ]);
    const split = (await read([path], { system: 'Be kind.' })).at(-1)!;
    expect(strictRow(split.row, split.where)).toMatchObject({ kind: 'chat', contextMessages: 2 });
  });
});

describe('looseToJson', () => {
  it('gives the object that reads back as the same row', async () => {
    const chat = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
    ];
    const shapes = [
      { prompt: 'p', completion: 'c' },
      { prompt: 'p', completion: 'c', system: 's' },
      { instruction: 'i', input: 'j', output: 'o' },
      { messages: chat },
      {
        conversations: [
          { from: 'human', value: 'a' },
          { from: 'gpt', value: 'b' },
        ],
      },
      { prompt: [chat[0]], completion: [chat[1]] },
      { text: ' t ' },
    ];
    const path = await file('shapes.jsonl', lines(...shapes));
    for (const { row, where } of await read([path]))
      expect(parseRow(looseToJson(row), where)).toEqual(strictRow(row, where));
  });
});

describe('size', () => {
  it('refuses a .gz that unpacks to far more than its size, without unpacking it all', async () => {
    const bomb = gzipSync(Buffer.from(`{"text":"${'a'.repeat(1_000_000)}"}\n`.repeat(80)));
    expect(bomb.length).toBeLessThan(200_000);
    const rows = await read([await file('bomb.jsonl.gz', bomb)]).then(
      (read) => read.length,
      (error: unknown) => error,
    );
    expect(rows).toMatchObject({
      code: 'data-too-large',
      message: expect.stringContaining('unpacks to more than 250 times its size'),
      hint: expect.stringContaining('unpack it yourself'),
    });
  });

  it('skips one huge line of a table and goes on behind it', async () => {
    const path = await file('huge.csv', `question,answer\nq,a\n"${'x'.repeat(66 * 1024 * 1024)}",b\nr,s\n`);
    const bad: string[] = [];
    const placed = await read([path], { onBadRow: ({ message }) => bad.push(message) });
    expect(placed.map(({ where }) => where)).toEqual([`${path}:2`, `${path}:4`]);
    expect(bad).toEqual([`${path}:3: The line is longer than 64 MB.`]);
  });

  it('refuses a JSON list whose one record does not end', async () => {
    const path = await file('endless.json', `[{"a": 1}, {"prompt": "${'x'.repeat(3 * 1024 * 1024)}`);
    const context = { note: () => undefined };
    const reading = readJsonWithin(1024 * 1024, await openSource(path), context);
    const all = async () => {
      for await (const _ of reading);
    };
    await expect(all()).rejects.toMatchObject({
      code: 'data-too-large',
      message: `${path}, record 2: The row is larger than 1 MB.`,
    });
  });

  it.each([
    [
      'csv',
      (i: number) => `${i},"Question ""${i}"", with\na line","An answer, of some length, ${i}."\n`,
      'id,question,answer\n',
      '',
    ],
    [
      'json',
      (i: number) =>
        `${i ? ',' : ''}\n{"question": "Question ${i}", "answer": "An answer of some length, ${i}."}`,
      '[',
      ']',
    ],
  ])('streams 100,000 rows of %s in little memory', async (format, row, before, after) => {
    const rows = Array.from({ length: 100_000 }, (_, i) => row(i)).join('');
    const path = await file(`many.${format}`, before + rows + after);
    const module = JSON.stringify(pathToFileURL('main/rows/read-rows.ts').href);
    const program = `
import { readLooseRows } from ${module};
let count = 0, chars = 0;
for await (const { row } of readLooseRows([${JSON.stringify(path)}])) {
  count++;
  for (const turn of row.turns) chars += turn.content.length;
}
console.log(JSON.stringify({ count, chars }));
`;
    const child = await file(`child-${format}.mjs`, program);
    // A heap that could not hold the file's rows
    const { stdout } = await promisify(execFile)(process.execPath, ['--max-old-space-size=48', child]);
    const { count, chars } = JSON.parse(stdout) as { count: number; chars: number };
    expect(count).toBe(100_000);
    expect(chars).toBeGreaterThan(4_000_000);
  });
});
