/** Too few rows for what they are to teach. */
import type { CorpusCheck, FindingKind } from '../finding.ts';
import type { Study } from '../study.ts';

/** Rows below which a goal is out of reach, and below which it is doubtful. */
const GOALS = {
  labels: { harm: 10, warning: 30 },
  answers: { harm: 50, warning: 100 },
  text: { harm: 10_000, warning: 50_000 },
} as const;

const KIND: FindingKind = {
  code: 'few-rows',
  title: 'Few rows for the goal',
  severity: 'warning',
  why: 'From few examples a model learns the examples and not the rule; and with few held-out rows nobody can tell the difference.',
  rule: `Rules of thumb. Labels: ${GOALS.labels.warning} rows for each (${GOALS.labels.harm} is too few), so that a tenth held out still has three of each. Answers: ${GOALS.answers.warning} rows (${GOALS.answers.harm} is too few): ten held-out rows tell a share only to about 30 percentage points. Text: ${GOALS.text.warning / 1000} thousand characters (${GOALS.text.harm / 1000} thousand is too few), some 12 thousand tokens, a dozen steps.`,
  fix: null,
};

export const fewRows: CorpusCheck = {
  kind: KIND,
  conclude: (study) => {
    const { corpus } = study;
    if (corpus.rows === 0) return null;
    const { have, limits, words } = goalOf(study);
    if (have >= limits.warning) return null;
    return {
      rows: corpus.rows,
      examples: [],
      detail: words,
      severity: have < limits.harm ? 'harm' : 'warning',
    };
  },
};

function goalOf({ corpus }: Study) {
  const { rows, textRows, characters, labels } = corpus;
  if (textRows > rows / 2) {
    const words = `Running text of ${characters} characters; ${GOALS.text.warning} or more are advisable.`;
    return { have: characters, limits: GOALS.text, words };
  }
  const rarest = labels
    .tables()
    .flatMap(({ field, values }) => values.map((one) => ({ field, ...one })))
    .sort((a, b) => a.rows - b.rows)[0];
  if (rarest && rows >= GOALS.answers.warning) {
    const name = rarest.field === null ? 'label' : `"${rarest.field}"`;
    const words = `The rarest ${name}, "${rarest.value}", has ${rarest.rows} rows; ${GOALS.labels.warning} or more of each are advisable.`;
    return { have: rarest.rows, limits: GOALS.labels, words };
  }
  const words = `${rows} rows; ${GOALS.answers.warning} or more are advisable, and a few hundred are better.`;
  return { have: rows, limits: GOALS.answers, words };
}
