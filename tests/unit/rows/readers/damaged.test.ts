/** Damaged data files: whatever is wrong, it ends soon, in an error with a sentence, and takes nothing else down. */
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../../../common/errors.ts';
import { dataBytes, readLooseRows } from '../../../../main/rows/read-rows.ts';
import { processorTime } from '../../../helpers/processor-time.ts';
import { seeded } from '../../../helpers/random.ts';
import { workbook } from '../../../helpers/workbook.ts';

const MESSY = join(import.meta.dirname, '../../../fixtures/messy');
/** What a library or V8 would say. */
const FOREIGN = /undefined|NaN|not a function|\.map|thrift|Invalid|argument|DataView|typed array/;

let folder: string;
const lost: unknown[] = [];
const onLost = (reason: unknown) => void lost.push(reason);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-damaged-'));
  process.on('unhandledRejection', onLost);
});
afterAll(async () => {
  process.off('unhandledRejection', onLost);
  await rm(folder, { recursive: true });
});

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** Rows that were read, or what was thrown. */
async function outcome(path: string): Promise<number | unknown> {
  let rows = 0;
  try {
    for await (const _ of readLooseRows([path], { onBadRow: () => {} })) rows++;
    return rows;
  } catch (error) {
    return error;
  }
}

/** A copy with up to four bytes changed, and now and then cut off. */
function mutated(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (let i = 0; i < 1 + Math.floor(4 * random()); i++) {
    const kind = random();
    copy[Math.floor(random() * copy.length)] =
      kind < 0.3 ? 0xff : kind < 0.5 ? 0 : Math.floor(256 * random());
  }
  return random() < 0.1 ? copy.subarray(0, Math.floor(random() * copy.length)) : copy;
}

const table = [
  ['question', 'answer'],
  ...Array.from({ length: 12 }, (_, i) => [`Where is room ${i}?`, `On floor ${i}.`]),
];
const lines = table.slice(1).map(([question, answer]) => JSON.stringify({ question, answer }));

describe('files with changed bytes', () => {
  const originals: Readonly<Record<string, () => Promise<Uint8Array>>> = {
    'labels.parquet': () => readFile(join(MESSY, 'labels.parquet')),
    'chats.parquet': () => readFile(join(MESSY, 'chats.parquet')),
    'book.xlsx': async () => workbook({ Cover: [['Rooms']], Rooms: table }),
    'rows.csv': async () => Buffer.from(table.map((cells) => cells.join(',')).join('\n')),
    'rows.jsonl': async () => Buffer.from(lines.join('\n')),
    'rows.jsonl.gz': async () => gzipSync(lines.join('\n')),
  };
  it.for(Object.keys(originals))('%s: rows, or one error with a sentence of its own', async (name) => {
    const original = await originals[name]!();
    const random = seeded(18);
    for (let i = 0; i < 250; i++) {
      const found = await outcome(await file(name, mutated(original, random)));
      if (typeof found === 'number') continue;
      expect(found, `mutation ${i}`).toBeInstanceOf(AppError);
      const { message } = found as AppError;
      if (/parquet|xlsx/.test(name)) expect(message).not.toMatch(FOREIGN);
    }
    // promises that nobody waits for fail after the error that ended the reading
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(lost).toEqual([]);
  });
});

describe('Parquet', () => {
  it('waits for every column that it has begun before it says that another one is wrong', async () => {
    const bytes = await readFile(join(MESSY, 'chats.parquet'));
    const footer = bytes.readUInt32LE(bytes.length - 8);
    // the pages are damaged, and the last column is not in the schema
    bytes.fill(0xff, 4, bytes.length - 8 - footer);
    bytes.write('x', bytes.lastIndexOf('content'));
    expect(await outcome(await file('columns.parquet', bytes))).toMatchObject({ code: 'data-damaged' });
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(lost).toEqual([]);
  });
});

describe('Excel', () => {
  it('refuses a sheet whose one cell is so far down that millions of rows would be made for it', async () => {
    const parts = unzipSync(workbook({ Rooms: table }));
    const sheet = 'xl/worksheets/sheet1.xml';
    const last = strFromU8(parts[sheet]!)
      .replaceAll('"13"', '"20000000"')
      .replace(/"([AB])13"/g, '"$120000000"');
    const far = zipSync({ ...parts, [sheet]: strToU8(last) });
    const seconds = processorTime();
    expect(await outcome(await file('far.xlsx', far))).toMatchObject({ code: 'data-too-large' });
    expect(seconds()).toBeLessThan(2);
  });
});

describe('what is no plain file', () => {
  const said = (path: string, what: RegExp) =>
    expect(outcome(path)).resolves.toMatchObject({
      code: 'cannot-read',
      message: expect.stringMatching(what),
    });

  it.skipIf(process.platform === 'win32')(
    'a pipe, by itself and in a folder, and a device end in a sentence',
    async () => {
      const pipes = join(folder, 'pipes');
      await mkdir(pipes);
      execFileSync('mkfifo', [join(pipes, 'rows.jsonl')]);
      await said(join(pipes, 'rows.jsonl'), /is a pipe or a device, not a file/);
      await said(pipes, /is a pipe or a device/);
      await said('/dev/zero', /is a pipe or a device/);
      await expect(dataBytes(['/dev/zero'])).rejects.toMatchObject({ code: 'cannot-read' });
    },
  );

  it.for(['growing.jsonl', 'growing.jsonl.gz'])(
    '%s, which grows as fast as it is read, is not read for ever',
    async (name) => {
      const many = `${lines.join('\n')}\n`.repeat(4000);
      const content = name.endsWith('.gz') ? gzipSync(many, { level: 0 }) : many;
      const path = await file(name, content);
      let rows = 0;
      const reading = async () => {
        for await (const _ of readLooseRows([path])) if (++rows % 1000 === 0) appendFileSync(path, content);
      };
      await expect(reading()).rejects.toMatchObject({
        code: 'data-changed',
        message: expect.stringContaining('grew while it was read'),
      });
    },
  );
});
