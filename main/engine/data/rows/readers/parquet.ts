/** Parquet, one row group at a time: memory holds the rows of a group, as many as its writer chose. */

import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { compressors } from 'hyparquet-compressors';
import { AppError } from '../../../../../common/errors.ts';
import { say } from '../../../../../common/words/language.ts';
import { openFile, type RawRecord, type Reader, type Source } from './source.ts';

/** Unpacked bytes of a row group, and values of all its columns; larger ones are refused rather than tried. */
const MAX_GROUP_BYTES = 2 * 1024 ** 3;
const MAX_GROUP_VALUES = 2 ** 26;
/** A .parquet.gz is unpacked in memory, because its parts are read in no order. */
const MAX_WHOLE_BYTES = 1024 ** 3;
const CODECS: readonly string[] = ['UNCOMPRESSED', 'SNAPPY', ...Object.keys(compressors)];

type Group = FileMetaData['row_groups'][number];
type Chunk = NonNullable<Group['columns'][number]['meta_data']>;

/** Reads Parquet. */
export const readParquet: Reader = async function* (source, context) {
  const { file, close } = await openBuffer(source, context.signal);
  try {
    const { metadata, leaves } = await attempt(source, say`its list of columns`, async () => {
      const found = await parquetMetadataAsync(file);
      return { metadata: found, leaves: leavesOf(parquetSchema(found)) };
    });
    const rows = Number(metadata.num_rows);
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      context.signal?.throwIfAborted();
      const rowEnd = rowStart + Number(group.num_rows);
      const objects = await attempt(source, say`the data from row ${rowStart + 1} on`, async () => {
        await checkGroup(source, file, group, leaves);
        return parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors });
      });
      const records: RawRecord[] = objects.map((object, i) => ({
        value: plainValue(object),
        where: say`${source.path}, row ${rowStart + i + 1}`,
        doneBytes: Math.round((source.bytes * (rowStart + i + 1)) / Math.max(1, rows)),
      }));
      yield records;
      rowStart = rowEnd;
    }
  } finally {
    await close();
  }
};

async function openBuffer(
  source: Source,
  signal?: AbortSignal,
): Promise<{ file: AsyncBuffer; close(): Promise<void> }> {
  if (source.isGzip) {
    const whole = new Uint8Array(await source.whole(MAX_WHOLE_BYTES, signal));
    const slice = (start: number, end?: number) => whole.slice(start, end).buffer;
    return { file: { byteLength: whole.length, slice }, close: () => Promise.resolve() };
  }
  const handle = await openFile(source.path);
  const slice = async (start: number, end = source.bytes) => {
    const bytes = new Uint8Array(Math.max(0, end - start));
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    return bytes.buffer.slice(0, bytesRead);
  };
  return { file: { byteLength: source.bytes, slice }, close: () => handle.close() };
}

async function attempt<T>({ path }: Source, part: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError(
      'data-damaged',
      say`${path} can't be read as Parquet: ${part} is damaged.`,
      say`Copy or download it again. If it is whole, save it as JSON Lines with the program that made it.`,
      { cause },
    );
  }
}

function leavesOf({ children, path }: SchemaTree): string[] {
  return children.length === 0 ? [path.join('.')] : children.flatMap(leavesOf);
}

/**
 * Fails for a row group that the library would begin to read and give up: columns that it has begun by then fail where nobody waits
 * for them. Pages are looked at as well: one of negative length is read for ever.
 */
async function checkGroup(source: Source, file: AsyncBuffer, group: Group, leaves: readonly string[]) {
  refuseLarge(source, Number(group.total_byte_size), whole(group.num_rows));
  let [bytes, values] = [0, 0];
  const unseen = new Set(leaves);
  for (const { meta_data: chunk } of group.columns) {
    if (!chunk || !unseen.delete(chunk.path_in_schema.join('.')))
      throw new Error('a column that the schema does not have');
    refuseCodec(source, chunk);
    refuseLarge(source, whole(chunk.total_compressed_size), 0);
    const pages = await pagesOf(file, chunk);
    bytes += pages.bytes;
    values += pages.values;
    refuseLarge(source, bytes, values);
  }
}

function refuseLarge({ path }: Source, bytes: number, values: number): void {
  const isHeavy = bytes > MAX_GROUP_BYTES;
  if (!isHeavy && values <= MAX_GROUP_VALUES) return;
  throw new AppError(
    'data-too-large',
    isHeavy
      ? say`${path} has a row group of ${Math.round(bytes / 1e9)} GB. At most 2 GB can be read.`
      : say`${path} has a row group of ${Math.round(values / 1e6)} million values. At most ${Math.floor(MAX_GROUP_VALUES / 1e6)} million can be read.`,
    say`Save the file with smaller row groups, such as 10,000 rows.`,
  );
}

function refuseCodec({ path }: Source, { codec }: Chunk): void {
  if (codec === undefined) throw new Error('unknown codec');
  if (CODECS.includes(codec)) return;
  const message = say`${path} is packed with ${codec}. Fettle reads ${CODECS.join(', ')}.`;
  throw new AppError('data-format', message, say`Save the file with ZSTD, or without packing.`);
}

/** Unpacked bytes and values of a column's pages, as their headers state. */
async function pagesOf(file: AsyncBuffer, chunk: Chunk): Promise<{ bytes: number; values: number }> {
  const start = whole(chunk.dictionary_page_offset || chunk.data_page_offset);
  const end = start + whole(chunk.total_compressed_size);
  if (end > file.byteLength) throw new Error('a column ends beyond the file');
  const reader = { view: new DataView(await file.slice(start, end)), offset: 0 };
  const total = { bytes: 0, values: 0 };
  while (reader.offset < reader.view.byteLength - 1) {
    const page = parquetHeader(reader);
    const { data_page_header: first, data_page_header_v2: second, dictionary_page_header: words } = page;
    total.bytes += whole(page.uncompressed_page_size);
    total.values += whole((first ?? second ?? words)?.num_values);
    reader.offset += whole(page.compressed_page_size);
    if (reader.offset > reader.view.byteLength) throw new Error('a page ends beyond its column');
  }
  return total;
}

/** A count or a size of a file that may be damaged. */
function whole(value: unknown): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error('a size is no number');
}

/** Values as JSON has them: dates as text, large integers as numbers where they fit, bytes as text. */
function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainValue(inner)]));
}
