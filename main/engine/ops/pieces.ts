/** How matrices that are too large to be made whole are cut: which rows of them are made at a time. */

/** Rows of a piece are a multiple of it, so that products stay quick. */
const ROW_STEP = 16;

/** Rows of a piece: pieces of one size where that takes not twice as many, since onnxruntime keeps a buffer for each size. */
export function rowsOfPiece(rows: number, columns: number, mostWeights: number): number {
  const most = Math.max(1, Math.floor(mostWeights / columns));
  for (let step = most; step > most / 2; step--) if (rows % step === 0) return step;
  return Math.max(1, Math.floor(most / ROW_STEP) * ROW_STEP);
}
