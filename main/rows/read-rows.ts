/**
 * The one way in for data: whatever the files are, rows come out in order, one at a time, each with its place. Training and the data doctor
 * both read here, so that what is checked is what is trained on.
 */

import { basename } from 'node:path';
import { AppError } from '../../common/errors.ts';
import { plural } from '../../common/words/format.ts';
import { say } from '../../common/words/language.ts';
import { watchedPieces } from '../watched.ts';
import { aboutOf } from './about.ts';
import { SAMPLE_ROWS } from './detect.ts';
import type { LooseRow, PlacedRow } from './loose-row.ts';
import type { FoundSchema } from './mapping.ts';
import { dataFiles } from './readers/files.ts';
import { FORMATS, type FormatName, formatOf } from './readers/formats.ts';
import {
  type DataNote,
  type FoundSheet,
  fileBytes,
  openSource,
  type RawRecord,
  type ReadingContext,
} from './readers/source.ts';
import { planRows, type RowPlan } from './row-plan.ts';
import { strictRow } from './schema.ts';

/** How records become rows, as a person says it. */
export interface Reading {
  /** Which columns are what, such as `prompt=subject+body,answer=label`; wins over what is detected. */
  readonly map?: string;
  /** The prompt, with the values of columns in braces: `Sort this message: {subject} {body}`. */
  readonly promptTemplate?: string;
  /** The system message of every row that has none. */
  readonly system?: string;
  /** The sheet of workbooks that have several: its name, or `auto` (as where it is left out) for the likeliest. */
  readonly sheet?: string;
}

/** The settings of a command that say how records become rows, without those that were not given. */
export function readingOf(settings: { [Name in keyof Reading]: Reading[Name] | undefined }): Reading {
  const given = (['map', 'promptTemplate', 'system', 'sheet'] as const).filter(
    (name) => settings[name] !== undefined,
  );
  return Object.fromEntries(given.map((name) => [name, settings[name]]));
}

export interface ReadOptions extends Reading {
  readonly signal?: AbortSignal;
  /** Called for a row that cannot be read, which is then left out; without it the error is thrown. */
  readonly onBadRow?: (error: AppError) => void;
  readonly onNote?: (note: DataNote) => void;
  /** Called once a file, before its first row. */
  readonly onFile?: (file: FileFound) => void;
}

/** What a file turned out to be. */
export interface FileFound {
  readonly path: string;
  readonly format: FormatName;
  /** Undefined where no record could be looked at, or their columns hold no text. */
  readonly schema: FoundSchema | undefined;
}

/** Bytes of records that are kept while the first ones are looked at. */
const SAMPLE_BYTES = 8 * 1024 * 1024;

/** The rows of `paths` (files or folders) in order. Throws `AppError` for what is wrong with a file as a whole. */
export async function* readLooseRows(
  paths: readonly string[],
  options: ReadOptions = {},
): AsyncGenerator<PlacedRow> {
  for await (const placed of readAllRows(paths, options)) {
    if (placed.error === undefined) yield placed;
    else if (options.onBadRow === undefined) throw placed.error;
    else options.onBadRow(placed.error);
  }
}

/** A row that cannot be read, in its place among the others. */
interface BadRow {
  readonly error: AppError;
  readonly doneBytes: number;
}

/** The same with the rows that cannot be read, for who has to keep the order of both. */
export async function* readAllRows(
  paths: readonly string[],
  options: Omit<ReadOptions, 'onBadRow'> = {},
): AsyncGenerator<(PlacedRow & { readonly error?: undefined }) | BadRow> {
  let index = 0;
  let bytesBefore = 0;
  for (const path of await dataFiles(paths, options.onNote)) {
    const file = await openFile(path, options);
    let alike = 0;
    let number = 0;
    for await (const batch of file.batches) {
      for (const record of batch) {
        const row = rowOf(record, file.plan);
        number++;
        const doneBytes = bytesBefore + record.doneBytes;
        if (row === null) {
          alike++;
          continue;
        }
        if (row instanceof AppError) yield { error: row, doneBytes };
        else if (record.error === undefined)
          yield { row, where: record.where, index, path, number, record: record.value, doneBytes };
        index++;
      }
    }
    if (alike > 0) {
      const message = say`${plural(alike, 'row')} of ${basename(path)} left out: no answer was found better than the other.`;
      options.onNote?.({ code: 'rows-alike', message });
    }
    bytesBefore += file.bytes;
  }
}

/** The sheets of a workbook that have something in them, and the one that is read. */
export interface FoundSheets {
  readonly all: readonly FoundSheet[];
  readonly read: string;
}

