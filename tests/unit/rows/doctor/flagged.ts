/** Which rows a check flags, without files: what recall and precision are counted from. */
import { Corpus, ROW_FACTS } from '../../../../main/rows/doctor/corpus.ts';
import { examine } from '../../../../main/rows/doctor/examine.ts';
import { isCorpusCheck, Study, type StudySettings } from '../../../../main/rows/doctor/finding.ts';
import { NO_LANGUAGE, openLanguageGuesser } from '../../../../main/rows/doctor/language.ts';
import { LANES } from '../../../../main/rows/doctor/minhash.ts';
import { rowMeasure } from '../../../../main/rows/doctor/row-parts.ts';
import { CHECKS } from '../../../../main/rows/doctor/table.ts';
import type { LooseRow } from '../../../../main/rows/loose-row.ts';

const { languages } = await openLanguageGuesser();

/** The settings of a study as `fettle data check` has them. */
export const SETTINGS: StudySettings = {
  maxLength: 1024,
  heldOut: 0.1,
  seed: 42,
  languages,
  epochs: 3,
};

/** A study of `rows`; of languages too where `withLanguages` says so, which takes most of the time. */
export async function studyOf(
  rows: readonly LooseRow[],
  {
    settings = SETTINGS,
    evaluation,
    withLanguages = false,
  }: { settings?: StudySettings; evaluation?: readonly LooseRow[]; withLanguages?: boolean } = {},
): Promise<Study> {
  const { guess } = await openLanguageGuesser();
  const measure = rowMeasure(settings.maxLength);
  const corpusOf = (all: readonly LooseRow[]) => {
    const corpus = new Corpus();
    const { facts, signatures } = examine({ rows: all, first: 0 }, measure, []);
    for (const [i, row] of all.entries())
      corpus.add(
        row,
        facts.subarray(i * ROW_FACTS, (i + 1) * ROW_FACTS),
        signatures.subarray(i * LANES, (i + 1) * LANES),
        withLanguages ? guess(row) : NO_LANGUAGE,
      );
    return corpus;
  };
  const held = evaluation ? new Study(corpusOf(evaluation), settings) : null;
  return new Study(corpusOf(rows), settings, held);
}

/** Numbers of the rows that the check `code` finds. */
export async function flaggedBy(
  code: string,
  rows: readonly LooseRow[],
  study?: Study,
): Promise<Set<number>> {
  const check = CHECKS.find(({ kind }) => kind.code === code)!;
  if (isCorpusCheck(check)) {
    const concluded = check.conclude(
      study ?? (await studyOf(rows, { withLanguages: code === 'mixed-languages' })),
    );
    return new Set(concluded?.drop ?? []);
  }
  const measure = rowMeasure(SETTINGS.maxLength);
  const isFound = (row: LooseRow) => check.find({ row, where: '', codes: [], ...measure(row) }) !== null;
  return new Set(rows.flatMap((row, i) => (isFound(row) ? [i] : [])));
}
