/** How the texts of training steps share rows of one shape, so that a step is compiled once. */
import { sum } from '../../../../common/values.ts';
import type { TextShape } from '../../step/encoder-steps.ts';
import type { Arranged } from './arrange.ts';

/** A micro-batch without its shape. */
export type Batch = Pick<Arranged, 'texts'>;

/** Tokens of a micro-batch at most, unless a single text has more. */
const MOST_TOKENS = 2048;
/** What a step keeps of a token, over layers and width: of MiniLM a third of a megabyte. */
const KEPT_PER_VALUE = 4 * 36;
const MOST_KEPT = 1.5 * 2 ** 30;

/** Tokens of a micro-batch that takes about 1.5 GB in an encoder of so many layers of that width. */
export function tokensFitting(layers: number, width: number): number {
  return Math.min(8192, Math.max(512, Math.floor(MOST_KEPT / (KEPT_PER_VALUE * layers * width))));
}
/** Short texts share rows: attention costs little there, and few tokens stay empty. */
const USUAL_ROW = 128;
const UNIT = 16;

interface Shared {
  readonly shape: TextShape;
  readonly steps: readonly (readonly Batch[])[];
  /** Tokens of all steps, with the empty places of their rows. */
  readonly places: number;
}

/** The micro-batches of each step, whose texts have so many tokens, and the shape that all of them have room in. */
export function shareRows(
  steps: readonly (readonly number[])[],
  lengths: readonly number[],
  batch: number,
  mostTokens = MOST_TOKENS,
): Shared {
  const longest = steps.flat().reduce((most, text) => Math.max(most, lengths[text]!), 1);
  const rowLength = Math.max(roundUp(longest, UNIT), USUAL_ROW);
  const mostRows = Math.max(1, Math.floor(mostTokens / rowLength));
  const packed = steps.map((texts) => inRows(texts, lengths, rowLength));
  const most = packed.reduce((all, own) => Math.max(all, own.length), 1);
  // the micro-batches of the longest step are equally full
  const rows = Math.ceil(most / Math.ceil(most / mostRows));
  const shared = packed.map((own) =>
    Array.from({ length: Math.ceil(own.length / rows) }, (_, part): Batch => {
      const of = own.slice(part * rows, (part + 1) * rows);
      return { texts: of.flatMap((texts, row) => texts.map((one) => ({ ...one, row }))) };
    }),
  );
  const places = rows * rowLength * sum(shared.map(({ length }) => length));
  return { shape: { rows, rowLength, texts: batch }, steps: shared, places };
}

/** Rows of texts, the longest text first into the first row with room. */
function inRows(texts: readonly number[], lengths: readonly number[], rowLength: number) {
  const rows: { end: number; readonly texts: { readonly text: number; readonly start: number }[] }[] = [];
  for (const text of texts.toSorted((a, b) => lengths[b]! - lengths[a]!)) {
    const withRoom = rows.find(({ end }) => end + lengths[text]! <= rowLength);
    const row = withRoom ?? { end: 0, texts: [] };
    if (!withRoom) rows.push(row);
    row.texts.push({ text, start: row.end });
    row.end += lengths[text]!;
  }
  return rows.map((row) => row.texts);
}

function roundUp(size: number, unit: number): number {
  return Math.ceil(size / unit) * unit;
}
