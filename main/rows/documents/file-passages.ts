/** The passages of a file that somebody searches in: of a document by its paragraphs, of a table or list row by row. */
import { basename } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { FilePassage, FilePassages } from '../../../common/protocol/protocol.ts';
import { isRecord } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import { openReader } from '../read-rows.ts';
import { passagesOf } from './passages.ts';
import { isDocumentName, readDocument } from './read-document.ts';

/** Of a file: more of them is a library. */
const MOST_PASSAGES = 200_000;
const MOST_CHARS = 200e6;
/** Of a row: deeper and longer ones are no text to search in. */
const MOST_LEVELS = 8;
const MOST_CELL_CHARS = 100_000;

/** The passages of `file`, each of up to `words` words. Throws an AppError for what cannot be read. */
export async function filePassages(
  { file, words }: { readonly file: string; readonly words: number },
  signal: AbortSignal,
): Promise<FilePassages> {
  if (!isDocumentName(file)) return await rowPassages(file, words, signal);
  const passages = passagesOf(await readDocument(file, signal), words, 1);
  const kept = passages.slice(0, MOST_PASSAGES).map(({ text, heading, page }) => ({ text, heading, page }));
  return { passages: kept, isCut: kept.length < passages.length };
}

async function rowPassages(file: string, words: number, signal: AbortSignal): Promise<FilePassages> {
  const { reading } = await openReader(file, { signal });
  const passages: FilePassage[] = [];
  let [row, chars] = [0, 0];
  for await (const batch of reading) {
    signal.throwIfAborted();
    for (const record of batch) {
      row++;
      if (record.error !== undefined) continue;
      for (const { text } of passagesOf([{ level: 0, text: recordText(record.value) }], words, 1)) {
        if (passages.length >= MOST_PASSAGES || chars > MOST_CHARS) return { passages, isCut: true };
        passages.push({ text, heading: '', page: null, row });
        chars += text.length;
      }
    }
  }
  if (passages.length === 0)
    throw new AppError(
      'document-empty',
      say`There is no text in ${basename(file)}.`,
      say`Choose another file.`,
    );
  return { passages, isCut: false };
}

/** The texts of a record, one a line; those of a table with several columns behind their names. */
export function recordText(record: unknown): string {
  const lines: string[] = [];
  collect(record, '', 0, lines);
  return lines.join('\n').trim();
}

function collect(value: unknown, name: string, level: number, lines: string[]): void {
  if (level > MOST_LEVELS) return;
  if (Array.isArray(value)) {
    for (const one of value) collect(one, name, level + 1, lines);
    return;
  }
  if (isRecord(value)) {
    const entries = Object.entries(value);
    for (const [key, one] of entries) collect(one, entries.length > 1 ? key : '', level + 1, lines);
    return;
  }
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  if (text !== '') lines.push(`${name === '' ? '' : `${name}: `}${text.slice(0, MOST_CELL_CHARS)}`);
}
