/**
 * Rows as a person edits them, one by one: pages of them to look at, and a copy of the data in which some are changed, left out or
 * new. The files that are read stay as they are.
 */
import type { EditableRow, EditableRows, EditedRows, RowEdits } from '../../../common/protocol/protocol.ts';
import type { DataConfig } from '../config/config.ts';
import { LineWriter, requireFree } from '../data/doctor/repair-files.ts';
import { type LooseRow, looseToJson } from '../data/rows/loose-row.ts';
import { readingOf, readLooseRows } from '../data/rows/read-rows.ts';
import { dataFiles } from '../data/rows/readers/files.ts';
import { writeStreamAtomic } from '../io/atomic.ts';
import type { JobIo } from '../load/ready-model.ts';

/** A longer text is no matter for a text field. */
const MOST_CHARS = 20_000;

export interface EditConfig extends RowEdits {
  readonly data: DataConfig;
  readonly out: string;
}

/** `count` rows from the one numbered `from`; how many there are in all only with the first ones, which are read to the end. */
export async function editableRows(
  { data, from, count }: { readonly data: DataConfig; readonly from: number; readonly count: number },
  { stop }: Pick<JobIo, 'stop'>,
): Promise<EditableRows> {
  const rows: EditableRow[] = [];
  let number = 0;
  for await (const { row } of readLooseRows([data.data].flat(), { ...own(data, stop), onBadRow: () => {} })) {
    if (number >= from && rows.length < count) rows.push(shown(row, number));
    number++;
    if (from > 0 && rows.length === count) return { rows, total: null };
  }
  return { rows, total: number };
}

/** Writes all rows to `out` as JSON Lines, with the changes made and the new rows at the end. */
export async function writeEdited(
  { data, out, changes, added }: EditConfig,
  { stop }: Pick<JobIo, 'stop'>,
): Promise<EditedRows> {
  const paths = [data.data].flat();
  await requireFree(out, await dataFiles(paths), false);
  const edits = new Map(changes.map(({ row, turns }) => [row, turns]));
  let unreadable = 0;
  const onBadRow = () => void unreadable++;
  return writeStreamAtomic(out, async (file) => {
    const lines = new LineWriter(file);
    let number = 0;
    let rows = 0;
    const add = async (row: LooseRow) => {
      await lines.line(looseToJson(row));
      rows++;
    };
    for await (const { row } of readLooseRows(paths, { ...own(data, stop), onBadRow })) {
      const turns = edits.get(number++);
      if (turns === undefined) await add(row);
      else if (turns !== null) await add(withTurns(row, turns));
    }
    for (const row of added) await add(row);
    await lines.finish();
    return { path: out, rows, unreadable };
  });
}

/** How the rows are read, without the system message that a person gave for all of them: it stays beside the copy. */
function own(data: DataConfig, signal: AbortSignal) {
  const { system: _, ...reading } = readingOf(data);
  return { ...reading, signal };
}

function shown({ kind, turns }: LooseRow, number: number): EditableRow {
  const isLong = turns.some(({ content }) => content.length > MOST_CHARS);
  return {
    ...{ number, kind, isLong },
    turns: turns.map(({ role, content }) => ({ role, content: content.slice(0, MOST_CHARS) })),
  };
}

/** A system message that was put in front, or taken out, moves where the learned part of a chat begins. */
function withTurns(row: LooseRow, turns: LooseRow['turns']): LooseRow {
  const contextTurns = row.contextTurns && row.contextTurns + turns.length - row.turns.length;
  return { ...row, turns: keptTools(row.turns, turns), ...(contextTurns && { contextTurns }) };
}

/** Edited texts with the calls and results that stood there: of an equal number of turns in their places. */
function keptTools(before: LooseRow['turns'], edited: LooseRow['turns']): LooseRow['turns'] {
  const shift = edited.length - before.length;
  return edited.map((turn, i) => {
    const old = before[i - shift];
    return old?.role === turn.role ? { ...old, content: turn.content } : turn;
  });
}
