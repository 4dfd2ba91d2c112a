/** Rows that ask nearly the same as an earlier one and answer it alike: other spacing, a typing error, one word changed. */
import { MOST_SIGNED_ROWS } from '../corpus.ts';
import type { CorpusCheck, FindingKind } from '../finding.ts';
import { NEAR } from '../near-index.ts';
import { rowsWhere, type Study } from '../study.ts';

const KIND: FindingKind = {
  code: 'near-duplicates',
  title: 'Near duplicates',
  severity: 'warning',
  why: 'Rows that differ in a word or two teach little that is new, count as often as real ones, and make a held-out score look better than it is.',
  rule: `At least ${NEAR * 100} % of the pieces of 5 letters in common with an earlier row (case, spacing and punctuation aside), as MinHash estimates it with 128 lanes (standard error 3 percentage points). Answers must have the same words, and texts below 600 characters the same numbers: another answer or number is another question. Rows with fewer than 24 pieces are only compared whole.`,
  fix: {
    name: 'near-duplicates',
    does: 'keeps the first of each group and leaves the others out, those with another word too',
    safe: false,
  },
};

export const nearDuplicates: CorpusCheck = {
  kind: KIND,
  conclude: (study) => {
    const { corpus, nearLeader } = study;
    const near = nearRows(study);
    if (near.length === 0) return null;
    const reworded = near.filter((row) => corpus.words[row] !== corpus.words[nearLeader[row]!]);
    const unseen = corpus.rows - MOST_SIGNED_ROWS;
    const detail = [
      reworded.length > 0 &&
        `In ${reworded.length} of these rows a word is another one. If that word matters, they are facts of their own: read the examples before you leave them out.`,
      unseen > 0 && `Only the first ${MOST_SIGNED_ROWS} rows were compared in this way.`,
    ].filter(Boolean);
    return {
      rows: near.length,
      // those first that a person must judge
      examples: [...(reworded.length > 0 ? reworded : near).slice(0, 3)].map((row) => ({
        row,
        beside: { row: nearLeader[row]!, of: 'data' as const },
      })),
      drop: near,
      ...(detail.length > 0 && { detail: detail.join(' ') }),
    };
  },
};

/** Rows that nearly repeat an earlier one; its exact copies are not among them, copies of a near one are. */
export function nearRows({ corpus, firstEqual, nearLeader }: Study): Uint32Array {
  return rowsWhere(corpus.rows, (row) => nearLeader[row] !== row && nearLeader[row] !== firstEqual[row]);
}
