/** Files with too few rows for their goal, with rare labels, or with rows in another language. */

import { number, percent, plural } from '../../../../common/words/format.ts';
import { locale, say } from '../../../../common/words/language.ts';
import { marks } from '../../../../common/words/marks.ts';
import type { LabelTable } from '../corpus.ts';
import type { CorpusCheck, FindingKind, Study } from '../finding.ts';
import { PARTS } from '../language.ts';

/** Rows below which a goal is out of reach, and below which it is doubtful. */
export const GOALS = {
  labels: { harm: 10, warning: 30 },
  answers: { harm: 50, warning: 100 },
  text: { harm: 10_000, warning: 50_000 },
} as const;

const FEW_ROWS: FindingKind = {
  code: 'few-rows',
  title: 'Too few rows',
  severity: 'warning',
  why: 'With few examples a model memorises them instead of learning the rule.',
  rule: `Rules of thumb. Labels: ${GOALS.labels.warning} rows for each (${GOALS.labels.harm} is too few), so that a tenth held out still has three of each. Answers: ${GOALS.answers.warning} rows (${GOALS.answers.harm} is too few): ten held-out rows tell a share only to about 30 percentage points. Text: ${GOALS.text.warning / 1000} thousand characters (${GOALS.text.harm / 1000} thousand is too few), some 12 thousand tokens, a dozen steps.`,
  fix: null,
};

export const fewRows: CorpusCheck = {
  kind: FEW_ROWS,
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
    const words = say`Your text has ${number(characters)} characters. ${number(GOALS.text.warning)} or more work better.`;
    return { have: characters, limits: GOALS.text, words };
  }
  const rarest = labels
    .tables()
    .flatMap(({ field, values }) => values.map((one) => ({ field, ...one })))
    .sort((a, b) => a.rows - b.rows)[0];
  if (rarest && rows >= GOALS.answers.warning) {
    const least = GOALS.labels.warning;
    const words = say`The rarest category, “${rarest.value}”, has ${plural(rarest.rows, 'row')}. ${least} or more of each work better.`;
    return { have: rarest.rows, limits: GOALS.labels, words };
  }
  const words = say`You have ${plural(rows, 'row')}. ${GOALS.answers.warning} or more work better, a few hundred best.`;
  return { have: rows, limits: GOALS.answers, words };
}

/** A label is rare when the commonest has this many times as many rows. */
const RATIO = 10;

const LABEL_IMBALANCE: FindingKind = {
  code: 'label-imbalance',
  title: 'Uneven categories',
  severity: 'warning',
  why: 'The model may answer with the most frequent category and miss the rare ones.',
  rule: `Answers (or a field of JSON answers) that are labels: at most one value for 10 rows, at most 200 values. A label counts as rare when the commonest one has more than ${RATIO} times as many rows: below that a model still sees each often enough within an epoch or two.`,
  fix: null,
};

export const labelImbalance: CorpusCheck = {
  kind: LABEL_IMBALANCE,
  conclude: ({ corpus }) => {
    const uneven = corpus.labels.tables().flatMap((table) => {
      const rare = rareLabels(table);
      return rare.length === 0 ? [] : [{ table, rare }];
    });
    if (uneven.length === 0) return null;
    const rare = uneven.flatMap((one) => one.rare);
    const details = uneven.map(({ table: { field, values }, rare: few }) => {
      const named = few.slice(-3).map(({ value, rows }) => `“${value}” ${number(rows)}`);
      const { value, rows } = values[0]!;
      return say`The most frequent is ${quoted(field, value)} with ${plural(rows, 'row')}; the rarest: ${named.join(marks().comma)}.`;
    });
    return {
      rows: rare.reduce((sum, { rows }) => sum + rows, 0),
      examples: rare.flatMap(({ examples }) => examples.map((row) => ({ row }))).slice(0, 3),
      detail: say`${details.join(marks().gap)} Add rows of the rare ones, or leave out some of the frequent ones.`,
    };
  },
};

export const oneValue: CorpusCheck = {
  kind: {
    code: 'one-value',
    title: 'Always the same answer',
    severity: 'warning',
    why: 'A model learns to say it whatever the text says.',
    rule: 'A field of JSON answers, or the whole answer, that has one value in 20 rows or more and no other (upper and lower case aside). Of 200 descriptions of restaurants 152 named the kind of place, always as “coffee shop”: of 80 new ones, all pubs or restaurants, the trained model named 5 rightly.',
    fix: null,
  },
  conclude: ({ corpus }) => {
    const constants = corpus.labels.constants();
    if (constants.length === 0) return null;
    const named = constants.map(({ field, values: [only] }) => quoted(field, only!.value));
    return {
      rows: Math.max(...constants.map(({ values: [only] }) => only!.rows)),
      examples: constants.slice(0, 3).map(({ values: [only] }) => ({ row: only!.examples[0]! })),
      detail: say`There is nothing but: ${named.slice(0, 6).join(marks().comma)}. Add rows in which the text says otherwise, or leave it out of the answers.`,
    };
  },
};

