/**
 * The two files of a repair: the repaired rows, and beside them what undoes it, both complete or not there. The second one holds every row
 * that was changed or left out as it was, secrets included, so only its owner may read it.
 */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { DoctorRepair, DoctorUndo } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { type AtomicWriter, writeStreamAtomic } from '../../atomic.ts';
import { requireWritable } from '../../folders.ts';
import { type LooseRow, looseToJson } from '../loose-row.ts';
import { splitLines } from '../readers/encoding.ts';
import { dataFiles } from '../readers/files.ts';
import type { DoctorOptions } from './scan.ts';

const UNDO_FORMAT = 'fettle-undo-1';
const BUFFERED_CHARS = 256 * 1024;

/** What happened to one row. */
interface RowChange {
  /** Counted from 0 over the rows that could be read. */
  readonly number: number;
  readonly where: string;
  readonly before: LooseRow;
  /** Null where the row was left out. */
  readonly after: LooseRow | null;
  readonly fixes: readonly string[];
}

/** The first line of an undo file; one line with a `RowChange` follows for each change, in order, then the end. */
interface UndoHead {
  readonly format: typeof UNDO_FORMAT;
  readonly files: readonly string[];
  readonly fixes: readonly string[];
  readonly unreadableRows: number;
}

/** The last line of an undo file. */
interface UndoEnd {
  readonly rows: number;
  readonly keptRows: number;
  /** SHA-256 of the repaired file. */
  readonly sha256: string;
}

export interface RepairWriter {
  add(change: RowChange): Promise<void>;
}

/** The file that undoes what made `out`. */
function undoPath(out: string): string {
  return `${out}.undo.jsonl`;
}

/** Writes both files with what `apply` adds. Throws `AppError('file-exists')` where one would be overwritten. */
export async function writeRepair(
  options: DoctorOptions,
  unreadableRows: number,
  apply: (writer: RepairWriter) => Promise<Omit<DoctorRepair, 'unreadableRows'>>,
): Promise<DoctorRepair> {
  const { paths, fix = [] } = options;
  const target = options.out!;
  const undo = undoPath(target);
  await requireTarget(options);
  const head: UndoHead = { format: UNDO_FORMAT, files: paths, fixes: fix, unreadableRows };
  const done = await writeStreamAtomic(target, (rowsFile) =>
    // the inner file takes its name first: rows are never there without what undoes them
    writeStreamAtomic(undo, async (undoFile) => {
      const rows = new LineWriter(rowsFile);
      const changes = new LineWriter(undoFile);
      await changes.line(head);
      let number = 0;
      const add = async (change: RowChange): Promise<void> => {
        number = change.number + 1;
        if (change.after !== null) await rows.line(looseToJson(change.after));
        if (change.fixes.length > 0) await changes.line(change);
      };
      const counts = await apply({ add });
      if (counts.keptRows === 0 && number > 0)
        throw new AppError(
          'no-rows',
          say`These fixes would leave no row, so nothing was written.`,
          say`Choose other fixes. Where all answers are cut off, raise the length limit or choose a model that reads more.`,
        );
      const sha256 = await rows.finish();
      const end: UndoEnd = { rows: number, keptRows: counts.keptRows, sha256 };
      await changes.line(end);
      await changes.finish();
      return counts;
    }),
  );
  await chmod(undo, 0o600);
  return { ...done, out: target, undo, unreadableRows };
}

/** Fails where a repair could not write its files, or would overwrite what it may not; nothing where it writes none. */
export async function requireTarget({
  paths,
  evalPaths = [],
  out,
  overwrite = false,
}: DoctorOptions): Promise<void> {
  if (!out) return;
  await requireFree(out, await dataFiles([...paths, ...evalPaths]), overwrite);
  if (!overwrite) await requireFree(undoPath(out), [], false);
}

/** Refuses to write over a file that is there: never over one that is read, over others only when asked to. */
export async function requireFree(
  target: string,
  read: readonly string[],
  overwrite: boolean,
): Promise<void> {
  const there = await stat(target).catch(() => null);
  requireWritable(dirname(target));
  if (there === null) return;
  const real = await realpath(target);
  const same = await Promise.all(read.map(async (path) => (await realpath(path).catch(() => null)) === real));
  if (same.includes(true)) {
    const message = say`${target} is the file with your rows. The repaired rows need a file of their own.`;
    throw new AppError('file-exists', message, say`Choose another name.`);
  }
  if (there.isDirectory()) {
    throw new AppError('file-exists', say`${target} is a folder.`, say`Choose the name of a new file.`);
  }
  if (overwrite) return;
  throw new AppError(
    'file-exists',
    say`There is a file ${target} already.`,
    say`Choose another name, or overwrite that file.`,
  );
}

/** JSON Lines through a buffer, with their hash. */
export class LineWriter {
  readonly #file: AtomicWriter;
  readonly #hash = createHash('sha256');
  #buffered = '';

  constructor(file: AtomicWriter) {
    this.#file = file;
  }

  async line(value: unknown): Promise<void> {
    this.#buffered += `${JSON.stringify(value)}\n`;
    if (this.#buffered.length > BUFFERED_CHARS) await this.#flush();
  }

  /** Writes what is buffered and gives the SHA-256 of all lines, in hexadecimal. */
  async finish(): Promise<string> {
    await this.#flush();
    return this.#hash.digest('hex');
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#buffered, 'utf8');
    this.#buffered = '';
    this.#hash.update(bytes);
    await this.#file.write(bytes);
  }
}

interface UndoOptions {
  /** The file that a repair has written. */
  readonly file: string;
  readonly out: string;
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Writes the rows as they were before the repair that made `file` to `out`, as JSON Lines. Throws `AppError` codes `file-not-found`
 * (nothing to undo with), `data-changed` (`file` is not as it was written), `file-exists`.
 */
export async function undoRepair({ file, out, overwrite = false, signal }: UndoOptions): Promise<DoctorUndo> {
  const undo = undoPath(file);
  await requireThere(file, undo);
  await requireFree(out, [file, undo], overwrite);
  const { head, end } = await readFrame(undo);
  if ((await sha256Of(file)) !== end.sha256) {
    throw new AppError(
      'data-changed',
      say`${file} has changed since it was repaired, so its rows can't be restored.`,
      say`Start from the original file, or from an unchanged copy of the repaired one.`,
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
      say`There is no file ${path}.`,
      say`Choose the repaired file. The file that undoes it is beside it.`,
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
  throw new AppError(
    'bad-data',
    say`${undo} is not a complete undo file of Fettle.`,
    say`Start from the original file.`,
  );
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
    throw new AppError('bad-data', say`${path} is damaged.`, say`Start from the original file.`, { cause });
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
