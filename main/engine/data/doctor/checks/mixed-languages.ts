/** Rows in another language than the others. */
import type { CorpusCheck, FindingKind } from '../finding.ts';
import { PARTS } from '../language.ts';
import type { Study } from '../study.ts';

/** The share of rows that makes a language the language of a file. */
const MAJORITY = 0.7;
const FEWEST_ROWS = 20;

const KIND: FindingKind = {
  code: 'mixed-languages',
  title: 'Rows in another language',
  severity: 'warning',
  why: 'A few rows in another language make the model answer in the wrong one now and then, and teach it too little to speak it.',
  rule: `Texts of at least 60 letters and 10 words; code, links and markup are passed over. The detector must be sure, and the language of ${MAJORITY * 100} % of the rows must not be among its close guesses. Answers are compared with answers and questions with questions, so that translations are not accused.`,
  fix: { name: 'mixed-languages', does: 'leaves these rows out', safe: false },
};

export const mixedLanguages: CorpusCheck = {
  kind: KIND,
  conclude: (study) => {
    const parts = Object.values(PARTS).map((part) => strangers(study, part));
    const flagged = Uint32Array.from(parts.flatMap(({ rows }) => rows)).sort();
    if (flagged.length === 0) return mixture(study);
    return {
      rows: flagged.length,
      examples: [...flagged.slice(0, 3)].map((row) => ({ row })),
      drop: flagged,
      detail: parts.flatMap(({ detail }) => detail).join(' '),
    };
  },
};

/** Rows of one part by their likeliest language, most first. */
function byLanguage({ corpus, gone }: Study, part: number): [language: number, rows: number[]][] {
  const found = new Map<number, number[]>();
  for (let row = 0; row < corpus.rows; row++) {
    const packed = corpus.languageGuesses[row]!;
    if (gone[row] || packed >>> 24 !== part) continue;
    const rows = found.get(packed & 0xff) ?? [];
    rows.push(row);
    found.set(packed & 0xff, rows);
  }
  return [...found].sort(([, a], [, b]) => b.length - a.length);
}

function strangers(study: Study, part: number): { rows: number[]; detail: string[] } {
  const groups = byLanguage(study, part);
  const total = groups.reduce((sum, [, rows]) => sum + rows.length, 0);
  const [usual, ...others] = groups;
  if (!usual || total < FEWEST_ROWS || usual[1].length < MAJORITY * total) return { rows: [], detail: [] };
  const name = (language: number) => study.settings.languages[language - 1] ?? '?';
  const rows = others.map(([language, all]) => {
    const sure = all.filter((row) => !guessesOf(study, row).includes(usual[0]));
    return { language, sure };
  });
  const some = rows.filter(({ sure }) => sure.length > 0);
  const counts = some.map(({ language, sure }) => `${sure.length} ${name(language)}`);
  const detail = `Most texts are in "${name(usual[0])}"; others: ${counts.slice(0, 6).join(', ')}.`;
  return { rows: some.flatMap(({ sure }) => sure), detail: some.length > 0 ? [detail] : [] };
}

function guessesOf({ corpus }: Study, row: number): number[] {
  const packed = corpus.languageGuesses[row]!;
  return [packed & 0xff, (packed >> 8) & 0xff, (packed >> 16) & 0xff];
}

/** A file in several languages, none of which is most of it. */
function mixture(study: Study) {
  const groups = byLanguage(study, PARTS.answer);
  const total = groups.reduce((sum, [, rows]) => sum + rows.length, 0);
  if (groups.length < 2 || total < FEWEST_ROWS || groups[0]![1].length >= MAJORITY * total) return null;
  const large = groups.filter(([, rows]) => rows.length >= 0.05 * total).slice(0, 6);
  const shares = large.map(
    ([language, rows]) =>
      `${study.settings.languages[language - 1]} ${Math.round((100 * rows.length) / total)} %`,
  );
  return {
    rows: 0,
    examples: [],
    detail: `The file is in several languages (${shares.join(', ')}). That is fine where it is meant so.`,
    severity: 'note' as const,
  };
}
