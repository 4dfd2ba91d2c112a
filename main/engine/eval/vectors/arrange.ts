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

/** Batches for texts of so many tokens each; rows take the longest text that fits. Rows and lengths are powers of two: few shapes. */
export function arrange(lengths: readonly number[]): Arranged[] {
  const waiting = Map.groupBy(lengths.keys(), (text) => lengths[text]!);
  let left = lengths.reduce((sum, length) => sum + length, 0);
  /** The longest text of at most `room` tokens that is left. */
  const take = (room: number): { text: number; length: number } | null => {
    for (let length = room; length > 0; length--) {
      const text = waiting.get(length)?.pop();
      if (text !== undefined) return { text, length };
    }
    return null;
  };
  let longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const batches: Arranged[] = [];
  while (left > 0) {
    while (!waiting.get(longest)?.length) longest--;
    const rowLength = powerOfTwo(Math.max(longest, Math.min(left, USUAL_ROW), SHORTEST_ROW));
    const most = Math.max(1, Math.floor(BATCH_TOKENS / rowLength));
    const texts: Placed[] = [];
    const mostTexts = most * rowLength * TEXTS_PER_TOKEN;
    let rows = 0;
    for (; rows < most && left > 0 && texts.length < mostTexts; rows++) {
      let start = 0;
      while (texts.length < mostTexts) {
        const next = take(rowLength - start);
        if (!next) break;
        texts.push({ text: next.text, row: rows, start });
        start += next.length;
        left -= next.length;
      }
    }
    const enough = Math.ceil(texts.length / TEXTS_PER_TOKEN / rowLength);
    batches.push({ rows: Math.min(most, powerOfTwo(Math.max(rows, enough))), rowLength, texts });
  }
  return batches;
}

const powerOfTwo = (least: number) => 2 ** Math.ceil(Math.log2(least));
