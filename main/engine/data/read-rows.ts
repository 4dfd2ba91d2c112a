/**
 * The one way in for data: whatever the files are, rows come out in order, one at a time, each with its place. Training
 * and the data doctor both read here, so that what is checked is what is trained on.
 */
import { basename } from 'node:path';
import { AppError } from '../../errors.ts';
import { SAMPLE_ROWS } from './detect.ts';
import type { FoundSchema } from './found-schema.ts';
import type { LooseRow, PlacedRow } from './loose-row.ts';
import { dataFiles } from './readers/files.ts';
import type { DataNote, RawRecord, ReadingContext } from './readers/reader.ts';
import { FORMATS, formatOf } from './readers/registry.ts';
import type { FormatName } from './readers/sniff.ts';
import { fileBytes, openSource } from './readers/source.ts';
import { planRows, type RowPlan } from './row-plan.ts';

export type { FoundSchema } from './found-schema.ts';
export { looseToJson } from './loose-row.ts';
export type { DataNote } from './readers/reader.ts';
export { strictRow } from './schema.ts';

export interface ReadOptions {
  /** Which columns are what, such as `prompt=subject+body,answer=label`; wins over what is detected. */
  readonly map?: string;
  /** The prompt, with the values of columns in braces: `Sort this message: {subject} {body}`. */
  readonly promptTemplate?: string;
  /** The system message of every row that has none. */
  readonly system?: string;
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
  let index = 0;
  let bytesBefore = 0;
  for (const path of await dataFiles(paths, options.onNote)) {
    const file = await openFile(path, options);
    for await (const batch of file.batches) {
      for (const record of batch) {
        const row = rowOf(record, file.plan, options);
        const doneBytes = bytesBefore + record.doneBytes;
        if (row) yield { row, where: record.where, index, doneBytes };
        index++;
      }
    }
    bytesBefore += file.bytes;
  }
}

/** The first `count` records of the first file as they stand there, before anything is read into them; bad ones left out. */
export async function firstRecords(
  paths: readonly string[],
  count: number,
  signal?: AbortSignal,
): Promise<unknown[]> {
  const records: unknown[] = [];
  const [first] = await dataFiles(paths);
  const source = await openSource(first!, signal);
  const context: ReadingContext = { signal, note: () => {} };
  const reading = FORMATS[await formatOf(source, context)].read(source, context);
  for await (const batch of reading) {
    records.push(...batch.flatMap((record) => ('value' in record ? [record.value] : [])));
    // leaving the loop closes the reader
    if (records.length >= count) break;
  }
  return records.slice(0, count);
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
  const { signal, onNote, onFile } = options;
  const context: ReadingContext = { signal, note: (note) => onNote?.(note) };
  const source = await openSource(path, signal);
  const format = await formatOf(source, context);
  const reading = FORMATS[format].read(source, context);
  const { first, plan } = await lookAt(path, format, reading, options);
  for (const note of plan.notes) context.note(note);
  if (first.every((batch) => batch.length === 0)) {
    context.note({ code: 'data-empty', message: `${basename(path)} holds no rows.` });
  }
  onFile?.({ path, format, schema: plan.schema });
  return { bytes: source.bytes, plan, batches: follow(first, reading) };
}

/** Takes the first records and decides from them; a reader that is not gone on with is closed. */
async function lookAt(
  path: string,
  format: FormatName,
  reading: AsyncGenerator<readonly RawRecord[]>,
  options: ReadOptions,
): Promise<{ first: (readonly RawRecord[])[]; plan: RowPlan }> {
  try {
    const first = await takeSample(reading);
    const records = first.flat().flatMap((record) => ('value' in record ? [record.value] : []));
    return { first, plan: planRows(path, format, records.slice(0, SAMPLE_ROWS), options) };
  } catch (error) {
    await reading.return(undefined);
    throw error;
  }
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

/** The row of a record, or undefined for a bad one that was reported. */
function rowOf(record: RawRecord, plan: RowPlan, { onBadRow }: ReadOptions): LooseRow | undefined {
  try {
    if (record.error !== undefined) throw record.error;
    return plan.row(record.value, record.where);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'bad-row' || onBadRow === undefined) throw error;
    onBadRow(error);
    return undefined;
  }
}
