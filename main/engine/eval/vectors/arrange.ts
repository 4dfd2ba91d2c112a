/** How texts of many lengths share the rows of a batch: padding costs as much as words, and each shape is compiled once. */

/** A batch of R rows of T tokens. */
export interface Arranged {
  readonly rows: number;
  readonly rowLength: number;
  readonly texts: readonly Placed[];
}

/** A text that begins at `start` of a row. */
interface Placed {
  readonly text: number;
  readonly row: number;
  readonly start: number;
}

/** Tokens of a batch: enough for full speed, and a few megabytes a layer. */
const BATCH_TOKENS = 2048;
/** Rows of many short texts: attention costs little there, and few tokens stay empty. */
const USUAL_ROW = 128;
const SHORTEST_ROW = 16;
/** Texts of a batch, for each token. */
export const TEXTS_PER_TOKEN = 1 / 8;

/** Batches for texts of so many tokens each, the longest first. Rows and their lengths are powers of two, so there are few shapes. */
export function arrange(lengths: readonly number[]): Arranged[] {
  const order = lengths.map((_, text) => text).sort((a, b) => lengths[b]! - lengths[a]!);
  let left = lengths.reduce((sum, length) => sum + length, 0);
  const batches: Arranged[] = [];
  for (let next = 0; next < order.length; ) {
    const longest = lengths[order[next]!]!;
    const rowLength = powerOfTwo(Math.max(longest, Math.min(left, USUAL_ROW), SHORTEST_ROW));
    const most = Math.max(1, Math.floor(BATCH_TOKENS / rowLength));
    const free: number[] = [];
    const texts: Placed[] = [];
    while (next < order.length && texts.length < most * rowLength * TEXTS_PER_TOKEN) {
      const text = order[next]!;
      const length = lengths[text]!;
      // the row that it fills best
      let row = -1;
      for (const [i, room] of free.entries()) if (room >= length && (row < 0 || room < free[row]!)) row = i;
      if (row < 0 && free.length === most) break;
      if (row < 0) row = free.push(rowLength) - 1;
      texts.push({ text, row, start: rowLength - free[row]! });
      free[row]! -= length;
      left -= length;
      next++;
    }
    batches.push({ rows: Math.min(most, powerOfTwo(free.length)), rowLength, texts });
  }
  return batches;
}

const powerOfTwo = (least: number) => 2 ** Math.ceil(Math.log2(least));
