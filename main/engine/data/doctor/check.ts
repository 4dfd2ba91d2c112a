/**
 * The data doctor: reads the rows, says what is wrong with them, and writes a repaired file where that is asked for. Two
 * passes over the files for the report (all rows, then examples), two more for a new file.
 */
import { AppError } from '../../../../common/errors.ts';
import type { DoctorReport } from '../../../../common/protocol/protocol.ts';
import { peakResidentBytes } from '../../../processes.ts';
import { dataBytes } from '../rows/read-rows.ts';
import { openLanguageGuesser } from './language.ts';
import { rowMeasure } from './measure.ts';
import { chosenFixes, repair } from './repair.ts';
import { requireTarget } from './repair-files.ts';
import { findingsOf, lengthsOf } from './report.ts';
import { type DoctorOptions, type Passes, type Scan, type Source, scanRows } from './scan.ts';
import { Study, type StudySettings } from './study.ts';
import { ROW_CHECKS } from './table.ts';

/**
 * Checks all rows. Throws `AppError` codes `no-rows` (nothing could be read), `bad-usage` (no such fix), those of reading
 * and writing files, and the signal's reason when it is aborted.
 */
export async function checkRows(options: DoctorOptions): Promise<DoctorReport> {
  const began = performance.now();
  const fixes = options.fix === undefined ? null : chosenFixes(options.fix);
  if (fixes) await requireTarget(options);
  const { languages, guess } = await openLanguageGuesser();
  const measure = rowMeasure(options.maxLength, options.encode);
  const passes = passesOf(options, fixes !== null);
  const evaluation = await scanEvaluation(options);
  const scan = await scanRows(options, ROW_CHECKS, {
    measure,
    guess,
    onBytes: await passes('looking at the rows'),
  });
  if (scan.corpus.rows === 0) throw noRows(options, scan);
  const settings: StudySettings = { ...options, languages, tokensAreCounted: options.encode !== undefined };
  const held = evaluation && new Study(evaluation.corpus, settings);
  const study = new Study(scan.corpus, settings, held);
  const findings = await findingsOf(scan, study, options, evaluationSource(options));
  const instruments = { measure, guess };
  const repaired =
    fixes && (await repair({ options, fixes, study, instruments, unreadable: scan.unreadable.rows, passes }));
  return {
    files: options.paths,
    rows: scan.corpus.rows,
    unreadable: scan.unreadable.rows,
    findings,
    notes: [...scan.notes, ...(evaluation ? evaluationNotes(evaluation) : [])],
    lengths: lengthsOf(scan.corpus.tokens, options.encode !== undefined),
    labels: scan.corpus.labels.tables().map(({ field, values }) => ({
      field,
      values: values.map(({ value, rows }) => ({ value, rows })),
    })),
    repair: repaired,
    seconds: (performance.now() - began) / 1000,
    peakRssBytes: peakResidentBytes(),
  };
}

const PROGRESS_MS = 100;

function passesOf({ paths, onProgress }: DoctorOptions, withRepair: boolean): Passes {
  const passes = withRepair ? 3 : 1;
  let begun = 0;
  let told = 0;
  return async (detail) => {
    const total = Math.max(1, await dataBytes(paths));
    const before = begun++;
    onProgress?.(before / passes, detail);
    return (bytes) => {
      const now = performance.now();
      if (now - told < PROGRESS_MS) return;
      told = now;
      onProgress?.(Math.min(1, (before + Math.min(1, bytes / total)) / passes), detail);
    };
  };
}

function evaluationSource({ evalPaths, read }: DoctorOptions): Source | null {
  return evalPaths === undefined ? null : { paths: evalPaths, read };
}

async function scanEvaluation(options: DoctorOptions): Promise<Scan | null> {
  const source = evaluationSource(options);
  if (source === null) return null;
  const measure = rowMeasure(options.maxLength);
  const scan = await scanRows(source, [], { measure, guess: () => ({ packed: 0 }) });
  // nothing would be compared, and the report would say that nothing leaks
  if (scan.corpus.rows === 0) throw noRows(source, scan);
  return scan;
}

function evaluationNotes({ corpus, unreadable }: Scan): string[] {
  if (unreadable.rows === 0) return [];
  const all = corpus.rows + unreadable.rows;
  return [
    `${unreadable.rows} of the ${all} rows of --eval-data cannot be read and were not compared. The first: ${unreadable.examples[0]}`,
  ];
}

function noRows({ paths }: Pick<DoctorOptions, 'paths'>, { unreadable }: Scan): AppError {
  const name = paths.join(', ');
  if (unreadable.rows === 0) {
    return new AppError('no-rows', `${name} is empty: expected rows of data.`, 'Give a file with rows.');
  }
  const message = `None of the ${unreadable.rows} rows of ${name} can be read. The first:\n${unreadable.examples.join('\n')}`;
  return new AppError('no-rows', message, '`fettle data show FILE` says how the file is read.');
}
