/**
 * Takes files out of a zip archive of any size, piece by piece: a wheel of NVIDIA's holds half a gigabyte in one file. Every file is
 * hashed while it is written.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Unzip, type UnzipFile, UnzipInflate } from 'fflate';
import { AppError, systemError } from '../../common/errors.ts';
import type { PackArchive, PackMember } from './pack.ts';

const PIECE_BYTES = 2 ** 18;

/**
 * Writes the members of `archive`, which lies at `file`, into the folder `into`. `onBytes` hears how many bytes of the archive were
 * read. Throws `AppError('pack-damaged')` where one is missing or has other content.
 */
export async function unpackArchive(
  archive: PackArchive,
  file: string,
  into: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const open = new Map<string, Writing>();
  const unzip = new Unzip((entry) => follow(entry, archive, open));
  unzip.register(UnzipInflate);
  try {
    for await (const piece of createReadStream(file, { highWaterMark: PIECE_BYTES, signal })) {
      push(unzip, piece as Uint8Array, archive);
      for (const writing of open.values()) await writing.flush(into);
      onBytes((piece as Uint8Array).length);
    }
    const missing = archive.members.find((member) => !open.get(member.path)?.isRight());
    if (missing) throw damaged(missing.path, archive);
  } finally {
    await Promise.all([...open.values()].map((writing) => writing.close()));
  }
}

function push(unzip: Unzip, piece: Uint8Array, archive: PackArchive): void {
  try {
    unzip.push(piece);
  } catch (cause) {
    throw damaged(archive.file, archive, cause);
  }
}

/** Entries that are not wanted are read over: left alone, they would be kept in memory. */
function follow(entry: UnzipFile, archive: PackArchive, open: Map<string, Writing>): void {
  const member = archive.members.find(({ path: name }) => name === entry.name);
  const writing = member && new Writing(member);
  if (writing) open.set(entry.name, writing);
  entry.ondata = (error, bytes) => {
    if (error) throw error;
    writing?.take(bytes);
  };
  entry.start();
}

/** One file on its way out of the archive. */
class Writing {
  readonly #member: PackMember;
  readonly #hash = createHash('sha256');
  #waiting: Uint8Array[] = [];
  #handle: fs.FileHandle | null = null;
  #bytes = 0;

  constructor(member: PackMember) {
    this.#member = member;
  }

  take(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#waiting.push(bytes);
  }

  async flush(into: string): Promise<void> {
    const pieces = this.#waiting;
    this.#waiting = [];
    if (pieces.length === 0) return;
    const target = path.join(into, this.#member.file);
    try {
      this.#handle ??= await fs.open(target, 'w', 0o644);
      for (const piece of pieces) {
        await this.#handle.writeFile(piece);
        this.#hash.update(piece);
        this.#bytes += piece.length;
      }
    } catch (error) {
      throw systemError(error, target);
    }
  }

  /** Asked once, when all is written. */
  isRight(): boolean {
    return this.#bytes === this.#member.bytes && this.#hash.digest('hex') === this.#member.sha256;
  }

  async close(): Promise<void> {
    await this.#handle?.datasync().catch(() => {});
    await this.#handle?.close();
  }
}

function damaged(name: string, archive: PackArchive, cause?: unknown): AppError {
  return new AppError(
    'pack-damaged',
    `${name} in ${archive.file} is not what the manifest of this Fettle says.`,
    'Remove the pack and get it again; where that does not help, report it.',
    { cause },
  );
}
