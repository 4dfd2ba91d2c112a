/** The first pass over the rows: each goes through all row checks and is remembered for the checks of all rows. */
import type { AppError } from '../../../common/errors.ts';
import type { LooseRow, PlacedRow } from '../loose-row.ts';
import { type Reading, readLooseRows } from '../read-rows.ts';
import { type CrewSize, charactersOf, inBatches, inThreads } from '../threads.ts';
import { Corpus, measureIn, ROW_FACTS } from './corpus.ts';
import {
  checksOf,
  type ExaminerSource,
  examiningWork,
  type NumberedRow,
  type ThreadEncoder,
} from './examine.ts';
import type { RowCheck } from './finding.ts';
import type { LanguageGuess } from './language.ts';
import { LANES } from './minhash.ts';
import { type EncodeRow, type Measure, type RowMeasure, shownPiece, shownRow } from './row-parts.ts';

export interface DoctorOptions extends Source {
  /** Files that the held-out rows are in; without them the rows are split as a run would. */
  readonly evalPaths?: readonly string[];
  /** The most tokens of a row in training. */
  readonly maxLength: number;
  readonly heldOut: number | undefined;
  readonly seed: number;
  /** Tokens of a row as training makes them; without it they are estimated. */
  readonly encode?: EncodeRow;
  /** How threads make the same `encode`. */
  readonly encoder?: ThreadEncoder;
  readonly crew?: CrewSize;
  readonly minutes?: number;
  readonly tokensPerSecond?: number;
  readonly epochs: number;
  /** Names of fixes, `all` for the safe ones. */
  readonly fix?: readonly string[];
  /** Where the repaired rows go; null to only say what would change. */
  readonly out?: string | null;
  readonly overwrite?: boolean;
  /** From 0 to 1, and what goes on. */
  readonly onProgress?: (fraction: number, detail: string) => void;
}

/** Begins a pass over the files and gives what is to be told of its bytes. */
export type Passes = (detail: string) => Promise<(bytes: number) => void>;

export const KEPT_EXAMPLES = 3;

/** What the rows of a job are read from and with. */
export interface Source {
  readonly paths: readonly string[];
  readonly read: Reading & { readonly signal?: AbortSignal };
}

/** The rows that one check has found. */
interface RowFinding {
  rows: number;
  readonly examples: { readonly where: string; readonly text: string }[];
  readonly previews: { readonly where: string; readonly before: string; readonly after: string | null }[];
}

export interface Scan {
  readonly corpus: Corpus;
  readonly found: ReadonlyMap<string, RowFinding>;
  readonly unreadable: { readonly rows: number; readonly examples: readonly string[] };
  readonly notes: readonly string[];
}

/** What a pass over rows is done with. */
export interface Examination {
  readonly measure: Measure;
  readonly guess: (row: LooseRow) => LanguageGuess;
  /** What threads make `measure` from. */
  readonly source: ExaminerSource;
  readonly crew: CrewSize | undefined;
  /** Bytes of the files, and what is told of those that are done. */
  readonly totalBytes: number;
  readonly onBytes?: (bytes: number) => void;
}

/** Reads all rows of `source` once. */
export async function scanRows({ paths, read }: Source, examination: Examination): Promise<Scan> {
  const checks = checksOf(examination.source);
  const found = new Map(checks.map(({ kind }) => [kind.code, newFinding()]));
  const bad: string[] = [];
  const notes: string[] = [];
  let unreadable = 0;
  const onBadRow = ({ message }: AppError): void => {
    if (++unreadable <= KEPT_EXAMPLES) bad.push(message);
  };
  const onNote = ({ message }: { message: string }): void => void notes.push(message);
  const rows = readLooseRows(paths, { ...read, onBadRow, onNote });
  const { measure } = examination;
  const corpus = await corpusOf(rows, examination, (placed, facts, mask) => {
    if (mask !== 0) note(placed, { checks, measure, mask, ...measureIn(facts) }, found);
  });
  return { corpus, found, unreadable: { rows: unreadable, examples: bad }, notes };
}

