/** The first pass over the rows: each goes through all row checks and is remembered for the checks of all rows. */
import type { AppError } from '../../../../common/errors.ts';
import type { LooseRow, PlacedRow } from '../rows/loose-row.ts';
import { type Reading, readLooseRows } from '../rows/read-rows.ts';
import type { TrainingRow } from '../rows/schema.ts';
import type { EncodedRow } from '../tokens/tokenizer-types.ts';
import { type Corpus, CorpusBuilder } from './corpus.ts';
import type { RowCheck } from './finding.ts';
import type { LanguageGuess } from './language.ts';
import { type Measure, shownPiece, shownRow } from './row-parts.ts';

export interface DoctorOptions extends Source {
  /** Files that the held-out rows are in; without them the rows are split as a run would. */
  readonly evalPaths?: readonly string[];
  /** The most tokens of a row in training. */
  readonly maxLength: number;
  readonly heldOut: number;
  readonly seed: number;
  /** Tokens of a row as training makes them; without it they are estimated. */
  readonly encode?: (row: TrainingRow) => EncodedRow;
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

export interface Instruments {
  readonly measure: Measure;
  readonly guess: (row: LooseRow) => LanguageGuess;
  /** Bytes of the source that are done. */
  readonly onBytes?: (bytes: number) => void;
}

/** The rows that one check has found. */
export interface RowFinding {
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

/** Reads all rows of `source` once. */
export async function scanRows(
  { paths, read }: Source,
  checks: readonly RowCheck[],
  { measure, guess, onBytes }: Instruments,
): Promise<Scan> {
  const builder = new CorpusBuilder(guess);
  const found = new Map(checks.map(({ kind }) => [kind.code, newFinding()]));
  const bad: string[] = [];
  const notes: string[] = [];
  let unreadable = 0;
  const onBadRow = ({ message }: AppError): void => {
    if (++unreadable <= KEPT_EXAMPLES) bad.push(message);
  };
  const onNote = ({ message }: { message: string }): void => void notes.push(message);
  for await (const placed of readLooseRows(paths, { ...read, onBadRow, onNote })) {
    const measured = measure(placed.row);
    lookAt(placed, checks, measure, measured, found);
    builder.add(placed.row, measured);
    onBytes?.(placed.doneBytes);
  }
  return { corpus: builder.finish(), found, unreadable: { rows: unreadable, examples: bad }, notes };
}

function newFinding(): RowFinding {
  return { rows: 0, examples: [], previews: [] };
}

function lookAt(
  { row, where }: PlacedRow,
  checks: readonly RowCheck[],
  measure: Measure,
  { tokens, isCut }: ReturnType<Measure>,
  found: ReadonlyMap<string, RowFinding>,
): void {
  const codes: string[] = [];
  for (const check of checks) {
    const fault = check.find({ row, where, tokens, isCut, codes });
    if (fault === null) continue;
    const { code } = check.kind;
    codes.push(code);
    const finding = found.get(code)!;
    if (++finding.rows > KEPT_EXAMPLES) continue;
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
