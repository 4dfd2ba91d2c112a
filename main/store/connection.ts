/**
 * One open database, and what SQLite complains about, in words. Queries are built with Kysely, which checks
 * them against the tables, and run at once: the store's interface is synchronous, as SQLite itself is.
 * Statements are prepared once and kept.
 */
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import {
  type Compilable,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { AppError } from '../../common/errors.ts';
import { said, say } from '../../common/words/language.ts';
import type { Tables } from './tables.ts';

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
    hint: 'Restart Fettle: it then repairs the history from its newest backup.',
  },
  {
    codes: /^SQLITE_(BUSY|LOCKED)/,
    code: 'store-busy',
    message: "Another program is writing to Fettle's history and doesn't finish",
    hint: 'Try again in a moment. If it happens again, close other windows of Fettle.',
  },
  {
    codes: /^SQLITE_FULL/,
    code: 'disk-full',
    message: "The disk has no room for Fettle's history",
    hint: 'Free some space and try again.',
  },
  {
    codes: /^SQLITE_(READONLY|CANTOPEN|PERM|AUTH|IOERR)/,
    code: 'store-not-writable',
    message: "Fettle's history can't be read or written",
    hint: 'Check that the disk is there and that you may write to the data folder.',
  },
];

/** `error` as a person can act on it; what is no complaint of SQLite's comes back as it is. */
export function storeError(error: unknown): unknown {
  const code = sqliteCode(error);
  const complaint = code && COMPLAINTS.find(({ codes }) => codes.test(code));
  if (!complaint) return error;
  const words = (error as Error).message;
  return new AppError(complaint.code, `${said(complaint.message)}: ${words}.`, said(complaint.hint), {
    cause: error,
  });
}

/** Whether `error` says that the file is no database or a broken one. */
export function saysDamaged(error: unknown): boolean {
  if (error instanceof AppError) return error.code === 'store-damaged';
  return /^SQLITE_(CORRUPT|NOTADB)/.test(sqliteCode(error) ?? '');
}

/** Damage that SQLite tells with its general code: every statement here is right, so the file is wrong. */
const DAMAGE =
  /^(unsupported file format|invalid fts5 file format|no such column|unrecognized option|vtable constructor failed)/;

function sqliteCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  if (error.code === 'SQLITE_ERROR' && DAMAGE.test(error.message)) return 'SQLITE_CORRUPT';
  return typeof error.code === 'string' && error.code.startsWith('SQLITE_') ? error.code : null;
}

/** Builds queries; it has no connection and runs none. */
export const build = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

/** A column in which there are values that should be JSON and are none. */
interface BrokenJson {
  readonly table: string;
  readonly column: string;
  /** 0: it may be missing. */
  readonly isNeeded: 0 | 1;
}

const notJson = ({ column }: Pick<BrokenJson, 'column'>) => `not json_valid("${column}")`;

/** Another process may be writing: wait so long for it. */
const BUSY_MS = 5_000;
/** Pages that a backup copies at once, between which others get their turn. */
const BACKUP_PAGES = 1_000;

