/**
 * What has arrived of a download: `<name>.part` for each file on its way, and `.fettle-download.json` beside
 * them, which survives a killed process. A range is recorded only after its bytes have been flushed to the
 * disk, with a checksum by which they are known again.
 */
import fs, { type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { systemError } from '../../../common/errors.ts';
import { parsedJson } from '../../../common/values.ts';
import { rename } from '../../rename.ts';
import type { Plan } from './plan-download.ts';

export const RECORD = '.fettle-download.json';

const count = z.int().nonnegative();

/** Bytes `start` to `end` (exclusive) of a file, of which the first `done` are here; `crc` is their CRC-32. */
const RangeSchema = z.object({ start: count, end: count, done: count, crc: count });

const FileSchema = z.object({
  /** A name, or one in a folder beside the others. */
  path: z.string().regex(/^(?:[\w-]+\/)?[^/\\]+$/),
  bytes: count,
  hash: z.object({ kind: z.enum(['sha256', 'git-sha1']), value: z.string() }),
  /** It is complete, its hash was right, and it has its name. */
  checked: z.boolean(),
  ranges: z.array(RangeSchema),
});

const RecordSchema = z.object({
  version: z.literal(1),
  repo: z.string(),
  revision: z.string(),
  licence: z.string().nullable(),
  gguf: z.string().nullable(),
  files: z.array(FileSchema),
});

export type Range = z.output<typeof RangeSchema>;
export type RecordedFile = z.output<typeof FileSchema>;
export type DownloadRecord = z.output<typeof RecordSchema>;

/** A record of a download of which nothing is here. */
export function newRecord(
  { repo, revision, licence, gguf, files }: Plan,
  rangeBytes: number,
): DownloadRecord {
  const recorded = files.map((file) => ({
    ...file,
    checked: false,
    ranges: rangesOf(file.bytes, rangeBytes),
  }));
  return { version: 1, repo, revision, licence, gguf, files: recorded };
}

export function rangesOf(bytes: number, rangeBytes: number): Range[] {
  const ranges: Range[] = [];
  for (let start = 0; start < bytes; start += rangeBytes)
    ranges.push({ start, end: Math.min(start + rangeBytes, bytes), done: 0, crc: 0 });
  return ranges;
}

/** The record in `folder`; null where there is none that can be read, and the download starts over. */
export async function readRecord(folder: string): Promise<DownloadRecord | null> {
  const text = await fs.readFile(path.join(folder, RECORD), 'utf8').catch(() => '');
  const record = RecordSchema.safeParse(parsedJson(text)).data;
  return record?.files.every(isSound) ? record : null;
}

function isSound({ ranges, bytes }: RecordedFile): boolean {
  let end = 0;
  for (const range of ranges) {
    if (range.start !== end || range.done > range.end - range.start) return false;
    end = range.end;
  }
  return end === bytes;
}

/** Writes `text`, a record, so that it is there whole or as it was before. One at a time: what a killed process left is written over. */
export async function writeRecord(folder: string, text: string): Promise<void> {
  const temporary = path.join(folder, `${RECORD}.tmp`);
  try {
    await fs.writeFile(temporary, text, { flush: true });
    await rename(temporary, path.join(folder, RECORD));
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  }
}

/** Bytes that are here. */
export function bytesHere({ files }: Pick<DownloadRecord, 'files'>): number {
  return files.reduce((sum, { ranges }) => sum + ranges.reduce((part, { done }) => part + done, 0), 0);
}

export function bytesInAll({ files }: { readonly files: readonly { readonly bytes: number }[] }): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Notes that all of a file is here and right. */
export function adopt(file: RecordedFile): void {
  file.checked = true;
  for (const range of file.ranges) range.done = range.end - range.start;
}

/** Forgets what is here of a file. */
export function forget(file: RecordedFile): void {
  file.checked = false;
  for (const range of file.ranges) Object.assign(range, { done: 0, crc: 0 });
}

const BLOCK = 2 ** 20;

export class PartFile {
  readonly path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /**
   * Opens what is at `path`, or a new file. With `trusted` unset, ranges that do not hold what the record
   * says are forgotten: the power may have failed, or someone has touched the file.
   */
  static async open(path: string, file: RecordedFile, trusted: boolean): Promise<PartFile> {
    // a link that lies there would lead the bytes elsewhere
    if ((await fs.lstat(path).catch(() => null))?.isFile() === false) await fs.rm(path, { recursive: true });
    const handle = await fs.open(path, 'a+').then(async (made) => {
      await made.close();
      return await fs.open(path, 'r+');
    });
    try {
      const part = new PartFile(path, handle);
      if (!trusted) for (const range of file.ranges) await part.#recheck(range);
      await handle.truncate(file.bytes);
      return part;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async append(range: Range, chunk: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < chunk.length; ) {
        const place = range.start + range.done + at;
        at += (await this.#handle.write(chunk, at, chunk.length - at, place)).bytesWritten;
      }
    } catch (error) {
      throw systemError(error, this.path);
    }
    range.crc = crc32(chunk, range.crc);
    range.done += chunk.length;
  }

  /** Makes sure that what was added is on the disk. */
  async sync(): Promise<void> {
    await this.#handle.datasync().catch((error: unknown) => {
      throw systemError(error, this.path);
    });
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #recheck(range: Range): Promise<void> {
    const block = new Uint8Array(BLOCK);
    let crc = 0;
    for (let at = 0; at < range.done; ) {
      const length = Math.min(BLOCK, range.done - at);
      const { bytesRead } = await this.#handle.read(block, 0, length, range.start + at);
      if (bytesRead === 0) break;
      crc = crc32(block.subarray(0, bytesRead), crc);
      at += bytesRead;
    }
    if (crc !== range.crc) Object.assign(range, { done: 0, crc: 0 });
  }
}
