/** The formats: which one a file has by its content (names lie), and which reader reads it. */

import { basename } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import * as fileAdvice from '../../../common/extras/file-advice.ts';
import { parsedJson, valuesOf } from '../../../common/values.ts';
import { said, say } from '../../../common/words/language.ts';
import { byWord } from '../messages.ts';
import { readCsv, sampleLines } from './csv.ts';
import { detectDialect, isTable } from './dialect.ts';
import { detectEncoding, headText } from './encoding.ts';
import { holdsList, readJson, readJsonLines } from './json.ts';
import type { Reader, ReadingContext, Source } from './source.ts';
import { readMarkdown, readText } from './text.ts';
import { readXlsx, type ZipKind, zipKind } from './xlsx.ts';

interface Format {
  /** What people call it. */
  readonly words: string;
  readonly read: Reader;
}

export const FORMATS: Readonly<Record<FormatName, Format>> = {
  jsonl: { words: 'JSON Lines', read: readJsonLines },
  json: { words: 'JSON', read: readJson },
  csv: { words: 'a table with separated cells (CSV)', read: readCsv },
  parquet: {
    words: 'Parquet',
    // its library is 50 modules, which other files do without
    async *read(...file) {
      const { readParquet } = await import('./parquet.ts');
      yield* readParquet(...file);
    },
  },
  xlsx: { words: 'an Excel workbook', read: readXlsx },
  text: { words: 'plain text', read: readText },
  markdown: { words: 'Markdown', read: readMarkdown },
};

/** The format of `source`; a name that says something else is told. */
export async function formatOf(source: Source, context: ReadingContext): Promise<FormatName> {
  const format = await sniffFormat(source, context.signal);
  const named = namedFormat(source.path);
  if (source.head.length > 0 && named !== undefined && named !== format) {
    const message = say`${basename(source.path)} is ${said(FORMATS[format].words)} inside, and is read as that.`;
    context.note({ code: 'data-format', message });
  }
  return format;
}

export type FormatName = 'jsonl' | 'json' | 'csv' | 'parquet' | 'xlsx' | 'text' | 'markdown';

const SAVE_AS_TEXT = 'Copy its text into a .txt or .md file, or its tables into a .csv or .xlsx file.';
/** What an extra makes of them. */
const ADVICE: Readonly<Partial<Record<'pdf' | 'docx' | 'html', string>>> = Object.assign(
  {},
  ...valuesOf(fileAdvice),
);
const UNPACK = 'Unpack it first, and choose the files inside.';
const TEXT_ITSELF = 'Fettle trains on text. Choose a file with the text itself.';
const SAVE_AS_TABLE = 'Open it in a spreadsheet program and save it as .xlsx or as CSV.';

/** Content that is recognised and not read: its first bytes (latin-1), what it is, what to do. */
export const REFUSED: readonly (readonly [start: string, what: string, hint: string])[] = [
  ['%PDF', 'a PDF document', ADVICE.pdf ?? SAVE_AS_TEXT],
  ['{\\rtf', 'a rich text document (RTF)', SAVE_AS_TEXT],
  ['\u0089PNG', 'a PNG image', TEXT_ITSELF],
  ['\u00ff\u00d8\u00ff', 'a JPEG image', TEXT_ITSELF],
  ['GIF8', 'a GIF image', TEXT_ITSELF],
  ['\u00d0\u00cf\u0011\u00e0', 'an old Office document (.xls, .doc)', SAVE_AS_TABLE],
  ['\u0028\u00b5\u002f\u00fd', 'a Zstandard archive', UNPACK],
  ['BZh', 'a bzip2 archive', UNPACK],
  ['\u00fd7zXZ', 'an xz archive', UNPACK],
  ['7z\u00bc\u00af', 'a 7-Zip archive', UNPACK],
  ['Rar!', 'a RAR archive', UNPACK],
  ['SQLite format 3', 'an SQLite database', 'Export the table as CSV.'],
  ['ARROW1', 'an Arrow (Feather) file', 'Save it as Parquet or as JSON Lines.'],
  ['\u0093NUMPY', 'a NumPy array', 'Save the rows as CSV or JSON Lines.'],
  ['GGUF', 'a model (GGUF), not data', 'Choose the file with the rows. Models belong to the model step.'],
  ['\u001f\u008b', 'a gzip archive inside a gzip archive', UNPACK],
];

export const REFUSED_ZIPS: Readonly<Record<Exclude<ZipKind, 'xlsx'>, readonly [what: string, hint: string]>> =
  {
    docx: ['a Word document', ADVICE.docx ?? SAVE_AS_TEXT],
    pptx: ['a PowerPoint presentation', SAVE_AS_TEXT],
    odt: ['an OpenDocument text', SAVE_AS_TEXT],
    epub: ['an e-book (EPUB)', SAVE_AS_TEXT],
    ods: ['an OpenDocument spreadsheet', SAVE_AS_TABLE],
    zip: ['a ZIP archive', UNPACK],
  };

