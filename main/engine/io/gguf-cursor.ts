import { isUtf8 } from 'node:buffer';
import { AppError } from '../../../common/errors.ts';
import { shorten } from './json-scan.ts';
import { type OpenFile, truncated } from './open-file.ts';

/**
 * Walks forward through the head of a GGUF file, one megabyte at a time. Reading a number is synchronous once its
 * bytes are in the window (`if (cursor.lacks(8)) await cursor.fill(8)`): a vocabulary has 150,000 strings, and a
 * promise for each would take longer than the reading.
 */
export class GgufCursor {
  readonly file: OpenFile;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;
  #at = 0;

  constructor(file: OpenFile) {
    this.file = file;
  }

  /** Bytes from the start of the file. */
  get position(): number {
    return this.#windowStart + this.#at;
  }

  get remaining(): number {
    return this.file.size - this.position;
  }

  lacks(bytes: number): boolean {
    return this.#at + bytes > this.#window.length;
  }

  /** Makes the next `bytes` bytes available; an AppError when the file ends first. */
  async fill(bytes: number): Promise<void> {
    if (bytes > this.remaining) throw truncated(this.file.path, this.position + bytes, this.file.size);
    const start = this.position;
    if (start + bytes > MAX_HEAD_BYTES) {
      throw ggufInvalid(this.file.path, `its metadata is longer than ${MAX_HEAD_BYTES} bytes`);
    }
    const length = Math.min(Math.max(bytes, WINDOW_BYTES), this.file.size - start);
    const window = await this.file.read(start, length);
    this.#window = Buffer.from(window.buffer);
    this.#windowStart = start;
    this.#at = 0;
  }

  u8(): number {
    return this.#window.readUInt8(this.#advance(1));
  }

  i8(): number {
    return this.#window.readInt8(this.#advance(1));
  }

  u16(): number {
    return this.#window.readUInt16LE(this.#advance(2));
  }

  i16(): number {
    return this.#window.readInt16LE(this.#advance(2));
  }

  u32(): number {
    return this.#window.readUInt32LE(this.#advance(4));
  }

  i32(): number {
    return this.#window.readInt32LE(this.#advance(4));
  }

  f32(): number {
    return this.#window.readFloatLE(this.#advance(4));
  }

  f64(): number {
    return this.#window.readDoubleLE(this.#advance(8));
  }

  /** A bigint where a number would not be exact. */
  u64(): number | bigint {
    const at = this.#advance(8);
    const high = this.#window.readUInt32LE(at + 4);
    if (high >= 2 ** 21) return this.#window.readBigUInt64LE(at);
    return high * 2 ** 32 + this.#window.readUInt32LE(at);
  }

  /** A bigint where a number would not be exact. */
  i64(): number | bigint {
    const at = this.#advance(8);
    const value = this.#window.readInt32LE(at + 4) * 2 ** 32 + this.#window.readUInt32LE(at);
    return Number.isSafeInteger(value) ? value : this.#window.readBigInt64LE(at);
  }

  /** UTF-8 text of `length` bytes; `what` names it in the error. */
  text(length: number, what: string): string {
    const start = this.#advance(length);
    const text = this.#window.toString('utf8', start, start + length);
    // Broken bytes decode to U+FFFD; only then is the exact check needed.
    if (text.includes('\u{fffd}') && !isUtf8(this.#window.subarray(start, start + length))) {
      throw ggufInvalid(this.file.path, `${what} is not UTF-8 text`);
    }
    return text;
  }

  /** A length or count that must be plausible: at most `limit`. */
  count(limit: number, what: string): number {
    const value = this.u64();
    if (value > limit)
      throw ggufInvalid(this.file.path, `${what} is ${value}, and at most ${limit} is plausible`);
    return Number(value);
  }

  #advance(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    return at;
  }
}

const WINDOW_BYTES = 2 ** 20;
// Real ones reach some 40 MB (large vocabularies).
const MAX_HEAD_BYTES = 256 * 2 ** 20;

/** The error for a file that breaks the rules of the format. */
export function ggufInvalid(path: string, reason: string): AppError {
  return new AppError(
    'gguf-invalid',
    `${path} is not a valid GGUF file: ${shorten(reason, 300)}.`,
    'Fetch the file again, or choose another source of the model.',
  );
}

/** The error for a valid file that Fettle cannot read. */
export function ggufUnsupported(path: string, reason: string, hint: string): AppError {
  return new AppError('gguf-unsupported', `${path} ${reason}.`, hint);
}
