/**
 * The two files of a repair: the repaired rows, and beside them what undoes it, both complete or not there. The second one
 * holds every row that was changed or left out as it was, secrets included, so only its owner may read it.
 */
import { createHash } from 'node:crypto';
import { chmod, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import type { DoctorRepair } from '../../../../common/protocol/protocol.ts';
import { requireWritable } from '../../../folders.ts';
import { type AtomicWriter, writeStreamAtomic } from '../../io/atomic.ts';
import { type LooseRow, looseToJson } from '../rows/loose-row.ts';
import { dataFiles } from '../rows/readers/files.ts';
import type { DoctorOptions } from './scan.ts';

export const UNDO_FORMAT = 'fettle-undo-1';
const BUFFERED_CHARS = 256 * 1024;

/** What happened to one row. */
export interface RowChange {
  /** Counted from 0 over the rows that could be read. */
  readonly number: number;
  readonly where: string;
  readonly before: LooseRow;
  /** Null where the row was left out. */
  readonly after: LooseRow | null;
  readonly fixes: readonly string[];
}

/** The first line of an undo file; one line with a `RowChange` follows for each change, in order, then the end. */
export interface UndoHead {
  readonly format: typeof UNDO_FORMAT;
  readonly files: readonly string[];
  readonly fixes: readonly string[];
  readonly unreadableRows: number;
}

/** The last line of an undo file. */
export interface UndoEnd {
  readonly rows: number;
  readonly keptRows: number;
  /** SHA-256 of the repaired file. */
  readonly sha256: string;
}

export interface RepairWriter {
  add(change: RowChange): Promise<void>;
}

/** The file that undoes what made `out`. */
export function undoPath(out: string): string {
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
    const message = `${target} is the file that is read; the new rows go to a file of their own.`;
    throw new AppError('file-exists', message, 'Give another name with --out.');
  }
  if (there.isDirectory()) {
    throw new AppError('file-exists', `${target} is a folder.`, 'Give the name of a new file with --out.');
  }
  if (overwrite) return;
  throw new AppError(
    'file-exists',
    `There is a file ${target} already.`,
    'Give another name with --out, or --overwrite to replace it.',
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
