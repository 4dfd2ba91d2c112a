/** Labels that come much more often than others. */
import type { CorpusCheck, FindingKind } from '../finding.ts';
import type { LabelTable } from '../label-tally.ts';

/** A label is rare when the commonest has this many times as many rows. */
const RATIO = 10;

const KIND: FindingKind = {
  code: 'label-imbalance',
  title: 'Labels out of balance',
  severity: 'warning',
  why: 'Always giving the commonest label is then nearly right, and the model learns to do that: rare labels are the ones it misses.',
  rule: `Answers (or a field of JSON answers) that are labels: at most one value for 10 rows, at most 200 values. A label counts as rare when the commonest one has more than ${RATIO} times as many rows: below that a model still sees each often enough within an epoch or two.`,
  fix: null,
};

export const labelImbalance: CorpusCheck = {
  kind: KIND,
  conclude: ({ corpus }) => {
    const uneven = corpus.labels.tables().flatMap((table) => {
      const rare = rareLabels(table);
      return rare.length === 0 ? [] : [{ table, rare }];
    });
    if (uneven.length === 0) return null;
    const rare = uneven.flatMap((one) => one.rare);
    const details = uneven.map(({ table: { field, values }, rare: few }) => {
      const what = field === null ? 'The commonest answer' : `The commonest "${field}"`;
      const named = few.slice(-3).map(({ value, rows }) => `"${value}" ${rows}`);
      return `${what} is "${values[0]!.value}" with ${values[0]!.rows} rows; the rarest: ${named.join(', ')}.`;
    });
    return {
      rows: rare.reduce((sum, { rows }) => sum + rows, 0),
      examples: rare.flatMap(({ examples }) => examples.map((row) => ({ row }))).slice(0, 3),
      detail: `${details.join(' ')} Write more rows with the rare ones, or leave some of the common ones out.`,
    };
  },
};

function rareLabels({ values }: LabelTable) {
  return values.filter(({ rows }) => rows * RATIO < values[0]!.rows);
}