/** What is remembered of `rows`; `onRow` is told of each, with the checks that found something in it. */
export async function corpusOf(
  rows: AsyncIterable<PlacedRow>,
  { measure, guess, source, crew, totalBytes, onBytes }: Examination,
  onRow: (placed: PlacedRow, facts: Uint32Array, found: number) => void,
): Promise<Corpus> {
  const corpus = new Corpus();
  const work = examiningWork(measure, source, totalBytes);
  for await (const { batch, result } of inThreads(inBatches(numbered(rows)), work, crew)) {
    const { facts, signatures, found } = result;
    for (const [i, placed] of batch.rows.entries()) {
      const own = facts.subarray(i * ROW_FACTS, (i + 1) * ROW_FACTS);
      onRow(placed, own, found[i]!);
      const signature = signatures.subarray(i * LANES, (i + 1) * LANES);
      corpus.add(placed.row, own, signature, guess(placed.row));
    }
    onBytes?.(batch.doneBytes);
  }
  return corpus;
}

async function* numbered(rows: AsyncIterable<PlacedRow>) {
  let number = 0;
  for await (const placed of rows) {
    const row: NumberedRow = { ...placed, number: number++ };
    yield { row, characters: charactersOf(placed.row), doneBytes: placed.doneBytes };
  }
}

function newFinding(): RowFinding {
  return { rows: 0, examples: [], previews: [] };
}

interface Faults extends RowMeasure {
  readonly checks: readonly RowCheck[];
  readonly measure: Measure;
  /** A bit for each check that found something. */
  readonly mask: number;
}

/** Counts the faults of a row; the first of each kind are looked at again, to show them. */
function note(
  { row, where }: PlacedRow,
  { checks, measure, mask, ...measured }: Faults,
  found: ReadonlyMap<string, RowFinding>,
): void {
  const codes: string[] = [];
  for (const [bit, check] of checks.entries()) {
    if ((mask & (1 << bit)) === 0) continue;
    const { code } = check.kind;
    const finding = found.get(code)!;
    const fault = ++finding.rows > KEPT_EXAMPLES ? null : check.find({ row, where, ...measured, codes });
    codes.push(code);
    if (fault === null) continue;
    finding.examples.push({ where, text: shownPiece(fault.text, fault.at) });
    if (check.repair) finding.previews.push({ where, ...shownChange(row, check.repair(row, measure)) });
  }
}

/** A row before and after a fix, around the place where they differ; null where the row is left out. */
export function shownChange(
  before: LooseRow,
  after: LooseRow | null,
): { before: string; after: string | null } {
  if (after === null) return { before: shownRow(before), after };
  const sameRoles = before.turns.every(({ role }, i) => after.turns[i]?.role === role);
  const turn = before.turns.findIndex(({ content }, i) => after.turns[i]?.content !== content);
  if (!sameRoles || before.turns.length !== after.turns.length || turn < 0)
    return { before: shownRow(before), after: shownRow(after) };
  const [old, repaired] = [before.turns[turn]!.content, after.turns[turn]!.content];
  let at = 0;
  while (at < old.length && old[at] === repaired[at]) at++;
  return { before: shownPiece(old, at), after: shownPiece(repaired, at) };
}

/** Row numbers to texts: reads `source` again up to the last of `wanted`. */
export async function fetchRows(
  { paths, read }: Source,
  wanted: ReadonlySet<number>,
): Promise<Map<number, PlacedRow>> {
  const rows = new Map<number, PlacedRow>();
  if (wanted.size === 0) return rows;
  let number = 0;
  for await (const placed of readLooseRows(paths, { ...read, onBadRow: () => {} })) {
    if (wanted.has(number)) rows.set(number, placed);
    number++;
    if (rows.size === wanted.size) break;
  }
  return rows;
}
