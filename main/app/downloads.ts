/** What a browser gets of a run: its report as a page, an export as its one file or with all of its files in one .zip. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { ExportRow, RunDetails } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { report } from './runs.ts';

export interface Download {
  /** The name under which the browser saves it. */
  readonly name: string;
  readonly bytes: number;
  /** Whether it is a page to look at and to print. */
  readonly isPage?: boolean;
  content(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** The report of a run, or the export of that id. Throws an AppError where it is not there. */
export async function downloadOf(run: RunDetails, what: string): Promise<Download> {
  if (what === 'report') {
    const page = Buffer.from((await report(run)).html);
    return { name: 'report.html', bytes: page.length, isPage: true, content: () => [page] };
  }
  const row = run.exports.find(({ id }) => id === what);
  if (!row) throw gone();
  const { out } = row.result;
  // of a GGUF export the model alone, which is what other programs open
  if (out.endsWith('.gguf')) {
    const { bytes } = await entryOf(out, out);
    return { name: path.basename(out), bytes, content: () => createReadStream(out) };
  }
  const entries = await Promise.all(filesOf(row).map((file) => entryOf(file, out)));
  return { name: `${path.basename(out)}.zip`, bytes: zipBytes(entries), content: () => zipped(entries) };
}

/** The files where the export is now: a run's folder may have moved since. */
function filesOf({ result: { out, files } }: ExportRow): string[] {
  return files.map((file) => path.join(out, path.basename(file)));
}

interface Entry {
  readonly name: Buffer;
  readonly file: string;
  readonly bytes: number;
  readonly modified: Date;
}

async function entryOf(file: string, folder: string): Promise<Entry> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw gone();
  const inside = path.posix.join(path.basename(folder), path.basename(file));
  return { name: Buffer.from(inside), file, bytes: found.size, modified: found.mtime };
}

function gone(): AppError {
  return new AppError('export-gone', say`This copy is gone.`, say`Save the model again.`);
}

const LARGE = 0xffffffff;
const [LOCAL, DESCRIPTOR, CENTRAL, END64, LOCATOR, END] = [30, 24, 46, 56, 20, 22];
const EXTRA = { local: 20, central: 28 };

/** Bytes of the .zip, which is known before it is written: weights are stored as they are, since they do not get smaller. */
function zipBytes(entries: readonly Entry[]): number {
  const each = ({ name, bytes }: Entry) =>
    bytes + LOCAL + EXTRA.local + DESCRIPTOR + CENTRAL + EXTRA.central + 2 * name.length;
  return entries.reduce((sum, entry) => sum + each(entry), END64 + LOCATOR + END);
}

/** A .zip of files of any size: always with the fields of 64 bits, and each checksum after its file. */
async function* zipped(entries: readonly Entry[]): AsyncGenerator<Uint8Array> {
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const { name, file, bytes } = entry;
    yield localHeader(entry);
    let [check, sent] = [0, 0];
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      check = crc32(chunk, check);
      sent += chunk.length;
      yield chunk;
    }
    if (sent !== bytes) throw gone();
    yield fields(DESCRIPTOR, [4, 0x08074b50], [4, check], [8, bytes], [8, bytes]);
    central.push(centralHeader(entry, check, offset));
    offset += LOCAL + name.length + EXTRA.local + bytes + DESCRIPTOR;
  }
  yield* central;
  const size = central.reduce((sum, { length }) => sum + length, 0);
  const count = entries.length;
  yield fields(
    END64,
    ...([
      [4, 0x06064b50],
      [8, END64 - 12],
      [2, 45],
      [2, 45],
      [4, 0],
      [4, 0],
    ] as Field[]),
    ...([
      [8, count],
      [8, count],
      [8, size],
      [8, offset],
    ] as Field[]),
  );
  yield fields(LOCATOR, [4, 0x07064b50], [4, 0], [8, offset + size], [4, 1]);
  yield fields(END, [4, 0x06054b50], [2, 0], [2, 0], [2, LARGE], [2, LARGE], [4, LARGE], [4, LARGE], [2, 0]);
}

/** Bytes and value of each field, little-endian. */
type Field = readonly [bytes: 2 | 4 | 8, value: number];

function fields(size: number, ...all: readonly Field[]): Buffer {
  const buffer = Buffer.alloc(size);
  let at = 0;
  for (const [bytes, value] of all) {
    if (bytes === 8) buffer.writeBigUInt64LE(BigInt(value), at);
    else if (bytes === 4) buffer.writeUInt32LE(value >>> 0, at);
    else buffer.writeUInt16LE(value & 0xffff, at);
    at += bytes;
  }
  return buffer;
}

/** Version, flags (checksum follows, names in UTF-8), stored, time and date: the same in both headers. */
function shared({ modified }: Entry): Field[] {
  const time = (modified.getHours() << 11) | (modified.getMinutes() << 5) | (modified.getSeconds() >> 1);
  const year = Math.max(0, modified.getFullYear() - 1980);
  const date = (year << 9) | ((modified.getMonth() + 1) << 5) | modified.getDate();
  return [
    [2, 45],
    [2, 0x0808],
    [2, 0],
    [2, time],
    [2, date],
  ];
}

function localHeader(entry: Entry): Buffer {
  const { name, bytes } = entry;
  return Buffer.concat([
    fields(
      LOCAL,
      [4, 0x04034b50],
      ...shared(entry),
      [4, 0],
      [4, LARGE],
      [4, LARGE],
      [2, name.length],
      [2, EXTRA.local],
    ),
    name,
    fields(EXTRA.local, [2, 1], [2, 16], [8, bytes], [8, bytes]),
  ]);
}

function centralHeader(entry: Entry, check: number, offset: number): Buffer {
  const { name, bytes } = entry;
  return Buffer.concat([
    fields(
      CENTRAL,
      ...([[4, 0x02014b50], [2, 45], ...shared(entry), [4, check], [4, LARGE], [4, LARGE]] as Field[]),
      ...([
        [2, name.length],
        [2, EXTRA.central],
        [2, 0],
        [2, 0],
        [2, 0],
        [4, 0],
        [4, LARGE],
      ] as Field[]),
    ),
    name,
    fields(EXTRA.central, [2, 1], [2, 24], [8, bytes], [8, bytes], [8, offset]),
  ]);
}
