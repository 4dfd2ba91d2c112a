/**
 * Bin packing for rows of tokens. Sorting all samples by length would fill rows best but destroy the random order
 * that training needs; here samples come in their (shuffled) order and each goes to the open row that it fills best.
 */

/** Rows open at once: cost is samples x this, and 64 fills typical data to 98% and more. */
const OPEN_ROWS = 64;

/**
 * The packed row of each sample of `order`, rows numbered as they are opened: best fit among at most 64 open rows; where
 * none has room, the fullest is closed and a new one opened. A sample longer than `rowLength` gets a row of its own.
 */
export function assignToRows(order: Uint32Array, lengths: Uint32Array, rowLength: number): Uint32Array {
  const rowOf = new Uint32Array(order.length);
  const openRow = new Uint32Array(OPEN_ROWS);
  const room = new Int32Array(OPEN_ROWS);
  let open = 0;
  let rows = 0;
  for (let i = 0; i < order.length; i++) {
    const length = lengths[order[i]!]!;
    let slot = bestFit(room, open, length);
    if (slot < 0) {
      slot = open < OPEN_ROWS ? open++ : fullest(room);
      openRow[slot] = rows++;
      room[slot] = rowLength;
    }
    rowOf[i] = openRow[slot]!;
    room[slot]! -= length;
  }
  return rowOf;
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
