/** Undoes a repair: puts every row back that was changed or left out, from the file that was written for it. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { AppError } from '../../../../common/errors.ts';
import type { DoctorUndo } from '../../../../common/protocol/protocol.ts';
import { writeStreamAtomic } from '../../io/atomic.ts';
import { looseToJson } from '../rows/loose-row.ts';
import { splitLines } from '../rows/readers/lines.ts';
import {
  LineWriter,
  type RowChange,
  requireFree,
  UNDO_FORMAT,
  type UndoEnd,
  type UndoHead,
  undoPath,
} from './repair-files.ts';

export interface UndoOptions {
  /** The file that a repair has written. */
  readonly file: string;
  readonly out: string;
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Writes the rows as they were before the repair that made `file` to `out`, as JSON Lines. Throws `AppError` codes
 * `file-not-found` (nothing to undo with), `data-changed` (`file` is not as it was written), `file-exists`.
 */
export async function undoRepair({ file, out, overwrite = false, signal }: UndoOptions): Promise<DoctorUndo> {
  const undo = undoPath(file);
  await requireThere(file, undo);
  await requireFree(out, [file, undo], overwrite);
  const { head, end } = await readFrame(undo);
  if ((await sha256Of(file)) !== end.sha256) {
    throw new AppError(
      'data-changed',
      `${file} is not as it was written: its rows cannot be told from the ones that were changed.`,
      'Begin with the original file, or with an unchanged copy of the mended one.',
    );
  }
  const kept = linesOf(file, signal);
  const changes = changesOf(undo, signal);
  try {
    return await writeStreamAtomic(out, async (writer) => {
      const restoredRows = await restore(new LineWriter(writer), end.rows, kept, changes);
      return { out, rows: end.rows, restoredRows, unreadableRows: head.unreadableRows };
    });
  } finally {
    await kept.return(undefined);
    await changes.return(undefined);
  }
}

/** Writes all rows in order, each as it was, and gives the number of those that had been changed or left out. */
async function restore(
  lines: LineWriter,
  rows: number,
  kept: AsyncGenerator<unknown>,
  changes: AsyncGenerator<RowChange>,
): Promise<number> {
  let change = await changes.next();
  let restored = 0;
  for (let number = 0; number < rows; number++) {
    const isChanged = !change.done && change.value.number === number;
    const current = isChanged && change.value!.after === null ? null : await kept.next();
    await lines.line(isChanged ? looseToJson(change.value!.before) : current?.value);
    if (!isChanged) continue;
    restored++;
    change = await changes.next();
  }
  await lines.finish();
  return restored;
}

async function requireThere(file: string, undo: string): Promise<void> {
  for (const path of [file, undo]) {
    if (await stat(path).catch(() => null)) continue;
    throw new AppError(
      'file-not-found',
      `There is no file ${path}.`,
      'Name the file that was written with --fix; what undoes it lies beside it.',
    );
  }
}

async function readFrame(undo: string): Promise<{ head: UndoHead; end: UndoEnd }> {
  let head: unknown;
  let last: unknown;
  for await (const value of linesOf(undo)) {
    head ??= value;
    last = value;
  }
  const isHead = (head as Partial<UndoHead> | undefined)?.format === UNDO_FORMAT;
  if (isHead && typeof (last as Partial<UndoEnd>).sha256 === 'string')
    return { head: head as UndoHead, end: last as UndoEnd };
  throw new AppError('bad-data', `${undo} is not a complete undo file of Fettle.`, 'It cannot be used.');
}

async function* changesOf(undo: string, signal?: AbortSignal): AsyncGenerator<RowChange> {
  for await (const value of linesOf(undo, signal))
    if (typeof (value as Partial<RowChange>).number === 'number') yield value as RowChange;
}

/** The values of a file that the doctor has written. Only \n ends a line: Node's `readLines` takes U+2028 for an end too. */
async function* linesOf(path: string, signal?: AbortSignal): AsyncGenerator<unknown> {
  for await (const lines of splitLines(createReadStream(path))) {
    signal?.throwIfAborted();
    for (const { bytes } of lines) yield parsed(bytes, path);
  }
}

function parsed(line: Buffer | null, path: string): unknown {
  try {
    return JSON.parse(line!.toString('utf8'));
  } catch (cause) {
    throw new AppError('bad-data', `${path} is damaged.`, 'It cannot be used.', { cause });
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
