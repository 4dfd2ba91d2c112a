/** Answers that reach beyond the length limit. */
import type { FindingKind, RowCheck } from '../finding.ts';

const KIND: FindingKind = {
  code: 'cut-answers',
  title: 'Answers cut by the length limit',
  severity: 'warning',
  why: 'Training cuts a row at --max-length: the model learns answers without their end, and where the question alone is too long, nothing.',
  rule: 'With --model the tokens of the row are counted as training does. Without it they are estimated (about 4 characters a token, 1.5 in scripts without spaces, 2.5 in others than the Latin one), which is rarely off by more than a third. Running text is never cut: it is split.',
  fix: {
    name: 'cut-answers',
    does: 'leaves the rows out that do not fit; a larger --max-length keeps them',
    safe: false,
  },
};

export const cutAnswers: RowCheck = {
  kind: KIND,
  find: ({ row, isCut, tokens }) =>
    isCut ? { text: `${tokens} tokens: ${row.turns.at(-1)?.content.slice(-100) ?? ''}`, at: 0 } : null,
  mend: (row, measure) => (measure(row).isCut ? null : row),
};