/** A value of a field, or without one a whole answer. */
function quoted(field: string | null, value: string): string {
  return field === null ? `“${value}”` : `“${field}: ${value}”`;
}

function rareLabels({ values }: LabelTable) {
  return values.filter(({ rows }) => rows * RATIO < values[0]!.rows);
}

/** The share of rows that makes a language the language of a file. */
const MAJORITY = 0.7;
const FEWEST_ROWS = 20;

const MIXED_LANGUAGES: FindingKind = {
  code: 'mixed-languages',
  title: 'Rows in another language',
  severity: 'warning',
  why: 'A few rows in another language make the model answer in the wrong one at times.',
  rule: `Texts of at least 60 letters and 10 words; code, links and markup are passed over. The detector must be sure, and the language of ${MAJORITY * 100}% of the rows must not be among its close guesses. Answers are compared with answers and questions with questions, so that translations are not accused.`,
  fix: { name: 'mixed-languages', does: 'Leave these rows out', safe: false },
};

export const mixedLanguages: CorpusCheck = {
  kind: MIXED_LANGUAGES,
  conclude: (study) => {
    const parts = Object.values(PARTS).map((part) => strangers(study, part));
    const flagged = Uint32Array.from(parts.flatMap(({ rows }) => rows)).sort();
    if (flagged.length === 0) return mixture(study);
    return {
      rows: flagged.length,
      examples: [...flagged.slice(0, 3)].map((row) => ({ row })),
      drop: flagged,
      detail: parts.flatMap(({ detail }) => detail).join(marks().gap),
    };
  },
};

/** How many rows of one part are in which language, the likeliest of each; most first. */
function byLanguage({ corpus, gone }: Study, part: number): [language: number, rows: number][] {
  const found = new Map<number, number>();
  for (let row = 0; row < corpus.rows; row++) {
    const packed = corpus.languageGuesses.at(row);
    if (gone[row] || packed >>> 24 !== part) continue;
    found.set(packed & 0xff, (found.get(packed & 0xff) ?? 0) + 1);
  }
  return [...found].sort(([, a], [, b]) => b - a);
}

function strangers(study: Study, part: number): { rows: number[]; detail: string[] } {
  const groups = byLanguage(study, part);
  const total = groups.reduce((sum, [, rows]) => sum + rows, 0);
  const [usual, ...others] = groups;
  if (!usual || total < FEWEST_ROWS || usual[1] < MAJORITY * total) return { rows: [], detail: [] };
  const { corpus, gone } = study;
  const sure = new Map(others.map(([language]) => [language, [] as number[]]));
  for (let row = 0; row < corpus.rows; row++) {
    const packed = corpus.languageGuesses.at(row);
    if (gone[row] || packed >>> 24 !== part || (packed & 0xff) === usual[0]) continue;
    if (!guessesOf(study, row).includes(usual[0])) sure.get(packed & 0xff)!.push(row);
  }
  const some = [...sure].filter(([, rows]) => rows.length > 0);
  const counts = some.map(([language, rows]) => `${nameOf(study, language)} (${rows.length})`);
  const detail = say`Most texts are in ${nameOf(study, usual[0])}; others: ${counts.slice(0, 6).join(marks().comma)}.`;
  return { rows: some.flatMap(([, rows]) => rows), detail: some.length > 0 ? [detail] : [] };
}

/** “German”, in the language of this process. */
function nameOf({ settings }: Study, number: number): string {
  const code = settings.languages[number - 1];
  return code === undefined ? '?' : (new Intl.DisplayNames(locale(), { type: 'language' }).of(code) ?? code);
}

function guessesOf({ corpus }: Study, row: number): number[] {
  const packed = corpus.languageGuesses.at(row);
  return [packed & 0xff, (packed >> 8) & 0xff, (packed >> 16) & 0xff];
}

/** A file in several languages, none of which is most of it. */
function mixture(study: Study) {
  const groups = byLanguage(study, PARTS.answer);
  const total = groups.reduce((sum, [, rows]) => sum + rows, 0);
  if (groups.length < 2 || total < FEWEST_ROWS || groups[0]![1] >= MAJORITY * total) return null;
  const large = groups.filter(([, rows]) => rows >= 0.05 * total).slice(0, 6);
  const shares = large.map(([language, rows]) => `${nameOf(study, language)} ${percent(rows / total)}`);
  return {
    rows: 0,
    examples: [],
    detail: say`The file has several languages (${shares.join(marks().comma)}). That is fine if you want it so.`,
    severity: 'note' as const,
  };
}
