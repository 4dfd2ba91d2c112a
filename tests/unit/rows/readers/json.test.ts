import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../../common/errors.ts';
import { splitLines, utf8Chunks } from '../../../../main/rows/readers/encoding.ts';
import { parseJsonLine, readJson } from '../../../../main/rows/readers/json.ts';
import { fileBytes, openSource } from '../../../../main/rows/readers/source.ts';

interface JsonLine {
  readonly value: unknown;
  readonly line: number;
  readonly endByte: number;
}

/** The values of the lines of a UTF-8 file, as the reader of JSON Lines takes them. */
async function* readJsonl(
  path: string,
  { onBadLine, signal }: { onBadLine?: (error: AppError) => void; signal?: AbortSignal } = {},
): AsyncGenerator<JsonLine> {
  const source = await openSource(path, signal);
  for await (const lines of splitLines(utf8Chunks(source, { name: 'utf-8' }, signal))) {
    for (const raw of lines) {
      const parsed = parseJsonLine(raw, path);
      if (parsed === undefined) continue;
      if ('value' in parsed) yield { value: parsed.value, line: raw.line, endByte: raw.endByte };
      else if (onBadLine) onBadLine(parsed.error);
      else throw parsed.error;
    }
  }
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-jsonl-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(content: string | Uint8Array): Promise<string> {
  const path = join(folder, 'data.jsonl');
  await writeFile(path, content);
  return path;
}

async function read(content: string | Uint8Array): Promise<JsonLine[]> {
  const lines: JsonLine[] = [];
  for await (const line of readJsonl(await file(content))) lines.push(line);
  return lines;
}

/** The error that reading `content` ends in. */
async function failure(content: string | Uint8Array): Promise<AppError> {
  const error = await read(content).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

describe('the records of a JSON file', () => {
  const records = async (value: string) => {
    const notes: string[] = [];
    const context = { note: ({ message }: { message: string }) => notes.push(message) };
    const found: unknown[] = [];
    for await (const batch of readJson(await openSource(await file(value)), context as never))
      for (const record of batch) found.push('value' in record ? record.value : record.error);
    return { found, notes };
  };
  const rows = [{ q: 1 }, { q: 2, of: { items: [{ not: 1 }] } }, { q: 3 }];
  const authors = [{ name: 'A' }];

  it('are a list deep in an object, the longest of several', async () => {
    const deep = {
      version: '1',
      data: { authors, items: rows, test: rows.concat(rows) },
      end: { items: [] },
    };
    const { found, notes } = await records(JSON.stringify(deep));
    expect(found).toEqual(rows);
    expect(notes).toEqual([
      expect.stringContaining('its list “data.items”. Not read: data.authors, data.test.'),
    ]);
  });

  it('are its own list rather than a deeper one', async () => {
    const { found } = await records(JSON.stringify({ meta: { authors }, rows }));
    expect(found).toEqual(rows);
  });

  it('are the objects themselves where these are rows, or several', async () => {
    const row = { prompt: 'a', completion: 'b', meta: { authors } };
    expect((await records(JSON.stringify(row, null, 1))).found).toEqual([row]);
    const other = { id: 1, meta: { authors } };
    expect((await records(`${JSON.stringify(other)} ${JSON.stringify(other)}`)).found).toEqual([
      other,
      other,
    ]);
  });
});

describe('parseJsonLine and splitLines', () => {
  it('gives values with their line numbers and the bytes read so far; blank lines count but are not given', async () => {
    expect(await read('{"a":1}\n\n  \n[2]\n"é"')).toEqual([
      { value: { a: 1 }, line: 1, endByte: 8 },
      { value: [2], line: 4, endByte: 16 },
      { value: 'é', line: 5, endByte: 20 },
    ]);
  });

  it('accepts a byte order mark, Windows line ends, a missing last line end and an empty file', async () => {
    const lines = await read('\ufeff{"a":"x"}\r\n\r\n{"a":"y"}\r\n');
    expect(lines.map(({ value, line }) => [value, line])).toEqual([
      [{ a: 'x' }, 1],
      [{ a: 'y' }, 3],
    ]);
    expect(await read('')).toEqual([]);
    expect(await read('\n\n')).toEqual([]);
  });

  it('puts lines and characters together that lie across chunk borders', async () => {
    // Three-byte characters and odd line lengths, so that the 1 MiB borders fall inside characters, lines, line ends
    const rows = Array.from({ length: 700 }, (_, i) => '€'.repeat(1000 + ((i * 37) % 1500)) + i);
    const lines = await read(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    expect(lines.map(({ value }) => value)).toEqual(rows);
    const exact = `"${'x'.repeat(1024 * 1024 - 3)}"`;
    expect((await read(`${exact}\n1\n`)).map(({ value }) => (value as string).length ?? value)).toEqual([
      1024 * 1024 - 3,
      1,
    ]);
  });

  it('reads a line of several megabytes and names the line limit for one beyond it', async () => {
    const long = 'x'.repeat(5 * 1024 * 1024);
    expect((await read(`1\n"${long}"\n2`)).map(({ line }) => line)).toEqual([1, 2, 3]);
    const path = await file(`1\n"${'y'.repeat(66 * 1024 * 1024)}"\n3\n`);
    const errors: string[] = [];
    const values: unknown[] = [];
    for await (const { value } of readJsonl(path, { onBadLine: (error) => errors.push(error.message) }))
      values.push(value);
    expect(values).toEqual([1, 3]);
    expect(errors).toEqual([`${path}:2: The line is longer than 64 MB.`]);
  });

  it('names file, line, column and text of a mistake', async () => {
    const error = await failure('{"a": 1}\n{"prompt": "Hi", "completion": "Hello",}\n');
    expect(error.code).toBe('bad-row');
    expect(error.message).toContain(`${join(folder, 'data.jsonl')}:2: The line is not one JSON object:`);
    expect(error.message).toContain('at column 40: {"prompt": "Hi", "completion": "Hello",}');
    expect(error.hint).toContain('Each line needs one complete JSON object');
    expect((await failure('{"a": "x')).message).toMatch(/:1: The line is not one JSON object: .*\{"a": "x$/);
    expect((await failure('hello world')).message).toContain('hello world');
  });

  it('shows only the neighbourhood of a mistake in a long line, without control characters', async () => {
    const line = `{"a": "${'x'.repeat(5000)}", "b": \u001b[31mred, "c": "${'y'.repeat(5000)}"}`;
    const { message } = await failure(line);
    expect(message.length).toBeLessThan(400);
    expect(message).toContain('\\u001b[31mred');
    expect(message).not.toContain('\u001b');
  });

  it('advises how to turn one JSON list into lines', async () => {
    expect((await failure('[\n  {"text": "a"}\n]')).hint).toContain('on a line of its own');
  });

  it('refuses bytes that are not UTF-8 and says where they are', async () => {
    const latin1 = Buffer.from('{"text": "fine"}\n{"text": "caf\u00e9"}\n', 'latin1');
    const error = await failure(latin1);
    expect(error.message).toContain('data.jsonl:2: The line is not UTF-8 text');
    expect(error.message).toContain('café');
    expect(error.hint).toContain('UTF-8');
    const surrogate = Buffer.concat([Buffer.from('"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"')]);
    expect((await failure(surrogate)).message).toContain('The line is not UTF-8 text');
  });

  it('leaves bad lines out and reports each where asked to', async () => {
    const path = await file('{"n":1}\n{bad}\n{"n":3}\n{"n":\n{"n":5}');
    const bad: string[] = [];
    const lines: number[] = [];
    for await (const { line } of readJsonl(path, { onBadLine: ({ message }) => bad.push(message) }))
      lines.push(line);
    expect(lines).toEqual([1, 3, 5]);
    expect(bad.map((message) => message.slice(path.length, path.length + 3))).toEqual([':2:', ':4:']);
  });

  it('survives deeply nested data', async () => {
    const depth = 200_000;
    const lines = await read(`${'['.repeat(depth)}${']'.repeat(depth)}\n1\n`).catch(
      (error: unknown) => error,
    );
    if (lines instanceof Error) expect(lines).toBeInstanceOf(AppError);
    else expect((lines as JsonLine[]).length).toBe(2);
  });

  it('says what is wrong with a path', async () => {
    const next = (path: string) => readJsonl(path).next();
    await expect(next(join(folder, 'none.jsonl'))).rejects.toMatchObject({ code: 'file-not-found' });
    await expect(next(folder)).rejects.toThrow('is a folder');
    await expect(fileBytes(join(folder, 'none.jsonl'))).rejects.toMatchObject({ code: 'file-not-found' });
    expect(await fileBytes(await file('é'))).toBe(2);
  });

  it('stops with the reason of the signal', async () => {
    const path = await file('1\n2\n');
    const reason = new Error('enough');
    await expect(readJsonl(path, { signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
  });
});
