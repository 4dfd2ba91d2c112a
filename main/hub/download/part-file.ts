/** A file on its way, `<name>.part`: several ranges are written into it at once, and each keeps a checksum of what it has. */
import fs, { type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { systemError } from '../../../common/errors.ts';
import type { Range, RecordedFile } from './record.ts';

const BLOCK = 2 ** 20;

export class PartFile {
  readonly path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /**
   * Opens what is at `path`, or a new file. With `trusted` unset, ranges that do not hold what the record says are forgotten:
   * the power may have failed, or someone has touched the file.
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

  /** Adds `chunk` to what `range` has. */
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
