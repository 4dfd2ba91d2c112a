/** Plans and does the fixes that were asked for: row by row, then what follows from all rows together. */

import { AppError } from '../../../common/errors.ts';
import type { DoctorRepair } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import type { LooseRow, PlacedRow } from '../loose-row.ts';
import { readLooseRows } from '../read-rows.ts';
import { type CorpusCheck, type RowCheck, Study } from './finding.ts';
import { type RepairWriter, writeRepair } from './repair-files.ts';
import type { Measure } from './row-parts.ts';
import { corpusOf, type DoctorOptions, type Examination, type Passes, type Source } from './scan.ts';
import { CHECKS, DROPS, REPAIRS } from './table.ts';

/** The fixes of a repair, each in the order in which it is done. */
export interface Fixes {
  readonly repairs: readonly RowCheck[];
  readonly drops: readonly CorpusCheck[];
}

export interface Repair {
  readonly options: DoctorOptions;
  readonly fixes: Fixes;
  /** The rows as they are in the files. */
  readonly study: Study;
  readonly examination: Examination;
  readonly unreadable: number;
  readonly passes: Passes;
}

/** The fixes called `names`; `all` stands for the safe ones. Throws `AppError('bad-usage')` for an unknown name. */
export function chosenFixes(names: readonly string[]): Fixes {
  const known = CHECKS.flatMap(({ kind: { fix } }) =>
    fix === null ? [] : [fix, ...(fix.instead ? [fix.instead] : [])],
  );
  const unknown = names.find((name) => name !== 'all' && !known.some((fix) => fix.name === name));
  if (unknown !== undefined || names.length === 0) {
    const list = known.map(({ name }) => name).join(marks().comma);
    const came = unknown === undefined ? 'none' : `"${unknown}"`;
    throw new AppError('bad-usage', `There is no fix called ${came}.`, `The fixes are: ${list}; or all.`);
  }
  const isChosen = ({ kind: { fix } }: { readonly kind: CorpusCheck['kind'] }) =>
    fix !== null && (names.includes(fix.name) || (fix.safe && names.includes('all')));
  return { repairs: REPAIRS.filter(isChosen), drops: DROPS.filter(isChosen) };
}

/** Writes the repaired rows and what undoes it, or (without `out`) only counts what would change. */
export async function repair(job: Repair): Promise<DoctorRepair> {
  const { options, unreadable } = job;
  const dropped = await plannedDrops(job);
  if (typeof options.out !== 'string')
    return { ...(await applyFixes(job, dropped, null)), unreadableRows: unreadable };
  return await writeRepair(options, unreadable, (writer) => applyFixes(job, dropped, writer));
}

/** What became of a row: the row itself or null, and the fixes that made it so. */
interface Repaired {
  readonly row: LooseRow | null;
  readonly fixes: readonly string[];
}

/** `row` after the fixes that need no other rows. */
function repairRow(row: LooseRow, repairs: readonly RowCheck[], measure: Measure): Repaired {
  let repaired: LooseRow | null = row;
  const fixes: string[] = [];
  for (const { kind, repair } of repairs) {
    if (repaired === null || repair === undefined) break;
    const next: LooseRow | null = repair(repaired, measure);
    if (next !== repaired) fixes.push(kind.fix?.name ?? kind.code);
    repaired = next;
  }
  return { row: repaired, fixes };
}

/** The name of the fix that leaves a row out because of other rows, by row number. */
async function plannedDrops(job: Repair): Promise<ReadonlyMap<number, string>> {
  const { fixes, study } = job;
  const dropped = new Map<number, string>();
  if (fixes.drops.length === 0) return dropped;
  // Repairs can make rows equal: what is left out is decided by the rows as they will be
  const begun = fixes.repairs.length === 0 ? study : await repairedStudy(job);
  let current = begun;
  for (const { kind, conclude } of fixes.drops) {
    const drop = conclude(current)?.drop;
    if (drop === undefined || drop.length === 0) continue;
    const gone = current.gone.slice();
    for (const row of drop) {
      gone[row] = 1;
      dropped.set(row, kind.fix?.name ?? kind.code);
    }
    current = current.without(gone);
  }
  if (begun !== study) begun.corpus.close();
  return dropped;
}

async function repairedStudy({ options, fixes, study, examination, passes }: Repair): Promise<Study> {
  const { measure } = examination;
  const gone = new Uint8Array(study.corpus.rows);
  async function* repairedRows(): AsyncGenerator<PlacedRow> {
    let number = 0;
    for await (const placed of rowsOf(options)) {
      const { row } = repairRow(placed.row, fixes.repairs, measure);
      if (row === null) gone[number] = 1;
      number++;
      yield { ...placed, row: row ?? placed.row };
    }
  }
  const onBytes = await passes(say`Comparing the repaired rows`);
  const corpus = await corpusOf(repairedRows(), { ...examination, onBytes }, () => {});
  requireSame(corpus.rows, study.corpus.rows);
  return new Study(corpus, study.settings, study.evaluation, gone);
}

async function applyFixes(
  { options, fixes, study, examination, passes }: Repair,
  dropped: ReadonlyMap<number, string>,
  writer: RepairWriter | null,
): Promise<Omit<DoctorRepair, 'unreadableRows'>> {
  const counts = new Map<string, { changed: number; dropped: number }>();
  let number = 0;
  let kept = 0;
  let changed = 0;
  const onBytes = await passes(writer === null ? say`Trying the fixes` : say`Writing the new file`);
  for await (const { row, where, doneBytes } of rowsOf(options)) {
    const repaired = repairRow(row, fixes.repairs, examination.measure);
    const drop = repaired.row === null ? undefined : dropped.get(number);
    const after = drop === undefined ? repaired.row : null;
    const names = drop === undefined ? repaired.fixes : [...repaired.fixes, drop];
    for (const [i, name] of names.entries()) {
      const count = counts.get(name) ?? { changed: 0, dropped: 0 };
      count[after === null && i === names.length - 1 ? 'dropped' : 'changed']++;
      counts.set(name, count);
    }
    await writer?.add({ number, where, before: row, after, fixes: names });
    if (after !== null) kept++;
    if (after !== null && names.length > 0) changed++;
    number++;
    onBytes(doneBytes);
  }
  requireSame(number, study.corpus.rows);
  return {
    out: null,
    undo: null,
    keptRows: kept,
    changedRows: changed,
    droppedRows: number - kept,
    fixes: [...counts].map(([name, count]) => ({ name, ...count })),
  };
}

function rowsOf({ paths, read }: Source) {
  return readLooseRows(paths, { ...read, onBadRow: () => {} });
}

function requireSame(rows: number, before: number): void {
  if (rows === before) return;
  throw new AppError(
    'data-changed',
    say`The files had ${before} rows at first and ${rows} now: another program is changing them.`,
    say`Wait until they are complete, and check again.`,
  );
}
