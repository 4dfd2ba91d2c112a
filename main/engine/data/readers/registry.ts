/** Which reader reads which format; a new format is a reader and a row here, and its name in sniff.ts. */
import { basename } from 'node:path';
import { readCsv } from './csv.ts';
import { readJson } from './json.ts';
import { readJsonLines } from './jsonl.ts';
import { readParquet } from './parquet.ts';
import type { Reader, ReadingContext } from './reader.ts';
import { type FormatName, namedFormat, sniffFormat } from './sniff.ts';
import type { Source } from './source.ts';
import { readMarkdown, readText } from './text.ts';
import { readXlsx } from './xlsx.ts';

interface Format {
  /** What people call it. */
  readonly words: string;
  readonly read: Reader;
}

export const FORMATS: Readonly<Record<FormatName, Format>> = {
  jsonl: { words: 'JSON Lines', read: readJsonLines },
  json: { words: 'JSON', read: readJson },
  csv: { words: 'a table with separated cells (CSV)', read: readCsv },
  parquet: { words: 'Parquet', read: readParquet },
  xlsx: { words: 'an Excel workbook', read: readXlsx },
  text: { words: 'plain text', read: readText },
  markdown: { words: 'Markdown', read: readMarkdown },
};

/** The format of `source`; a name that says something else is told. */
export async function formatOf(source: Source, context: ReadingContext): Promise<FormatName> {
  const format = await sniffFormat(source, context.signal);
  const named = namedFormat(source.path);
  if (source.head.length > 0 && named !== undefined && named !== format) {
    const message = `${basename(source.path)} is ${FORMATS[format].words} by its content, and is read as that.`;
    context.note({ code: 'data-format', message });
  }
  return format;
}
