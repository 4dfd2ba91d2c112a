/**
 * The data doctor: reads the rows, says what is wrong with them, and writes a repaired file where that is asked for. Two passes over the
 * files for the report (all rows, then examples), two more for a new file.
 */

import { AppError } from '../../../common/errors.ts';
import type {
  DoctorExample,
  DoctorFinding,
  DoctorFix,
  DoctorPreview,
  DoctorReport,
} from '../../../common/protocol/protocol.ts';
import { said, say } from '../../../common/words/language.ts';
import { peakResidentBytes } from '../../processes.ts';
import type { PlacedRow } from '../loose-row.ts';
import { dataBytes } from '../read-rows.ts';
import type { CrewSize } from '../threads.ts';
import {
  type Conclusion,
  type FindingKind,
  type Pair,
  type Severity,
  Study,
  type StudySettings,
} from './finding.ts';
import { NO_LANGUAGE, openLanguageGuesser } from './language.ts';
import { chosenFixes, repair } from './repair.ts';
import { requireTarget } from './repair-files.ts';
import { rowMeasure, shownRow } from './row-parts.ts';
import {
  type DoctorOptions,
  type Examination,
  fetchRows,
  KEPT_EXAMPLES,
  type Passes,
  type Scan,
  type Source,
  scanRows,
  shownChange,
} from './scan.ts';
import { CHECKS, CORPUS_CHECKS } from './table.ts';

/**
 * Checks all rows. Throws `AppError` codes `no-rows` (nothing could be read), `bad-usage` (no such fix), those of reading and writing
 * files, and the signal's reason when it is aborted.
 */
export async function checkRows(options: DoctorOptions): Promise<DoctorReport> {
  const began = performance.now();
  const fixes = options.fix === undefined ? null : chosenFixes(options.fix);
  if (fixes) await requireTarget(options);
  const { languages, guess } = await openLanguageGuesser();
  const passes = passesOf(options, fixes !== null);
  const evaluation = await scanEvaluation(options);
  const examination: Examination = {
    measure: rowMeasure(options.maxLength, options.encode),
    guess,
    source: { maxLength: options.maxLength, encoder: options.encoder ?? null, isBare: false },
    crew: crewFor(options),
    totalBytes: await dataBytes(options.paths),
  };
  const onBytes = await passes(say`Looking at the rows`);
  const scan = await scanRows(options, { ...examination, onBytes });
  try {
    if (scan.corpus.rows === 0) throw noRows(options, scan);
    const settings: StudySettings = { ...options, languages };
    const held = evaluation && new Study(evaluation.corpus, settings);
    const study = new Study(scan.corpus, settings, held);
    const findings = await findingsOf(scan, study, options, evaluationSource(options));
    const repaired =
      fixes &&
      (await repair({ options, fixes, study, examination, unreadable: scan.unreadable.rows, passes }));
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
  } finally {
    scan.corpus.close();
    evaluation?.corpus.close();
  }
}

/** Threads cannot be given a function: without its source, this thread counts tokens alone. */
function crewFor({ encode, encoder, crew }: DoctorOptions): CrewSize | undefined {
  return encode && !encoder ? { threads: 0 } : crew;
}

const PROGRESS_MS = 100;