/** Formats by the end of the name, `.gz` taken off. */
const EXTENSIONS = byWord<FormatName>({
  jsonl: 'jsonl ndjson jsonlines',
  json: 'json',
  csv: 'csv tsv tab psv',
  parquet: 'parquet pq',
  xlsx: 'xlsx xlsm',
  text: 'txt text',
  markdown: 'md markdown',
});

/** The format that the name of `path` stands for. */
export function namedFormat(path: string): FormatName | undefined {
  const name = basename(path).toLowerCase().replace(/\.gz$/, '');
  return name.includes('.') ? EXTENSIONS.get(name.slice(name.lastIndexOf('.') + 1)) : undefined;
}

/** The format of a file, by its content first. Throws `AppError('data-format')` for what is recognised and not read. */
export async function sniffFormat(source: Source, signal?: AbortSignal): Promise<FormatName> {
  const { head, path } = source;
  if (head.subarray(0, 4).toString('latin1') === 'PAR1') return 'parquet';
  if (head.subarray(0, 4).toString('latin1') === 'PK\u0003\u0004') return zipFormat(source);
  const start = head.subarray(0, 16).toString('latin1');
  const refused = REFUSED.find(([magic]) => start.startsWith(magic));
  if (refused) throw refusal(path, refused[1], refused[2]);
  const encoding = await detectEncoding(source, signal);
  if (!encoding.name.startsWith('utf-16') && isBinary(head))
    throw refusal(path, 'binary data, not text', 'Check that this is the file you meant.');
  const text = headText(source, encoding).trimStart();
  if (/^<(!doctype|html|\?xml)/i.test(text))
    throw refusal(path, 'a web page or XML', ADVICE.html ?? SAVE_AS_TEXT);
  return textFormat(text, source, namedFormat(path));
}

/** The formats in words. */
export const READ_FORMATS =
  'JSON Lines, JSON, CSV, TSV, Parquet, Excel (.xlsx), text and Markdown, also as .gz';

function zipFormat({ head, path }: Source): FormatName {
  const kind = zipKind(head);
  if (kind === 'xlsx') return 'xlsx';
  throw refusal(path, ...REFUSED_ZIPS[kind]);
}

function refusal(path: string, what: string, hint: string): AppError {
  const problem = say`${path} is ${said(what)}. Fettle reads ${said(READ_FORMATS)}.`;
  return new AppError('data-format', problem, said(hint));
}

/** More than one in a hundred of the first bytes is a control character that text does not have. */
function isBinary(head: Buffer): boolean {
  const look = head.subarray(0, 65_536);
  let controls = 0;
  for (const byte of look)
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27) || byte === 127) controls++;
  return controls > look.length / 100;
}

function textFormat(text: string, { headIsAll }: Source, named: FormatName | undefined): FormatName {
  const json = named === 'text' || named === 'markdown' ? undefined : jsonFormat(text, headIsAll, named);
  if (json) return json;
  if (named === 'csv' || named === 'markdown' || named === 'jsonl')
    return tabular(text, headIsAll, named) ?? named;
  const lines = sampleLines(text, headIsAll);
  if (named === 'text') {
    if (jsonFormat(text, headIsAll, undefined) === 'jsonl') return 'jsonl';
    const { dialect } = detectDialect(lines);
    return dialect.delimiter === '\t' && isTable(lines) ? 'csv' : 'text';
  }
  if (isTable(lines)) return 'csv';
  return named === 'json' && text !== '' ? 'json' : 'text';
}

/** A table that is called .jsonl is one only beyond doubt. */
function tabular(text: string, headIsAll: boolean, named: FormatName): FormatName | undefined {
  if (named !== 'jsonl' || text.startsWith('{') || text.startsWith('[')) return undefined;
  return isTable(sampleLines(text, headIsAll)) ? 'csv' : undefined;
}

/** JSON, and whether a record is a line or the records are in a list; undefined where it is neither. */
function jsonFormat(text: string, isAll: boolean, named: FormatName | undefined): FormatName | undefined {
  if (!/^\{\s*("|\}|$)|^\[\s*(\{|\[|"|-?\d|\]|true|false|null|$)/.test(text)) return undefined;
  const lines = text.split('\n', 50).map((line) => line.trim());
  const [first = '', second] = lines.filter((line) => line !== '');
  const value = parsedJson(first);
  if (value !== undefined) {
    if (second !== undefined) return /^[{[]/.test(second) ? 'jsonl' : named === 'jsonl' ? 'jsonl' : 'json';
    return isAll && holdsList(value) ? 'json' : 'jsonl';
  }
  // the first line is no complete value: pretty-printed, one huge line, or a mistake
  if (named === 'jsonl') return /^\[/.test(first) || /(^\{|[,{[])$/.test(first) ? 'json' : 'jsonl';
  if (named === 'csv') return undefined;
  const isBrokenLine = second !== undefined && /^\{.*\}$/.test(first) && second.startsWith('{');
  return isBrokenLine ? 'jsonl' : 'json';
}
