/** What is remembered of sequences side by side, in memory of the host: positions and segments of tokens, and what each layer keeps. */
import { assert } from '../../../common/errors.ts';
import type { HostArray } from '../ir/dtype.ts';
import { sizeOf } from '../ir/shape.ts';
import type { Model } from '../models/model.ts';
import type { Memory } from '../nn/attention.ts';
import { EMPTY, memoriesOf, REAL } from './decode-step.ts';

export class SlotMemory {
  readonly #slots: number;
  readonly #memories: readonly Memory[];
  /** What is remembered, [slots, ...shape] of each memory in their order. */
  readonly #stores: Float32Array[];
  readonly #lengths: Int32Array;
  #capacity = 0;
  #positions = new Int32Array();
  #segments = new Int32Array();

  constructor(model: Model, slots: number) {
    this.#slots = slots;
    this.#memories = memoriesOf(model, 0);
    this.#stores = this.#memories.map(
      ({ keeps, shape }) => new Float32Array(keeps === 'all' ? 0 : slots * sizeOf(shape)),
    );
    this.#lengths = new Int32Array(slots);
  }

  /** Positions that each slot has room for. */
  get capacity(): number {
    return this.#capacity;
  }

  lengthOf(slot: number): number {
    return this.#lengths[slot]!;
  }

  /** Gives every slot room for `capacity` tokens; what is there stays. Whether that was more than before. */
  reserve(capacity: number): boolean {
    if (capacity <= this.#capacity) return false;
    this.#memories.forEach(({ keeps, shape }, i) => {
      if (keeps !== 'all') return;
      const [heads, width] = [shape[0]!, shape[2]!];
      const [before, after] = [this.#capacity * width, capacity * width];
      this.#stores[i] = widened(this.#stores[i]!, this.#slots * heads, before, after, 0);
    });
    this.#positions = widened(this.#positions, this.#slots, this.#capacity, capacity, 0);
    this.#segments = widened(this.#segments, this.#slots, this.#capacity, capacity, EMPTY);
    this.#capacity = capacity;
    return true;
  }

  reset(slot: number): void {
    this.#lengths[slot] = 0;
    this.#segments.fill(EMPTY, slot * this.#capacity, (slot + 1) * this.#capacity);
    this.#memories.forEach(({ keeps }, i) => {
      if (keeps !== 'all') this.#part(this.#stores[i]!, slot, 1).fill(0);
    });
  }

  /** Makes slot `to` begin with the first `count` tokens of slot `from`. */
  copy(from: number, to: number, count: number): void {
    this.reset(to);
    this.#memories.forEach(({ keeps, shape }, i) => {
      const store = this.#stores[i]!;
      const [source, target] = [this.#part(store, from, 1), this.#part(store, to, 1)];
      if (keeps !== 'all') {
        assert(count === this.#lengths[from], 'what the last tokens left cannot be cut at an earlier one');
        target.set(source);
        return;
      }
      const [heads, width] = [shape[0]!, shape[2]!];
      for (let head = 0; head < heads; head++) {
        const start = head * this.#capacity * width;
        target.set(source.subarray(start, start + count * width), start);
      }
    });
    this.#mark(to, count);
  }

  /** What `width` slots from `first` on read of it. */
  feeds(first: number, width: number): Record<string, HostArray> {
    const feeds: Record<string, HostArray> = {
      pastPositions: this.#part(this.#positions, first, width),
      pastSegments: this.#part(this.#segments, first, width),
    };
    this.#memories.forEach(({ past }, i) => {
      feeds[past] = this.#part(this.#stores[i]!, first, width);
    });
    return feeds;
  }

  /** Adds what the first `count` new tokens in a `line` of the outputs leave to what is remembered of their slot. */
  append(
    outputs: Readonly<Record<string, HostArray>>,
    slot: number,
    line: number,
    count: number,
    time: number,
  ): void {
    const length = this.#lengths[slot]!;
    this.#memories.forEach(({ fresh: name, keeps, shape }, i) => {
      const store = this.#part(this.#stores[i]!, slot, 1);
      const outcome = outputs[name] as Float32Array;
      const width = shape.at(-1)!;
      if (keeps === 'state') store.set(outcome.subarray(line * store.length, (line + 1) * store.length));
      else if (keeps === 'last')
        shiftIn(store, outcome.subarray(line * time * width, (line * time + count) * width));
      else
        for (let head = 0; head < shape[0]!; head++) {
          const from = (line * shape[0]! + head) * time * width;
          store.set(outcome.subarray(from, from + count * width), (head * this.#capacity + length) * width);
        }
    });
    this.#mark(slot, count);
  }

  /** That part of `all` [slots, ...] that belongs to `count` slots. */
  #part<A extends Float32Array | Int32Array>(all: A, slot: number, count: number): A {
    const each = all.length / this.#slots;
    return all.subarray(slot * each, (slot + count) * each) as A;
  }

  #mark(slot: number, count: number): void {
    const start = slot * this.#capacity + this.#lengths[slot]!;
    for (let i = 0; i < count; i++) {
      this.#positions[start + i] = this.#lengths[slot]! + i;
      this.#segments[start + i] = REAL;
    }
    this.#lengths[slot]! += count;
  }
}

/** Leaves in `store` the last rows of what was there with `rows` behind. */
function shiftIn(store: Float32Array, rows: Float32Array): void {
  const kept = Math.max(0, store.length - rows.length);
  store.copyWithin(0, store.length - kept);
  store.set(rows.subarray(Math.max(0, rows.length - store.length)), kept);
}

/** `old` [rows, before] as [rows, after], the new places holding `fill`. */
function widened<A extends Float32Array | Int32Array>(
  old: A,
  rows: number,
  before: number,
  after: number,
  fill: number,
): A {
  const grown = (
    old instanceof Int32Array ? new Int32Array(rows * after) : new Float32Array(rows * after)
  ) as A;
  if (fill !== 0) grown.fill(fill);
  for (let row = 0; row < rows; row++) grown.set(old.subarray(row * before, (row + 1) * before), row * after);
  return grown;
}
