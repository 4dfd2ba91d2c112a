/** Parquet, one row group at a time: memory holds the rows of a group, as many as its writer chose. */

import {
  type AsyncBuffer,
  type FileMetaData,
  parquetReadObjects,
  parquetSchema,
  type SchemaTree,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { footerOf } from './parquet-footer.ts';
import { checkPages, whole } from './parquet-pages.ts';
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
      const found = await footerOf(file);
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

/** The columns by their names, each with its way from the root. */
function leavesOf(node: SchemaTree, above: readonly SchemaTree[] = []): Map<string, SchemaTree[]> {
  const path = [...above, node];
  if (node.children.length === 0) return new Map([[node.path.join('.'), path]]);
  return new Map(node.children.flatMap((child) => [...leavesOf(child, path)]));
}

/**
 * Fails for a row group that the library would begin to read and give up: columns that it has begun by then fail where nobody waits
 * for them. Pages are looked at as well.
 */
async function checkGroup(
  source: Source,
  file: AsyncBuffer,
  group: Group,
  leaves: ReadonlyMap<string, SchemaTree[]>,
) {
  refuseLarge(source, Number(group.total_byte_size), whole(group.num_rows));
  let [bytes, values] = [0, 0];
  const unseen = new Map(leaves);
  for (const { meta_data: chunk } of group.columns) {
    const name = chunk?.path_in_schema.join('.') ?? '';
    const path = unseen.get(name);
    if (!chunk || !path || !unseen.delete(name)) throw new Error('a column that the schema does not have');
    refuseCodec(source, chunk);
    refuseLarge(source, whole(chunk.total_compressed_size), 0);
    const [bytesBefore, valuesBefore] = [bytes, values];
    checkPages(await pagesOf(file, chunk), { chunk, path, compressors }, (sizes) => {
      [bytes, values] = [bytesBefore + sizes.bytes, valuesBefore + sizes.values];
      refuseLarge(source, bytes, values);
    });
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
  const message = say`${path} is packed with ${codec}. Fettle reads ${CODECS.join(marks().comma)}.`;
  throw new AppError('data-format', message, say`Save the file with ZSTD, or without packing.`);
}

async function pagesOf(file: AsyncBuffer, chunk: Chunk): Promise<DataView> {
  const start = whole(chunk.dictionary_page_offset || chunk.data_page_offset);
  const end = start + whole(chunk.total_compressed_size);
  if (end > file.byteLength) throw new Error('a column ends beyond the file');
  return new DataView(await file.slice(start, end));
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
