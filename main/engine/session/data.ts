/** Jobs about data alone: no model is opened, and nothing of the engine's weight is loaded. */

import { AppError } from '../../../common/errors.ts';
import type { DataFileFound, DataShowResult, RawTable } from '../../../common/protocol/protocol.ts';
import type { DataConfig } from '../config/config.ts';
import { type LooseRow, turnText } from '../data/rows/loose-row.ts';
import {
  dataBytes,
  type FileFound,
  type FoundSheets,
  firstRecords,
  readingOf,
  readLooseRows,
} from '../data/rows/read-rows.ts';
import { strictRow } from '../data/rows/schema.ts';
import type { JobIo } from '../load/ready-model.ts';

const FIRST_ROWS = 3;
const KEPT_PROBLEMS = 5;
const PROGRESS_MS = 100;

/** How the rows of `config.data` are read: what was detected, how many there are, and the first ones. */
export async function showData(config: DataConfig, io: JobIo): Promise<DataShowResult> {
  const paths = [config.data].flat();
  const totalBytes = await dataBytes(paths);
  const files: (DataFileFound & { rows: number; badRows: number })[] = [];
  const problems: string[] = [];
  const first: DataShowResult['first'][number][] = [];
  const notes: { code: string; message: string }[] = [];
  const badRow = (error: AppError) => {
    files.at(-1)!.badRows++;
    if (problems.length < KEPT_PROBLEMS) problems.push(error.message);
  };
  let reported = performance.now();
  const rows = readLooseRows(paths, {
    ...readingOf(config),
    signal: io.stop,
    onBadRow: badRow,
    onNote: ({ code, message }) => notes.push({ code, message }),
    onFile: (file) => files.push({ ...fileFound(file), rows: 0, badRows: 0 }),
  });
  for await (const { row, where, doneBytes } of rows) {
    if (performance.now() - reported > PROGRESS_MS) {
      reported = performance.now();
      io.emit({ event: 'phase', phase: 'read', fraction: doneBytes / Math.max(1, totalBytes) });
    }
    try {
      strictRow(row, where);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      badRow(error);
      continue;
    }
    files.at(-1)!.rows++;
    if (first.length >= FIRST_ROWS) continue;
    const said = (turns: LooseRow['turns']) =>
      turns.map((turn) => ({ role: turn.role, content: turnText(turn) }));
    first.push({
      where,
      kind: row.kind,
      turns: said(row.turns),
      contextTurns: row.contextTurns ?? 0,
      ...(row.rejected && { rejected: said(row.rejected) }),
      ...(row.rated !== undefined && { rated: row.rated }),
    });
  }
  const sum = (key: 'rows' | 'badRows') => files.reduce((total, file) => total + file[key], 0);
  return { files, rows: sum('rows'), badRows: sum('badRows'), problems, notes, first };
}

function fileFound({ path, format, schema }: FileFound): DataFileFound {
  return {
    path,
    format,
    kind: schema?.kind ?? null,
    map: schema?.map ?? null,
    reason: schema?.reason ?? null,
    confidence: schema?.confidence ?? null,
    alternatives: schema?.alternatives ?? [],
    columns: schema?.columns ?? [],
  };
}

const RAW_ROWS = 50;
/** A page shows no more of a cell at once. */
const CELL_CHARS = 2000;

/** Why no rows were made of a table that can be read: a person has to say which columns are what. */
type LookProblem = Pick<AppError, 'code' | 'message' | 'hint'>;

const UNCLEAR_CODES: readonly string[] = ['data-schema', 'data-map'];

/** What `fettle data show` says of the files of `config`, with the first 50 records of the first one. */
export async function look(
  config: DataConfig,
  io: JobIo,
): Promise<DataShowResult & { raw: RawTable; sheets: FoundSheets | null; problem: LookProblem | null }> {
  const options = { ...readingOf(config), signal: io.stop };
  const { records, sheets } = await firstRecords([config.data].flat(), RAW_ROWS, options);
  const raw = rawTable(records);
  try {
    return { ...(await showData(config, io)), raw, sheets, problem: null };
  } catch (error) {
    if (!(error instanceof AppError) || !UNCLEAR_CODES.includes(error.code)) throw error;
    const { code, message, hint } = error;
    const nothing = { files: [], rows: 0, badRows: 0, problems: [], notes: [], first: [] };
    return { ...nothing, raw, sheets, problem: { code, message, hint } };
  }
}

/** Records as a table: columns in the order in which fields are met, nested values as compact JSON. */
export function rawTable(records: readonly unknown[]): RawTable {
  const fields = records.map(fieldsOf);
  const columns = [...new Set(fields.flatMap((record) => Object.keys(record)))];
  return { columns, rows: fields.map((record) => columns.map((column) => cell(record[column]))) };
}

/** A record that is no object (a line of JSON may be a text or a list) has one field. */
function fieldsOf(record: unknown): Readonly<Record<string, unknown>> {
  const isObject = typeof record === 'object' && record !== null && !Array.isArray(record);
  return isObject ? (record as Record<string, unknown>) : { value: record };
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : (compactJson(value) ?? String(value));
  return text.length > CELL_CHARS ? `${text.slice(0, CELL_CHARS - 1)}…` : text;
}

/** Parquet holds whole numbers that JSON cannot. */
function compactJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner))?.replace(
    /^"(.*)"$/s,
    '$1',
  );
}
