/** What SQLite complains about, in words: the disk, another process, damage. */
import { AppError } from '../errors.ts';

interface Complaint {
  readonly codes: RegExp;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

const COMPLAINTS: readonly Complaint[] = [
  {
    codes: /^SQLITE_(CORRUPT|NOTADB)/,
    code: 'store-damaged',
    message: "Fettle's history is damaged",
    hint: 'Close Fettle and start it again: it is then repaired from its newest backup.',
  },
  {
    codes: /^SQLITE_(BUSY|LOCKED)/,
    code: 'store-busy',
    message: "Another process is writing to Fettle's history and does not finish",
    hint: 'Try again in a moment; if it stays so, close other windows and commands of Fettle.',
  },
  {
    codes: /^SQLITE_FULL/,
    code: 'disk-full',
    message: "There is no room left on the disk for Fettle's history",
    hint: 'Free some space and try again.',
  },
  {
    codes: /^SQLITE_(READONLY|CANTOPEN|PERM|AUTH|IOERR)/,
    code: 'store-not-writable',
    message: "Fettle's history cannot be read or written",
    hint: 'Check that the disk is there and that you may write to the data folder.',
  },
];

/** `error` as a person can act on it; what is no complaint of SQLite's comes back as it is. */
export function storeError(error: unknown): unknown {
  const code = sqliteCode(error);
  const complaint = code && COMPLAINTS.find(({ codes }) => codes.test(code));
  if (!complaint) return error;
  const said = (error as Error).message;
  return new AppError(complaint.code, `${complaint.message}: ${said}.`, complaint.hint, { cause: error });
}

/** Whether `error` says that the file is no database or a broken one. */
export function saysDamaged(error: unknown): boolean {
  if (error instanceof AppError) return error.code === 'store-damaged';
  return /^SQLITE_(CORRUPT|NOTADB)/.test(sqliteCode(error) ?? '');
}

/** The error for an id that no run has. */
export function noRun(id: string): AppError {
  return new AppError(
    'no-run',
    `There is no run with the id ${id}.`,
    'It may have been deleted. The history lists the runs that are there.',
  );
}

function sqliteCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' && error.code.startsWith('SQLITE_') ? error.code : null;
}
