/** The footer of a Parquet file, checked before the library reads it: it believes what a damaged file says of its columns, and loops. */
import { type AsyncBuffer, type FileMetaData, parquetMetadata, type SchemaElement } from 'hyparquet';
import { whole } from './parquet-pages.ts';
import { checkThrift } from './thrift.ts';

/** The length of the footer and the letters PAR1, which end a file. */
const END_BYTES = 8;
/** Columns within columns; libraries that write Parquet give up long before. */
const MOST_LEVELS = 64;

/** What the file says of its columns and row groups. Throws for a footer that no writer makes. */
export async function footerOf(file: AsyncBuffer): Promise<FileMetaData> {
  const last = new DataView(await file.slice(Math.max(0, file.byteLength - END_BYTES), file.byteLength));
  const bytes = last.getUint32(0, true) + END_BYTES;
  if (bytes > file.byteLength) throw new Error('the footer is longer than the file');
  const footer = await file.slice(file.byteLength - bytes, file.byteLength);
  checkThrift({ view: new DataView(footer, 0, footer.byteLength - END_BYTES), offset: 0 });
  // columns of maps are text or numbers like any other
  const metadata = parquetMetadata(footer, { geoparquet: false });
  checkSchema(metadata.schema);
  return metadata;
}

/** The list of columns is a tree in which each one says how many come below it. */
function checkSchema(schema: readonly Pick<SchemaElement, 'num_children'>[]): void {
  const open = [1];
  for (const { num_children: below } of schema) {
    while (open.at(-1) === 0) open.pop();
    if (open.length === 0) throw new Error('a column belongs to none');
    open[open.length - 1]! -= 1;
    open.push(below === undefined ? 0 : whole(below));
    if (open.length > MOST_LEVELS) throw new Error('columns lie too deep in each other');
  }
  if (open.some((missing) => missing > 0)) throw new Error('columns are missing');
}
