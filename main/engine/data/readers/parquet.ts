/** Parquet, one row group at a time: memory holds the rows of a group, as many as its writer chose. */
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { AppError } from '../../../errors.ts';
import type { RawRecord, Reader } from './reader.ts';
import type { Source } from './source.ts';

/** Unpacked bytes of a row group; larger ones are refused rather than tried. */
const MAX_GROUP_BYTES = 2 * 1024 ** 3;
/** A .parquet.gz is unpacked in memory, because its parts are read in no order. */
const MAX_WHOLE_BYTES = 1024 ** 3;

/** Reads Parquet. */
export const readParquet: Reader = async function* (source, context) {
  const file = await openBuffer(source, context.signal);
  const metadata = await attempt(source, () => parquetMetadataAsync(file));
  const rows = Number(metadata.num_rows);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    context.signal?.throwIfAborted();
    refuseLarge(source, group);
    const rowEnd = rowStart + Number(group.num_rows);
    const range = { file, metadata, rowStart, rowEnd, compressors };
    const objects = await attempt(source, () => parquetReadObjects(range));
    const records: RawRecord[] = objects.map((object, i) => ({
      value: plainValue(object),
      where: `${source.path}, row ${rowStart + i + 1}`,
      doneBytes: Math.round((source.bytes * (rowStart + i + 1)) / Math.max(1, rows)),
    }));
    yield records;
    rowStart = rowEnd;
  }
};

async function openBuffer(source: Source, signal?: AbortSignal): Promise<AsyncBuffer> {
  if (!source.isGzip) return asyncBufferFromFile(source.path);
  const { buffer, byteOffset, byteLength } = await source.whole(MAX_WHOLE_BYTES, signal);
  const whole = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
  return { byteLength, slice: (start, end) => whole.slice(start, end) };
}

async function attempt<T>({ path }: Source, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AppError(
      'data-damaged',
      `${path} cannot be read as Parquet: ${reason}.`,
      'Copy or download it again. If it is whole, export it as JSON Lines, for example with DuckDB: COPY … TO (FORMAT json).',
      { cause },
    );
  }
}

function refuseLarge({ path }: Source, { total_byte_size: bytes }: FileMetaData['row_groups'][number]): void {
  if (Number(bytes) <= MAX_GROUP_BYTES) return;
  throw new AppError(
    'data-too-large',
    `${path} has a row group of ${Math.round(Number(bytes) / 1e9)} GB; expected at most 2 GB.`,
    'Write the file again with smaller row groups, for example of 10,000 rows.',
  );
}

/** Values as JSON has them: dates as text, large integers as numbers where they fit, bytes as text. */
function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainValue(inner)]));
}
