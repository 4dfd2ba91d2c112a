/** Rows that nothing can be made of: unreadable ones (counted by the scan), and those that the strict check refuses. */
import { AppError } from '../../../../errors.ts';
import type { LooseRow } from '../../loose-row.ts';
import { strictRow } from '../../read-rows.ts';
import type { FindingKind, RowCheck } from '../finding.ts';

const KIND: FindingKind = {
  code: 'unusable-rows',
  title: 'Rows that cannot be used',
  severity: 'harm',
  why: 'Training stops at such a row, or passes over it, so what it should teach is missing.',
  rule: 'The row could not be read at all, or it has no question or another shape than the ones Fettle knows.',
  fix: {
    name: 'unusable-rows',
    does: 'leaves these rows out of the new file (unreadable ones stay only in the original)',
    safe: true,
  },
};

/** Faults that have a finding of their own. */
const SAID_ELSEWHERE = ['wrong-roles', 'empty-answers'];

export const unusableRows: RowCheck = {
  kind: KIND,
  find: ({ row, where, codes }) => {
    if (codes.some((code) => SAID_ELSEWHERE.includes(code))) return null;
    const problem = problemOf(row, where);
    return problem === null ? null : { text: problem, at: 0 };
  },
  mend: (row) => (problemOf(row, '') === null ? row : null),
};

/** Why the row cannot be trained on, or null. */
export function problemOf(row: LooseRow, where: string): string | null {
  try {
    strictRow(row, where);
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.message.startsWith(`${where}: `) ? error.message.slice(where.length + 2) : error.message;
  }
}
