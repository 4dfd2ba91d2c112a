/** Answers that a model gave in the person's place: learned from, never measured with. */
import { number, plural } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import type { CorpusCheck, FindingKind, Study } from '../finding.ts';
import { rowsWhere } from '../finding.ts';

/** Fewer own rows say little about a result. */
const FEWEST_OWN = 20;

const KIND: FindingKind = {
  code: 'model-answers',
  title: 'Answers given by a model',
  severity: 'note',
  why: 'A result measured on these rows would say how well your model copies the other one.',
  rule: `Rows whose column fettle_origin says teacher and whose column fettle_confirmed doesn't say person. A split never holds them out, and at most half of your own rows. Fewer than ${FEWEST_OWN} own rows are a warning. Harm: none at all, or such a row in --eval-data.`,
  fix: null,
};

export const modelAnswers: CorpusCheck = {
  kind: KIND,
  conclude: (study) => {
    const found = unconfirmedRows(study);
    const tested = study.evaluation ? unconfirmedRows(study.evaluation).length : 0;
    if (found.length + tested === 0) return null;
    const all = study.corpus.rows;
    const own = all - found.length;
    const detail =
      tested > 0
        ? say`${plural(tested, 'test row')} were answered by a model and confirmed by nobody. Take them out.`
        : study.evaluation
          ? say`A model answered ${number(found.length)} of ${number(all)} rows, and nobody confirmed them. The test rows are your own.`
          : say`A model answered ${number(found.length)} of ${number(all)} rows, and nobody confirmed them. Test rows come from the other ${number(own)}.`;
    return {
      rows: found.length,
      examples: [...found.slice(0, 3)].map((row) => ({ row })),
      detail,
      ...(tested > 0 || (!study.evaluation && own === 0)
        ? { severity: 'harm' as const }
        : !study.evaluation && own < FEWEST_OWN && { severity: 'warning' as const }),
    };
  },
};

function unconfirmedRows({ corpus, gone }: Study): Uint32Array {
  return rowsWhere(corpus.rows, (row) => !gone[row] && corpus.isUnconfirmed(row));
}