/** The first `count` records of the first file as they stand there, before anything is read into them; bad ones left out. */
export async function firstRecords(
  paths: readonly string[],
  count: number,
  options: ReadOptions = {},
): Promise<{ records: unknown[]; sheets: FoundSheets | null }> {
  const records: unknown[] = [];
  let sheets: FoundSheets | null = null;
  const [first] = await dataFiles(paths);
  const { reading } = await openReader(first!, { ...options, onNote: () => {} }, (all, read) => {
    sheets = { all, read };
  });
  for await (const batch of reading) {
    records.push(...batch.flatMap((record) => ('value' in record ? [record.value] : [])));
    // leaving the loop closes the reader
    if (records.length >= count) break;
  }
  return { records: records.slice(0, count), sheets };
}

/** Size of all files together, those in folders included; a missing or unreadable one is an `AppError`. */
export async function dataBytes(paths: readonly string[]): Promise<number> {
  let total = 0;
  for (const path of await dataFiles(paths)) total += await fileBytes(path);
  return total;
}

interface OpenedFile {
  readonly bytes: number;
  readonly plan: RowPlan;
  readonly batches: AsyncIterable<readonly RawRecord[]>;
}

/** Looks at the first records of a file, says what it is, and gives all its records. */
async function openFile(path: string, options: ReadOptions): Promise<OpenedFile> {
  const { onFile } = options;
  const { source, format, context, reading } = await openReader(path, options);
  try {
    const { first, plan } = await lookAt(path, format, reading, options);
    for (const note of plan.notes) context.note(note);
    if (first.every((batch) => batch.length === 0)) {
      context.note({ code: 'data-empty', message: say`${basename(path)} has no rows.` });
    }
    onFile?.({ path, format, schema: plan.schema });
    return { bytes: source.bytes, plan, batches: follow(first, reading) };
  } catch (error) {
    await reading.return(undefined);
    throw error;
  }
}

/** A file with its format, and its records as they stand there. */
export async function openReader(path: string, options: ReadOptions, onSheets?: ReadingContext['onSheets']) {
  const { signal, sheet, onNote } = options;
  const source = await openSource(path, signal);
  const context: ReadingContext = {
    signal,
    sheet,
    note: (note) => onNote?.(note),
    ...(onSheets && { onSheets }),
    usableRows: (records) => usableRows(path, records, options),
  };
  const format = await formatOf(source, context);
  const reading = watchedPieces(path, source.bytes, FORMATS[format].read(source, context));
  return { source, format, context, reading };
}

/** How many records of a sheet would be rows to train on; running text, which any column is, only where it was asked for. */
function usableRows(path: string, records: readonly unknown[], options: ReadOptions): number {
  try {
    const plan = planRows(path, 'xlsx', records.slice(0, SAMPLE_ROWS), options);
    return records.reduce((count: number, record) => count + (isUsable(record, plan, options) ? 1 : 0), 0);
  } catch (error) {
    if (error instanceof AppError) return 0;
    throw error;
  }
}

function isUsable(record: unknown, plan: RowPlan, { map }: ReadOptions): boolean {
  const row = rowOf({ value: record, where: '', doneBytes: 0 }, plan);
  if (row === null || row instanceof AppError || (row.kind === 'text' && map === undefined)) return false;
  try {
    strictRow(row, '');
    return true;
  } catch {
    return false;
  }
}

/** Takes the first records and decides from them. */
async function lookAt(
  path: string,
  format: FormatName,
  reading: AsyncGenerator<readonly RawRecord[]>,
  options: ReadOptions,
): Promise<{ first: (readonly RawRecord[])[]; plan: RowPlan }> {
  const first = await takeSample(reading);
  const records = first.flat().flatMap((record) => ('value' in record ? [record.value] : []));
  return { first, plan: planRows(path, format, records.slice(0, SAMPLE_ROWS), options) };
}

/** The first batches: enough records to look at, or all. */
async function takeSample(reading: AsyncGenerator<readonly RawRecord[]>): Promise<(readonly RawRecord[])[]> {
  const batches: (readonly RawRecord[])[] = [];
  let records = 0;
  let bytes = 0;
  while (records < SAMPLE_ROWS && bytes < SAMPLE_BYTES) {
    const next = await reading.next();
    if (next.done) break;
    batches.push(next.value);
    records += next.value.length;
    bytes = next.value.at(-1)?.doneBytes ?? bytes;
  }
  return batches;
}

async function* follow(
  first: (readonly RawRecord[])[],
  rest: AsyncGenerator<readonly RawRecord[]>,
): AsyncGenerator<readonly RawRecord[]> {
  try {
    for (let batch = first.shift(); batch !== undefined; batch = first.shift()) yield batch;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}

/** The row of a record, or what is wrong with it; null where it is left out. */
function rowOf(record: RawRecord, plan: RowPlan): LooseRow | AppError | null {
  try {
    if (record.error !== undefined) throw record.error;
    const row = plan.row(record.value, record.where);
    const about = aboutOf(record.value);
    return row && about ? { ...row, about } : row;
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'bad-row') throw error;
    return error;
  }
}
