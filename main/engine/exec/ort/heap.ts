/**
 * How far a heap grows that gives the smallest hole that is large enough, as glibc's malloc does, and that keeps its pages. Blocks from
 * `LARGE_BYTES` on are mapped apart and given back when they are freed (`MALLOC_MMAP_THRESHOLD_` of the engine's processes).
 */

export const LARGE_BYTES = 32 * 2 ** 20;
/** A block's own header, its alignment to 64 bytes, and the sixteen bytes that sizes are rounded to. */
const OVERHEAD_BYTES = 96;

/** Whether a block of so many bytes is mapped apart. */
export function isLarge(bytes: number): boolean {
  return bytes + OVERHEAD_BYTES >= LARGE_BYTES;
}

export interface Block {
  readonly start: number;
  readonly size: number;
}

export class Heap {
  /** The highest sum of the heap's extent and the large blocks beside it. */
  peakBytes = 0;
  readonly #merges: boolean;
  /** Holes by where they begin. */
  readonly #holes: { start: number; size: number }[] = [];
  #top = 0;
  #largeBytes = 0;

  /** `merges`: whether holes side by side become one. */
  constructor(merges: boolean) {
    this.#merges = merges;
  }

  /** Its extent and its holes, as a list to compare. */
  state(): readonly number[] {
    const state = [this.#top];
    for (const { start, size } of this.#holes) state.push(start, size);
    return state;
  }

  take(bytes: number): Block {
    const size = bytes + OVERHEAD_BYTES;
    const block = isLarge(bytes) ? { start: -1, size } : this.#inHole(size);
    if (block.start < 0) this.#largeBytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.#top + this.#largeBytes);
    return block;
  }

  /** A block that is mapped apart whatever its size. */
  takeApart(size: number): Block {
    this.#largeBytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.#top + this.#largeBytes);
    return { start: -1, size };
  }

  give({ start, size }: Block): void {
    if (start < 0) {
      this.#largeBytes -= size;
      return;
    }
    const at = this.#placeOf(start);
    const hole = { start, size };
    const [before, after] = [this.#holes[at - 1], this.#holes[at]];
    const joinsAfter = this.#merges && after !== undefined && start + size === after.start;
    if (joinsAfter) hole.size += after.size;
    if (this.#merges && before && before.start + before.size === start) {
      before.size += hole.size;
      if (joinsAfter) this.#holes.splice(at, 1);
    } else this.#holes.splice(at, joinsAfter ? 1 : 0, hole);
  }

  #inHole(size: number): Block {
    let [best, least] = [-1, Number.POSITIVE_INFINITY];
    for (let i = 0; i < this.#holes.length; i++) {
      const hole = this.#holes[i]!.size;
      if (hole >= size && hole < least) [best, least] = [i, hole];
    }
    const hole = this.#holes[best];
    if (!hole) return this.#onTop(size);
    const block = { start: hole.start, size };
    hole.start += size;
    hole.size -= size;
    if (hole.size === 0) this.#holes.splice(best, 1);
    return block;
  }

  /** At the end of the heap, or in the hole that it ends with. */
  #onTop(size: number): Block {
    const last = this.#holes.at(-1);
    const isOpen = last !== undefined && last.start + last.size === this.#top;
    const start = isOpen ? last.start : this.#top;
    if (isOpen) this.#holes.pop();
    this.#top = start + size;
    return { start, size };
  }

  #placeOf(start: number): number {
    let [low, high] = [0, this.#holes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#holes[middle]!.start < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
