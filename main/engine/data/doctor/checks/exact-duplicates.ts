/** Rows that say exactly the same as an earlier one. */
import type { CorpusCheck, FindingKind } from '../finding.ts';
import { rowsWhere } from '../study.ts';

const KIND: FindingKind = {
  code: 'exact-duplicates',
  title: 'Exact duplicates',
  severity: 'warning',
  why: 'A row that comes twice counts twice: the model learns it by heart before it learns the rule behind it.',
  rule: 'The same roles and texts as an earlier row, spaces at the ends aside.',
  fix: {
    name: 'exact-duplicates',
    does: 'keeps the first of each group and leaves the copies out',
    safe: true,
  },
};

export const exactDuplicates: CorpusCheck = {
  kind: KIND,
  conclude: ({ corpus, firstEqual }) => {
    const copies = rowsWhere(corpus.rows, (row) => firstEqual[row] !== row);
    if (copies.length === 0) return null;
    const examples = [...copies.slice(0, 3)].map((row) => ({
      row,
      beside: { row: firstEqual[row]!, of: 'data' as const },
    }));
    return { rows: copies.length, examples, drop: copies };
  },
};
