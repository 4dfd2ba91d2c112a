/** The made-up table of the fake API: how long its rows are, and what follows from that. */
import { lengthsOf } from '../../../main/rows/doctor/check.ts';
import { profileOf } from '../fake-price.ts';

export const ROW_COUNT = 500;
/** Tokens of a row's answer, of which the loss is counted. */
const ANSWER_TOKENS = 17;

/** Tokens of each row before it is cut: most have 30 to 150, one in 25 has up to 310. */
const LENGTHS = Array.from({ length: ROW_COUNT }, (_, i) =>
  i % 25 === 0 ? 160 + ((i * 7) % 151) : 30 + ((i * 13) % 121),
);

/** As the doctor counts them. */
export const rowLengths = lengthsOf([Uint32Array.from(LENGTHS)], true);
/** As the planner counts them. */
export const rowProfile = profileOf(LENGTHS, ANSWER_TOKENS);

/** The rows as a run has them that cuts at `maxLength` tokens; one whose whole answer is cut off is left out. */
export function cutRows(maxLength: number) {
  const kept = LENGTHS.filter((length) => length - ANSWER_TOKENS < maxLength);
  return rowsOf(
    kept.map((length) => Math.min(length, maxLength)),
    kept.map((length) => ANSWER_TOKENS - Math.max(0, length - maxLength)),
  );
}

/** So many rows of so many tokens. */
export function evenRows(count: number, tokens: number) {
  const all = (value: number) => new Array<number>(count).fill(value);
  return rowsOf(all(tokens), all(ANSWER_TOKENS));
}

function rowsOf(lengths: readonly number[], labelled: readonly number[]) {
  const count = lengths.length;
  return {
    count,
    lengths: Uint32Array.from(lengths),
    labelled: Uint32Array.from(labelled),
    row: () => Promise.reject(new Error('internal: these rows have no tokens')),
    // each row is another one
    hashes: [Uint32Array.from({ length: 2 * count }, (_, i) => i)],
  };
}
