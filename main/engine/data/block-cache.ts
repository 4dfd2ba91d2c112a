/**
 * Reads small ranges of a large file: in blocks, because neighbouring rows are read together in evaluation and a small
 * data set then lives in memory after its first epoch, and with a bound, because a large one must not.
 */
import type { FileHandle } from 'node:fs/promises';
import { internal } from '../../errors.ts';

const BLOCK_BYTES = 64 * 1024;
const CACHED_BLOCKS = 256;

/** Positional reads with a least-recently-used cache of at most 16 MiB. */
export class BlockCache {
  readonly #file: FileHandle;
  readonly #blocks = new Map<number, Promise<Buffer>>();

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** The bytes from `start` to `end` of the file, in memory of their own. */
  async read(start: number, end: number): Promise<Buffer> {
    const out = Buffer.allocUnsafeSlow(end - start);
    const first = Math.floor(start / BLOCK_BYTES);
    const last = Math.floor((end - 1) / BLOCK_BYTES);
    const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const blocks = await Promise.all(numbers.map((number) => this.#block(number)));
    let filled = 0;
    for (const [i, block] of blocks.entries()) {
      const blockStart = numbers[i]! * BLOCK_BYTES;
      filled += block.copy(
        out,
        filled,
        Math.max(0, start - blockStart),
        Math.min(BLOCK_BYTES, end - blockStart),
      );
    }
    if (filled !== out.length) throw internal(`token file ends ${out.length - filled} bytes early`);
    return out;
  }

  #block(number: number): Promise<Buffer> {
    const cached = this.#blocks.get(number);
    // Taking it out and putting it back keeps the map ordered by last use
    if (cached) this.#blocks.delete(number);
    const block = cached ?? this.#loadOnce(number);
    this.#blocks.set(number, block);
    if (this.#blocks.size > CACHED_BLOCKS) this.#blocks.delete(this.#blocks.keys().next().value!);
    return block;
  }

  /** A read that fails is not kept: the next request tries again. */
  #loadOnce(number: number): Promise<Buffer> {
    const block = this.#load(number);
    block.catch(() => this.#blocks.delete(number));
    return block;
  }

  async #load(number: number): Promise<Buffer> {
    const block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    let filled = 0;
    while (filled < BLOCK_BYTES) {
      const at = number * BLOCK_BYTES + filled;
      const { bytesRead } = await this.#file.read(block, filled, BLOCK_BYTES - filled, at);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return block.subarray(0, filled);
  }
}
