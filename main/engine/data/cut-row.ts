/**
 * What becomes of a row where a limit on its length cuts it: the one rule, for rows that are being tokenised and for rows whose
 * tokens are there already.
 */

/** What cutting has done so far; see TokenStats. */
export interface CutCounts {
  truncatedRows: number;
  lostTokens: number;
  lostRows: number;
  unlabelledRows: number;
  splitTexts: number;
  splitRows: number;
}

/** A row, as far as cutting looks at it. */
export interface Uncut {
  /** Tokens. */
  readonly length: number;
  /** Running text, of which nothing is lost. */
  readonly isText: boolean;
  /** Whether any of the first `end` labels is counted; the one at position 0 never is, for nothing predicts it. */
  hasLabel(end: number): boolean;
}

/** Tokens of a row, from `start` to before `end`. */
export interface Piece {
  readonly start: number;
  readonly end: number;
}

export function noCuts(): CutCounts {
  return { truncatedRows: 0, lostTokens: 0, lostRows: 0, unlabelledRows: 0, splitTexts: 0, splitRows: 0 };
}

/**
 * The pieces of `row` that are kept with at most `maxLength` tokens; what happens is added to `counts`. A row with a question is
 * cut at the end, where the least is lost that the answer depends on. Running text becomes rows that overlap by one token: a row's
 * first token is not predicted, so with the overlap each token of the text but its first is predicted exactly once.
 */
export function* piecesOf(row: Uncut, maxLength: number, counts: CutCounts): Generator<Piece> {
  const { length, isText } = row;
  if (isText && length > maxLength) {
    counts.splitTexts++;
    for (let start = 0; start + 1 < length; start += maxLength - 1) {
      counts.splitRows++;
      yield { start, end: Math.min(length, start + maxLength) };
    }
  } else if (!row.hasLabel(length)) counts.unlabelledRows++;
  else if (!row.hasLabel(maxLength)) counts.lostRows++;
  else {
    if (length > maxLength) {
      counts.truncatedRows++;
      counts.lostTokens += length - maxLength;
    }
    yield { start: 0, end: Math.min(length, maxLength) };
  }
}