function passesOf({ paths, onProgress }: DoctorOptions, withRepair: boolean): Passes {
  const passes = withRepair ? 3 : 1;
  let begun = 0;
  let lastReport = 0;
  return async (detail) => {
    const total = Math.max(1, await dataBytes(paths));
    const before = begun++;
    onProgress?.(before / passes, detail);
    return (bytes) => {
      const now = performance.now();
      if (now - lastReport < PROGRESS_MS) return;
      lastReport = now;
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
  const { maxLength } = options;
  const scan = await scanRows(source, {
    measure: rowMeasure(maxLength),
    guess: () => NO_LANGUAGE,
    source: { maxLength, encoder: null, isBare: true },
    crew: options.crew,
    totalBytes: await dataBytes(source.paths),
  });
  // nothing would be compared, and the report would say that nothing leaks
  if (scan.corpus.rows === 0) throw noRows(source, scan);
  return scan;
}

function evaluationNotes({ corpus, unreadable }: Scan): string[] {
  if (unreadable.rows === 0) return [];
  const all = corpus.rows + unreadable.rows;
  return [
    say`${unreadable.rows} of ${all} test rows can't be read and were not compared. The first: ${unreadable.examples[0] ?? ''}`,
  ];
}

function noRows({ paths }: Pick<DoctorOptions, 'paths'>, { unreadable }: Scan): AppError {
  const name = paths.join(', ');
  if (unreadable.rows === 0) {
    return new AppError('no-rows', say`${name} is empty.`, say`Choose a file with rows.`);
  }
  const message = say`None of the ${unreadable.rows} rows of ${name} can be read. The first:\n${unreadable.examples.join('\n')}`;
  return new AppError('no-rows', message, say`Check the format of the file, and which column is which.`);
}

const ORDER: readonly Severity[] = ['harm', 'warning', 'note'];

/** All findings of `scan` and of the study of its rows; reads examples from the files again. */
async function findingsOf(
  scan: Scan,
  study: Study,
  source: Source,
  evaluation: Source | null,
): Promise<DoctorFinding[]> {
  const concluded = CORPUS_CHECKS.flatMap(({ kind, conclude }) => {
    const conclusion = conclude(study);
    return conclusion === null ? [] : [{ kind, conclusion }];
  });
  const pairs = concluded.flatMap(({ conclusion }) => shownPairs(conclusion));
  const numbers = (of: 'data' | 'eval') =>
    new Set(pairs.flatMap(({ beside }) => (beside?.of === of ? [beside.row] : [])));
  const data = await fetchRows(source, new Set([...numbers('data'), ...pairs.map(({ row }) => row)]));
  const held = evaluation ? await fetchRows(evaluation, numbers('eval')) : new Map<number, PlacedRow>();
  const rows = scan.corpus.rows;
  const ofCorpus = concluded.map(({ kind, conclusion }) => corpusFinding(kind, conclusion, rows, data, held));
  return [...rowFindings(scan), ...ofCorpus].sort(byHarm);
}

function byHarm(a: DoctorFinding, b: DoctorFinding): number {
  const rank = ({ severity, code }: DoctorFinding) =>
    ORDER.indexOf(severity) * CHECKS.length + CHECKS.findIndex(({ kind }) => kind.code === code);
  return rank(a) - rank(b);
}

function rowFindings({ found, unreadable, corpus }: Scan): DoctorFinding[] {
  return CHECKS.flatMap(({ kind }) => {
    const seen = found.get(kind.code);
    const isBad = kind.code === 'unusable-rows';
    const rows = (seen?.rows ?? 0) + (isBad ? unreadable.rows : 0);
    if (rows === 0) return [];
    const bad = isBad ? unreadable.examples.map(badExample) : [];
    const examples = [...bad, ...(seen?.examples ?? [])].slice(0, KEPT_EXAMPLES);
    const all = corpus.rows + (isBad ? unreadable.rows : 0);
    const detail = isBad && unreadable.rows > 0 ? say`${unreadable.rows} of them can't be read at all.` : '';
    return [finding(kind, { rows, share: rows / all, examples, detail }, seen?.previews ?? [])];
  });
}

/** An error message begins with its place. */
function badExample(message: string): DoctorExample {
  const [, where, text] = /^(.*?(?::\d+|, \p{L}+ \d+)): ([\s\S]*)$/u.exec(message) ?? [];
  return { where: where ?? '', text: text ?? message };
}

function corpusFinding(
  kind: FindingKind,
  conclusion: Conclusion,
  all: number,
  data: ReadonlyMap<number, PlacedRow>,
  held: ReadonlyMap<number, PlacedRow>,
): DoctorFinding {
  const examples = conclusion.examples.slice(0, KEPT_EXAMPLES).flatMap(({ row, beside }): DoctorExample[] => {
    const placed = data.get(row);
    const other = beside && (beside.of === 'eval' ? held : data).get(beside.row);
    if (!placed) return [];
    return [other ? compared(placed, other) : shown(placed)];
  });
  const previews = dropped(conclusion).flatMap((row) => {
    const placed = data.get(row);
    return placed ? [{ where: placed.where, before: shownRow(placed.row), after: null }] : [];
  });
  const { rows, detail = '', severity } = conclusion;
  return {
    ...finding(kind, { rows, share: all === 0 ? 0 : rows / all, examples, detail }, previews),
    ...(severity && { severity }),
    ...(conclusion.drop === undefined && { fix: null }),
  };
}

function shown({ row, where }: PlacedRow): { where: string; text: string } {
  return { where, text: shownRow(row) };
}

/** Two rows side by side: around their difference where the answers are the same, else from their beginning. */
function compared(one: PlacedRow, other: PlacedRow): DoctorExample {
  if (one.row.turns.at(-1)?.content !== other.row.turns.at(-1)?.content)
    return { ...shown(one), beside: shown(other) };
  const { before, after } = shownChange(one.row, other.row);
  return {
    where: one.where,
    text: before,
    beside: { where: other.where, text: after ?? shownRow(other.row) },
  };
}

function dropped({ drop }: Conclusion): number[] {
  return drop ? [...drop.subarray(0, KEPT_EXAMPLES)] : [];
}

function shownPairs(conclusion: Conclusion): Pair[] {
  return [...conclusion.examples.slice(0, KEPT_EXAMPLES), ...dropped(conclusion).map((row) => ({ row }))];
}

function finding(
  { code, title, severity, why, fix }: FindingKind,
  facts: Pick<DoctorFinding, 'rows' | 'share' | 'examples' | 'detail'>,
  preview: readonly DoctorPreview[],
): DoctorFinding {
  return {
    code,
    title: said(title),
    severity,
    why: said(why),
    ...facts,
    fix: fix && { ...inWords(fix), preview },
  };
}

function inWords({ does, instead, ...fix }: DoctorFix): DoctorFix {
  return { ...fix, does: said(does), ...(instead && { instead: { ...instead, does: said(instead.does) } }) };
}

/** How long the rows are, in steps of powers of two. */
export function lengthsOf(tokens: Iterable<Uint32Array>, counted: boolean): DoctorReport['lengths'] {
  const rowsOf = new Map<number, number>();
  for (const words of tokens) for (const n of words) rowsOf.set(n, (rowsOf.get(n) ?? 0) + 1);
  const lengths = [...rowsOf].sort(([a], [b]) => a - b);
  const half = Math.floor(lengths.reduce((sum, [, rows]) => sum + rows, 0) / 2);
  const histogram: { upTo: number; rows: number }[] = [];
  let [upTo, done, total, median] = [16, 0, 0, 0];
  for (const [n, rows] of lengths) {
    while (n > upTo) {
      upTo *= 2;
      if (histogram.length > 0) histogram.push({ upTo, rows: 0 });
    }
    if (histogram.length === 0) histogram.push({ upTo, rows: 0 });
    histogram.at(-1)!.rows += rows;
    if (done <= half) median = n;
    done += rows;
    total += n * rows;
  }
  return { counted, tokens: total, median, most: lengths.at(-1)?.[0] ?? 0, histogram };
}
