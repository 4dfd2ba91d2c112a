/** Fills packed rows with samples: best fit among a few open rows, in one pass over the order. */
import type { Counts } from '../../../rows/compact.ts';

/** Rows open at once: cost is samples x this, and 64 fills typical data to 98% and more. */
const OPEN_ROWS = 64;

interface Packing {
  readonly rowLength: number;
  /** False: one sample a row. Default true. */
  readonly pack?: boolean;
  /** So many tokens that all samples begin with lie in a packed row once. Default 0. */
  readonly shared?: number;
}

/**
 * Packed rows that are being filled, numbered as they are opened: best fit among at most 64 of them; where none has room, the fullest is
 * closed and a new one opened.
 */
class OpenRows {
  /** [slots] the number of the row that is open in each. */
  readonly rows = new Uint32Array(OPEN_ROWS);
  /** Rows opened so far. */
  opened = 0;
  readonly #room = new Int32Array(OPEN_ROWS);
  readonly #packing: Packing;
  #open = 0;

  constructor(packing: Packing) {
    this.#packing = packing;
  }

  /** The slot of the row that takes a sample of `length`; `onClose` is told of one whose row is full. */
  place(length: number, onClose?: (slot: number) => void): number {
    const { rowLength, pack = true, shared = 0 } = this.#packing;
    const own = length - shared;
    let slot = bestFit(this.#room, this.#open, own);
    if (slot < 0) {
      const isNew = this.#open < (pack ? OPEN_ROWS : 1);
      slot = isNew ? this.#open++ : fullest(this.#room);
      if (!isNew) onClose?.(slot);
      this.rows[slot] = this.opened++;
      this.#room[slot] = pack ? rowLength - shared : own;
    }
    this.#room[slot]! -= own;
    return slot;
  }
}

/** How many packed rows `order` makes. */
export function countPackedRows(order: Uint32Array, lengths: Counts, packing: Packing): number {
  const open = new OpenRows(packing);
  for (const sample of order) open.place(lengths[sample]!);
  return open.opened;
}

/**
 * Packs `order`. Tells `use` each row when it is closed: its number (rows are numbered as they are opened), and its samples, which keep
 * their order. A sample longer than `rowLength` gets a row of its own. Gives the number of rows.
 */
export function packInto(
  packing: Packing,
  order: Iterable<number>,
  lengths: Counts,
  use: (row: number, samples: readonly number[]) => void,
): number {
  const open = new OpenRows(packing);
  const held = Array.from({ length: OPEN_ROWS }, (): number[] => []);
  const close = (slot: number): void => {
    use(open.rows[slot]!, held[slot]!);
    held[slot] = [];
  };
  for (const sample of order) {
    const slot = open.place(lengths[sample]!, close);
    held[slot]!.push(sample);
  }
  for (const [slot, samples] of held.entries()) if (samples.length > 0) close(slot);
  return open.opened;
}

/** The slot with the least room that still holds `length`, or -1. */
function bestFit(room: Int32Array, open: number, length: number): number {
  let best = -1;
  for (let slot = 0; slot < open; slot++) {
    if (room[slot]! < length) continue;
    if (best < 0 || room[slot]! < room[best]!) best = slot;
  }
  return best;
}

function fullest(room: Int32Array): number {
  let slot = 0;
  for (let i = 1; i < room.length; i++) if (room[i]! < room[slot]!) slot = i;
  return slot;
}
