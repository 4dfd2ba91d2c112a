/**
 * The bytes of a data file, unpacked where it is a .gz: everything above reads content and need not know. A packed file
 * may pretend to be small, so how much comes out of it has limits.
 */

import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { AppError, reasonOf, systemError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Unpacked bytes that any file may have; a ratio says something only beyond them. */
const RATIO_FREE_BYTES = 64 * 1024 * 1024;
/** Text packs to a fifth, tables of few different rows to a fiftieth; deflate cannot do more than 1032. */
const MAX_RATIO = 250;
const MAX_UNPACKED_BYTES = 32 * 1024 ** 3;
const GZIP_MAGIC = [0x1f, 0x8b];

/** A file, opened for reading as often as needed. */
export interface Source {
  readonly path: string;
  /** Bytes on the disk. */
  readonly bytes: number;
  readonly isGzip: boolean;
  /** The first content, at most 1 MiB of it, and whether that is all. */
  readonly head: Buffer;
  readonly headIsAll: boolean;
  /** The content from its beginning. */
  chunks(signal?: AbortSignal): AsyncGenerator<Buffer>;
  /** Bytes of the file that the newest `chunks` has read. */
  position(): number;
  /** All of the content; `AppError` where it is more than `limit` bytes. */
  whole(limit: number, signal?: AbortSignal): Promise<Buffer>;
}

/** Opens `path`; a missing or unreadable file, one without an end, or a damaged .gz, is an `AppError`. */
export async function openSource(path: string, signal?: AbortSignal): Promise<Source> {
  const { bytes, magic } = await fileFacts(path);
  const isGzip = GZIP_MAGIC.every((byte, i) => magic[i] === byte);
  const progress = { read: 0 };
  const chunks = isGzip
    ? (stop?: AbortSignal) => unpacked(path, bytes, progress, stop)
    : (stop?: AbortSignal) => plain(path, bytes, progress, stop);
  const { head, headIsAll } = await readHead(chunks(signal));
  return {
    path,
    bytes,
    isGzip,
    head,
    headIsAll,
    chunks,
    position: () => Math.min(progress.read, bytes),
    whole: (limit, stop) => collect(path, chunks(stop), limit),
  };
}

/** Size of a file in bytes; a missing or unreadable one, or a folder, is an `AppError`. */
export async function fileBytes(path: string): Promise<number> {
  return (await fileFacts(path)).bytes;
}

async function fileFacts(path: string): Promise<{ bytes: number; magic: Buffer }> {
  const file = await openFile(path);
  try {
    const magic = Buffer.alloc(2);
    await file.read(magic, 0, 2, 0);
    return { bytes: (await file.stat()).size, magic };
  } catch (cause) {
    throw cannotRead(path, cause);
  } finally {
    await file.close();
  }
}

/** Opens a plain file. Without waiting: a pipe that nobody writes to would never open. */
export async function openFile(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cannotRead(path, cause);
    const hint = say`Check the path.`;
    throw new AppError('file-not-found', say`There is no file ${path}.`, hint, { cause });
  });
  const stats = await file.stat().catch((cause: unknown) =>
    file.close().then(() => {
      throw cannotRead(path, cause);
    }),
  );
  if (stats.isFile()) return file;
  await file.close();
  if (stats.isDirectory())
    throw new AppError('cannot-read', say`${path} is a folder.`, say`Choose a file inside it.`);
  const message = say`${path} is a pipe or a device, not a file.`;
  throw new AppError('cannot-read', message, say`Save its content as a file, and choose that.`);
}

function cannotRead(path: string, cause: unknown): AppError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const hint = say`Check that you may read the file.`;
  if (code === 'EISDIR')
    return new AppError('cannot-read', say`${path} is a folder.`, say`Choose a file inside it.`);
  const known = systemError(cause, path);
  if (known instanceof AppError) return known;
  return new AppError('cannot-read', say`${path} can't be read (${code}).`, hint, { cause });
}

/** What grows as fast as it is read has no end. */
function refuseGrowth(path: string, read: number, bytes: number): void {
  if (read <= bytes) return;
  const message = say`${path} grew while it was read: another program is writing to it.`;
  throw new AppError('data-changed', message, say`Wait until the file is complete, or use a copy of it.`);
}

