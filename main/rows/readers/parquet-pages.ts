/**
 * The pages of a Parquet column before the library reads them: it believes lengths and runs that a damaged file states, and computes or
 * allocates for as long as they say.
 */
import type { ColumnMetaData, Compressors, DataReader, PageHeader, SchemaTree } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { decompressPage } from 'hyparquet/src/datapage.js';
import { readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from 'hyparquet/src/schema.js';
import { readVarInt } from 'hyparquet/src/thrift.js';
import { checkThrift } from './thrift.ts';

/** What is known of a column without its pages. */
export interface Column {
  readonly chunk: ColumnMetaData;
  /** From the root of the schema to the column. */
  readonly path: SchemaTree[];
  readonly compressors: Compressors;
}

interface Sizes {
  /** Unpacked. */
  readonly bytes: number;
  readonly values: number;
}

/** Looks at the pages in `view`; `onSizes` gets what those so far state, before they are unpacked. Throws for what can't be. */
export function checkPages(view: DataView, column: Column, onSizes: (sizes: Sizes) => void): void {
  const reader = { view, offset: 0 };
  let [bytes, values] = [0, 0];
  while (reader.offset < view.byteLength - 1) {
    checkThrift(reader);
    const header = parquetHeader(reader);
    const { data_page_header: first, data_page_header_v2: second, dictionary_page_header: words } = header;
    bytes += whole(header.uncompressed_page_size);
    values += whole((first ?? second ?? words)?.num_values);
    onSizes({ bytes, values });
    const length = whole(header.compressed_page_size);
    if (reader.offset + length > view.byteLength) throw new Error('a page ends beyond its column');
    const page = new Uint8Array(view.buffer, view.byteOffset + reader.offset, length);
    if (header.type === 'DATA_PAGE') checkFirst(page, header, column);
    if (header.type === 'DATA_PAGE_V2') checkSecond(page, header, column);
    reader.offset += length;
  }
}

/** A count or a size of a file that may be damaged. */
export function whole(value: unknown): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error('a size is no number');
}

/** A page of the first format: levels with their lengths before them, and all of it packed. */
function checkFirst(page: Uint8Array, header: PageHeader, { chunk, path, compressors }: Column): void {
  const { num_values: count, encoding } = header.data_page_header!;
  const reader = readerOf(unpacked(page, header.uncompressed_page_size, chunk, compressors));
  const repetition = path.length > 1 ? getMaxRepetitionLevel(path) : 0;
  if (repetition > 0) levels(reader, repetition, count);
  const definition = getMaxDefinitionLevel(path);
  const present = definition > 0 ? levels(reader, definition, count) : count;
  if (isByDictionary(encoding)) {
    const width = reader.view.getUint8(reader.offset++);
    // without bits all are the first word, and there are no runs
    if (width > 0) checkRuns(reader, width, present);
  } else if (encoding === 'RLE') checkRuns(skippingLength(reader), 1, present);
}

/** One of the second: levels without lengths and never packed, then values. */
function checkSecond(page: Uint8Array, header: PageHeader, { chunk, path, compressors }: Column): void {
  const {
    num_values: count,
    num_nulls: nulls,
    encoding,
    is_compressed: isPacked,
    repetition_levels_byte_length: repeated,
    definition_levels_byte_length: defined,
  } = header.data_page_header_v2!;
  const [repetition, definition] = [getMaxRepetitionLevel(path), getMaxDefinitionLevel(path)];
  if (repetition > 0) checkRuns(readerOf(page), widthOf(repetition), count);
  if (definition > 0) checkRuns(readerOf(page.subarray(whole(repeated))), widthOf(definition), count);
  const begins = whole(repeated) + whole(defined);
  const rest = page.subarray(begins);
  const values = isPacked ? unpacked(rest, header.uncompressed_page_size - begins, chunk, compressors) : rest;
  const reader = readerOf(values);
  if (isByDictionary(encoding))
    checkRuns(reader, reader.view.getUint8(reader.offset++), whole(count - nulls));
  else if (encoding === 'RLE') checkRuns(skippingLength(reader), 1, whole(count - nulls));
}

const isByDictionary = (encoding: string) => encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY';

const unpacked = (page: Uint8Array, bytes: number, { codec }: ColumnMetaData, compressors: Compressors) =>
  decompressPage(page, whole(bytes), codec, compressors);

function readerOf(bytes: Uint8Array): DataReader {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}

const LENGTH_BYTES = 4;

function skippingLength({ view, offset }: DataReader): DataReader {
  return { view, offset: offset + LENGTH_BYTES };
}

const widthOf = (most: number) => 32 - Math.clz32(most);

/** Checks levels up to `most` and reads them; gives how many are the highest, which have a value. */
function levels(reader: DataReader, most: number, count: number): number {
  checkRuns(skippingLength(reader), widthOf(most), count);
  const found = new Uint8Array(count);
  readRleBitPackedHybrid(reader, widthOf(most), found);
  return found.reduce((sum, level) => sum + (level === most ? 1 : 0), 0);
}

/** Writers fill groups of eight values up, and some many groups. */
const FILLED_UP = 512;

/** Fails for a run that is longer than all `count` values: the library would write it out, or loop, up to 2^31 times. */
function checkRuns({ view, offset }: DataReader, width: number, count: number): void {
  const reader = { view, offset };
  for (let seen = 0; seen < count; ) {
    const header = readVarInt(reader);
    const isPacked = (header & 1) === 1;
    const run = isPacked ? (header >>> 1) * 8 : header >>> 1;
    if (run > count + FILLED_UP) throw new Error('a run is longer than its page');
    reader.offset += isPacked ? Math.ceil((run * width) / 8) : Math.ceil(width / 8);
    seen += run;
  }
}
