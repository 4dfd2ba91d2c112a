import { isUtf8 } from 'node:buffer';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { endianness } from 'node:os';
import { AppError, systemError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';

/**
 * Model files are read at positions, in pieces, and by several readers at once. This wraps a file handle with exact
 * reads: either every byte asked for arrives or the error names the file and what is missing.
 */
export class OpenFile {
  readonly path: string;
  readonly size: number;
  readonly modifiedMs: number;
  #handle: FileHandle;
  #spare: Uint8Array<ArrayBuffer>[] = [];

  constructor(path: string, stats: Stats, handle: FileHandle) {
    this.path = path;
    this.size = stats.size;
    this.modifiedMs = stats.mtimeMs;
    this.#handle = handle;
  }

  /** Fills `target` with the bytes at `offset`; an AppError when the file ends before that. */
  async readInto(target: Uint8Array, offset: number): Promise<void> {
    let done = 0;
    while (done < target.length) {
      const length = Math.min(target.length - done, MAX_READ);
      const { bytesRead } = await this.#handle.read(target, done, length, offset + done);
      if (bytesRead === 0) throw truncated(this.path, offset + target.length, offset + done);
      done += bytesRead;
    }
  }

  /** The `length` bytes at `offset`, in memory of their own (so that any typed array can view them). */
  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    await this.readInto(bytes, offset);
    return bytes;
  }

  /**
   * Hands the bytes [offset, offset + length) to `visit` in pieces of `pieceBytes`, reading the next piece while one
   * is being worked on. A piece is valid only until `visit` returns.
   */
  async readPieces(
    offset: number,
    length: number,
    pieceBytes: number,
    visit: (piece: Uint8Array<ArrayBuffer>, start: number) => void,
  ): Promise<void> {
    if (length === 0) return;
    const buffers = [this.#takeBuffer(pieceBytes), this.#takeBuffer(pieceBytes)] as const;
    const read = async (i: number) => {
      const start = i * pieceBytes;
      const piece = buffers[i % 2 === 0 ? 0 : 1].subarray(0, Math.min(pieceBytes, length - start));
      await this.readInto(piece, offset + start);
      return piece;
    };
    const count = Math.ceil(length / pieceBytes);
    let next: ReturnType<typeof read> | null = read(0);
    for (let i = 0; next; i++) {
      const piece: Uint8Array<ArrayBuffer> = await next;
      next = i + 1 < count ? read(i + 1) : null;
      // A throw from `visit` must not leave the read ahead as an unhandled rejection.
      next?.catch(() => {});
      visit(piece, i * pieceBytes);
    }
    // Not after a throw: the read ahead may still be filling one of them.
    this.#spare.push(...buffers);
  }

  // Fresh buffers for every tensor would pile up to many times their size before they are collected.
  #takeBuffer(bytes: number): Uint8Array<ArrayBuffer> {
    const spare = this.#spare.pop();
    return spare && spare.length >= bytes ? spare : new Uint8Array(bytes);
  }

  /** Closes the file; closing twice is fine. */
  async close(): Promise<void> {
    await this.#handle.close();
  }
}

// read(2) and Node both stop at 2 GiB.
const MAX_READ = 2 ** 30;

/** Opens a regular file for reading; a missing, forbidden or special file is an AppError. */
export async function openFile(path: string): Promise<OpenFile> {
  if (endianness() !== 'LE') {
    throw new AppError(
      'platform-unsupported',
      say`Fettle doesn't run on big-endian computers.`,
      say`Use an x64 or arm64 computer.`,
    );
  }
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK opening a named pipe would wait for a writer for ever.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw systemError(error, path);
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) {
      throw new AppError(
        'file-not-regular',
        stats.isDirectory() ? say`${path} is a folder.` : say`${path} is not a regular file.`,
        say`Choose the file itself.`,
      );
    }
    return new OpenFile(path, stats, handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The whole text of a file that should be small, such as a configuration; too long or not UTF-8 is an AppError. */
export async function readSmallText(path: string, maxBytes: number): Promise<string> {
  const file = await openFile(path);
  try {
    if (file.size > maxBytes)
      throw notText(path, `has ${file.size} bytes, and at most ${maxBytes} are plausible`);
    const bytes = await file.read(0, file.size);
    if (!isUtf8(bytes)) throw notText(path, 'is not UTF-8 text');
    return new TextDecoder().decode(bytes);
  } finally {
    await file.close();
  }
}

function notText(path: string, reason: string): AppError {
  return new AppError(
    'file-invalid',
    say`${path} can't be used: it ${reason}.`,
    say`Download the file again, or choose another one.`,
  );
}

/** The error for a file that ends too early; `needed` and `size` are bytes from its start. */
export function truncated(path: string, needed: number, size: number): AppError {
  return new AppError(
    'file-truncated',
    say`${path} is incomplete: it has ${size} of at least ${needed} bytes.`,
    say`Download or copy it again.`,
  );
}