/** What tells a file from another one of its name; null where there is none. */
function identityOf(file: string): string | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.dev} ${stats.ino}` : null;
}

/** Ends the name of the file that says: this store was found damaged while it was used. */
export const SUSPECT = '.suspect';

export class Connection {
  readonly file: string;
  readonly #sqlite: Sqlite.Database;
  readonly #identity: string | null;
  readonly #statements = new Map<string, Sqlite.Statement<unknown[]>>();

  /** Opens `file` and creates it where it is missing. Throws what SQLite throws: the caller tells damage from the rest. */
  constructor(file: string, { readonly = false }: { readonly?: boolean } = {}) {
    this.file = file;
    this.#sqlite = new Sqlite(file, { readonly, timeout: BUSY_MS });
    this.#identity = null;
    if (readonly) return;
    try {
      this.#sqlite.pragma('journal_mode = WAL');
      // a power cut may cost the last second, never the store; a killed process costs nothing
      this.#sqlite.pragma('synchronous = NORMAL');
      this.#sqlite.pragma('foreign_keys = ON');
      this.#identity = identityOf(file);
    } catch (error) {
      this.#sqlite.close();
      throw error;
    }
  }

  all<Row>(query: Compilable<Row>): Row[] {
    const { sql, parameters } = query.compile();
    return this.read(sql, parameters) as Row[];
  }

  first<Row>(query: Compilable<Row>): Row | undefined {
    return this.all(query)[0];
  }

  /** Returns how many rows were changed, and the key of the last one that was added. */
  run(query: Compilable<unknown>): { readonly changes: number; readonly key: number } {
    const { sql, parameters } = query.compile();
    return this.write(sql, parameters);
  }

  read(sql: string, parameters: readonly unknown[] = []): unknown[] {
    return this.#guarded(() => this.#statement(sql).all(...parameters));
  }

  write(
    sql: string,
    parameters: readonly unknown[] = [],
  ): { readonly changes: number; readonly key: number } {
    return this.#guarded(() => {
      this.#requireThere();
      const { changes, lastInsertRowid } = this.#statement(sql).run(...parameters);
      return { changes, key: Number(lastInsertRowid) };
    });
  }

  /** Runs SQL that is used once. */
  exec(sql: string): void {
    this.#guarded(() => {
      this.#requireThere();
      this.#sqlite.exec(sql);
    });
  }

  pragma(text: string): unknown {
    return this.#guarded(() => this.#sqlite.pragma(text, { simple: true }));
  }

  /** Does all of `work` or nothing; inside another transaction it is a part of that. */
  transaction<T>(work: () => T): T {
    if (this.#sqlite.inTransaction) return work();
    return this.#guarded(() => {
      this.#requireThere();
      return this.#sqlite.transaction(work).immediate();
    });
  }

  /** What is wrong with the file's structure; null where nothing is. `tables`: look at those only. */
  flaw(tables: readonly string[] | null): string | null {
    const checks = tables?.map((table) => `quick_check('${table}')`) ?? ['quick_check'];
    for (const check of checks) {
      const found = this.#sqlite.pragma(check, { simple: true });
      if (found !== 'ok') return String(found);
    }
    return null;
  }

  /** Where values should be JSON and are none: bytes that changed there leave the structure whole. */
  brokenJson(tables: readonly string[] | null): BrokenJson[] {
    const columns = this.read(
      `select t.name as "table", c.name as "column", c."notnull" as isNeeded
        from sqlite_schema t, pragma_table_info(t.name) c where t.type = 'table' and c.name like '%Json'`,
    ) as BrokenJson[];
    return columns
      .filter(({ table }) => tables?.includes(table) ?? true)
      .filter((one) => this.read(`select 1 from "${one.table}" where ${notJson(one)} limit 1`).length > 0);
  }

  /** Clears such values, and removes rows that need one; gives what each was called, null where it has no name. */
  leaveOut(broken: BrokenJson): (string | null)[] {
    const { table, column, isNeeded } = broken;
    const rows = this.read(`select * from "${table}" where ${notJson(broken)}`) as { name?: string }[];
    const change = isNeeded === 1 ? `delete from "${table}"` : `update "${table}" set "${column}" = null`;
    this.exec(`${change} where ${notJson(broken)}`);
    return rows.map(({ name }) => (isNeeded === 1 && name) || null);
  }

  /** Copies the database to a new file, a piece at a time. */
  async backup(to: string): Promise<void> {
    await this.#sqlite.backup(to, { progress: () => BACKUP_PAGES });
  }

  close(): void {
    this.#statements.clear();
    this.#sqlite.close();
  }

  /** Says in words what SQLite complains about. Damage is noted, so that the next opening looks at the whole file. */
  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (saysDamaged(error)) writeFileSync(this.file + SUSPECT, '');
      throw storeError(error);
    }
  }

  /** What is written to a file that was deleted is taken, and lost. */
  #requireThere(): void {
    if (this.#sqlite.inTransaction || identityOf(this.file) === this.#identity) return;
    throw new AppError(
      'data-folder-missing',
      say`The data folder ${path.dirname(this.file)} was deleted or moved while Fettle was using it.`,
      say`Put it back, or restart Fettle to start empty.`,
    );
  }

  #statement(sql: string): Sqlite.Statement<unknown[]> {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#sqlite.prepare<unknown[]>(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** Gives `work` the database in `file` and closes it, also where that fails: an open file can't be renamed on Windows. */
export function withConnection<T>(
  file: string,
  work: (on: Connection) => T,
  options: { readonly?: boolean } = {},
): T {
  const on = new Connection(file, options);
  try {
    return work(on);
  } finally {
    on.close();
  }
}

const LOCK = 'opening.lock';
const PATIENCE_MS = 60_000;
const POLL_MS = 20;

/** Does `work` while no other process, and no other call in this one, opens the store in `folder`. */
export async function whileOpening<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = new Sqlite(path.join(folder, LOCK), { timeout: 0 });
  try {
    for (let waited = 0; !takes(lock); waited += POLL_MS) {
      if (waited > PATIENCE_MS) throw busy(folder);
      await setTimeout(POLL_MS);
    }
    return await work();
  } finally {
    lock.close();
  }
}

function takes(lock: Sqlite.Database): boolean {
  try {
    lock.exec('begin exclusive');
    return true;
  } catch (error) {
    if (/^SQLITE_(BUSY|LOCKED)/.test((error as { code?: string }).code ?? '')) return false;
    throw error;
  }
}

function busy(folder: string): AppError {
  return new AppError(
    'store-busy',
    say`Another process has been opening the history in ${folder} for a minute.`,
    say`It may be repairing a large history. Wait for it, or close other windows of Fettle.`,
  );
}
