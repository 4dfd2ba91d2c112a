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

/** In place of where a block begins: it is mapped apart because it is large, or because it was asked for so. */
const LARGE = -1;
const APART = -2;

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

  /** Where the block begins: below zero for what is mapped apart. */
  take(bytes: number): number {
    const size = bytes + OVERHEAD_BYTES;
    const start = isLarge(bytes) ? LARGE : this.#inHole(size);
    if (start === LARGE) this.#largeBytes += size;
    this.#grow();
    return start;
  }

  /** A block that is mapped apart whatever its size. */
  takeApart(bytes: number): number {
    this.#largeBytes += bytes;
    this.#grow();
    return APART;
  }

  /** Gives a block back that was taken with so many bytes. */
  give(start: number, bytes: number): void {
    if (start === APART) this.#largeBytes -= bytes;
    else if (start === LARGE) this.#largeBytes -= bytes + OVERHEAD_BYTES;
    else this.#leave(start, bytes + OVERHEAD_BYTES);
  }

  #grow(): void {
    const bytes = this.#top + this.#largeBytes;
    if (bytes > this.peakBytes) this.peakBytes = bytes;
  }

  #leave(start: number, size: number): void {
    const at = this.#placeOf(start);
    const before = this.#holes[at - 1];
    const after = this.#holes[at];
    const joinsBefore = this.#merges && before !== undefined && before.start + before.size === start;
    const joinsAfter = this.#merges && after !== undefined && start + size === after.start;
    if (joinsBefore && joinsAfter) {
      before.size += size + after.size;
      this.#holes.splice(at, 1);
    } else if (joinsBefore) before.size += size;
    else if (joinsAfter) {
      after.start = start;
      after.size += size;
    } else this.#holes.splice(at, 0, { start, size });
  }

  #inHole(size: number): number {
    const holes = this.#holes;
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < holes.length; i++) {
      const hole = holes[i]!.size;
      if (hole < size || hole >= least) continue;
      best = i;
      least = hole;
    }
    const hole = holes[best];
    if (!hole) return this.#onTop(size);
    const { start } = hole;
    hole.start += size;
    hole.size -= size;
    if (hole.size === 0) holes.splice(best, 1);
    return start;
  }

  /** At the end of the heap, or in the hole that it ends with. */
  #onTop(size: number): number {
    const last = this.#holes.at(-1);
    const isOpen = last !== undefined && last.start + last.size === this.#top;
    const start = isOpen ? last.start : this.#top;
    if (isOpen) this.#holes.pop();
    this.#top = start + size;
    return start;
  }

  #placeOf(start: number): number {
    let low = 0;
    let high = this.#holes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#holes[middle]!.start < start) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
