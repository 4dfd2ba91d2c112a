/**
 * The one way in for data: whatever the files are, rows come out in order, one at a time, each with its place. Training
 * and the data doctor both read here, so that what is checked is what is trained on.
 */
import { AppError } from '../../errors.ts';
import { dataFileBytes, type JsonLine, readJsonl } from './jsonl.ts';
import type { PlacedRow } from './loose-row.ts';
import { looseRow } from './shapes.ts';

export { looseToJson } from './loose-row.ts';
export { strictRow } from './schema.ts';

/** Something that was decided while reading and that a person should know. */
export interface DataNote {
  /** `data-encoding`, `data-sheet`, `data-schema`, … */
  readonly code: string;
  readonly message: string;
}

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
}

/** The rows of `paths` in order. Throws `AppError` for what is wrong with a file as a whole. */
export async function* readLooseRows(
  paths: readonly string[],
  options: ReadOptions = {},
): AsyncGenerator<PlacedRow> {
  let index = 0;
  let bytesBefore = 0;
  const onBadLine = (error: AppError): void => {
    index++;
    if (options.onBadRow === undefined) throw error;
    options.onBadRow(error);
  };
  for (const path of paths) {
    const lines = readJsonl(path, { ...(options.signal && { signal: options.signal }), onBadLine });
    for await (const line of lines) {
      const placed = placeRow(path, line, onBadLine);
      if (placed) yield { ...placed, index: index++, doneBytes: bytesBefore + line.endByte };
    }
    bytesBefore += await dataFileBytes(path);
  }
}

function placeRow(path: string, { value, line }: JsonLine, onBadRow: (error: AppError) => void) {
  const where = `${path}:${line}`;
  try {
    return { row: looseRow(value, where), where };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'bad-row') throw error;
    onBadRow(error);
    return undefined;
  }
}

/** Size of all files together; a missing or unreadable one is an `AppError`. */
export async function dataBytes(paths: readonly string[]): Promise<number> {
  let total = 0;
  for (const path of paths) total += await dataFileBytes(path);
  return total;
}