async function* plain(
  path: string,
  bytes: number,
  progress: { read: number },
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const file = await openFile(path);
  progress.read = 0;
  try {
    for (;;) {
      signal?.throwIfAborted();
      // a byte more than is left tells of growth, and memory for a whole chunk costs more than a small file
      const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, bytes - progress.read + 1));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return;
      progress.read += bytesRead;
      refuseGrowth(path, progress.read, bytes);
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function* unpacked(
  path: string,
  bytes: number,
  progress: { read: number },
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const packed = createReadStream(path, { highWaterMark: CHUNK_BYTES / 4 });
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  packed.on('error', (error) => gunzip.destroy(error));
  packed.pipe(gunzip);
  let total = 0;
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      refuseGrowth(path, packed.bytesRead, bytes);
      progress.read = packed.bytesRead;
      total += chunk.length;
      refuseBomb(path, total, Math.min(packed.bytesRead, bytes));
      yield chunk;
    }
    progress.read = bytes;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    if (!code.startsWith('Z_')) throw cause;
    throw damagedGzip(path, total, code, cause);
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

function refuseBomb(path: string, unpackedBytes: number, packedBytes: number): void {
  const ratio = unpackedBytes / Math.max(1, packedBytes);
  const tooDense = unpackedBytes > RATIO_FREE_BYTES && ratio > MAX_RATIO;
  if (!tooDense && unpackedBytes <= MAX_UNPACKED_BYTES) return;
  const size = `${Math.round(unpackedBytes / 1e6)} MB`;
  const message = tooDense
    ? say`${path} unpacks to more than ${MAX_RATIO} times its size (${size} so far). Real data doesn't.`
    : say`${path} unpacks to more than ${MAX_UNPACKED_BYTES / 1024 ** 3} GB.`;
  throw new AppError(
    'data-too-large',
    message,
    say`If you trust the file, unpack it yourself and choose the unpacked one.`,
  );
}

function damagedGzip(path: string, total: number, code: string, cause: unknown): AppError {
  const ended = code === 'Z_BUF_ERROR';
  const read = Math.round(total / 1e3);
  return new AppError(
    'data-damaged',
    ended
      ? say`${path} is packed and ends too early, after ${read} kB of content.`
      : say`${path} is packed and damaged after ${read} kB of content${reasonOf(cause)}.`,
    ended
      ? say`It was probably not copied completely. Copy or download it again.`
      : say`Copy or download it again.`,
    { cause },
  );
}

async function readHead(chunks: AsyncGenerator<Buffer>): Promise<{ head: Buffer; headIsAll: boolean }> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    pieces.push(chunk);
    bytes += chunk.length;
    if (bytes >= CHUNK_BYTES)
      return { head: Buffer.concat(pieces).subarray(0, CHUNK_BYTES), headIsAll: false };
  }
  return { head: Buffer.concat(pieces), headIsAll: true };
}

async function collect(path: string, chunks: AsyncGenerator<Buffer>, limit: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > limit) {
      const message = say`${path} is larger than ${Math.round(limit / 1e6)} MB, too large for its format.`;
      throw new AppError(
        'data-too-large',
        message,
        say`Save it as CSV or JSON Lines: those may be of any size.`,
      );
    }
    pieces.push(chunk);
  }
  return Buffer.concat(pieces);
}

/** Something that was decided while reading and that a person should know. */
export interface DataNote {
  /** `data-encoding`, `data-sheet`, `data-schema`, … */
  readonly code: string;
  readonly message: string;
  /** Set where the file is as documented and nothing had to be guessed: worth a line, but no warning. */
  readonly expected?: true;
}

/** One record as it stands in the file, or what is wrong with it. */
export type RawRecord = {
  /** Its place: `rows.csv:12`, `book.xlsx, row 12`. */
  readonly where: string;
  /** Bytes of the file up to its end, or near it. */
  readonly doneBytes: number;
} & ({ readonly value: unknown; readonly error?: never } | { readonly error: AppError });

export interface ReadingContext {
  readonly signal?: AbortSignal | undefined;
  /** The sheet of workbooks by name; `auto` or left out: the likeliest. */
  readonly sheet?: string | undefined;
  /** How many of a sheet's records would be rows to train on. */
  usableRows?(records: readonly unknown[]): number;
  /** Told of the sheets with something in them, and of the one that is read. */
  onSheets?(sheets: readonly FoundSheet[], chosen: string): void;
  note(note: DataNote): void;
}

/** A sheet of a workbook; `rows` counts those with something in them. */
export interface FoundSheet {
  readonly name: string;
  readonly rows: number;
}

/** Records in order, a few at a time. Throws `AppError` for what is wrong with the file as a whole. */
export type Reader = (source: Source, context: ReadingContext) => AsyncGenerator<readonly RawRecord[]>;
