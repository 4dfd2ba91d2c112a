/**
 * Brings a store up to date: each migration in a transaction of its own, with a backup before it. One that fails leaves
 * the store exactly as it was.
 */
import { AppError, describeError, internal } from '../errors.ts';
import { backUp } from './backups.ts';
import type { Connection } from './connection.ts';
import { tables } from './migrations/0001-tables.ts';
import { search } from './migrations/0002-search.ts';
import type { Migration } from './migrations/migration.ts';
import { versions } from './versions.ts';

/** All of them, in order; one that has been published is never changed. */
export const MIGRATIONS: readonly Migration[] = [tables, search];

/** The version of the store behind `on`; 0 for an empty one. */
export function storeVersion(on: Connection): number {
  return on.pragma('user_version') as number;
}

/** Runs what the store has not seen yet; true where it did anything. Throws `AppError('store-upgrade-failed')`. */
export async function migrate(
  on: Connection,
  folder: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<boolean> {
  const from = storeVersion(on);
  for (const [i, migration] of migrations.entries()) {
    const version = i + 1;
    if (Number.parseInt(migration.name, 10) !== version)
      throw internal(`${migration.name} is number ${version}`);
    if (version <= from) continue;
    if (version > 1 && from > 0) await backUp(on, folder, `fettle-before-${migration.name.slice(0, 4)}`);
    apply(on, migration, version);
  }
  return from < migrations.length;
}

function apply(on: Connection, migration: Migration, version: number): void {
  // rebuilding a table must not take what refers to it along; what is left dangling is an error
  on.pragma('foreign_keys = OFF');
  try {
    on.transaction(() => {
      migration.up(on);
      const dangling = on.read('pragma foreign_key_check').length;
      if (dangling > 0) throw internal(`${migration.name} leaves ${dangling} rows that refer to nothing`);
      on.pragma(`user_version = ${version}`);
      on.write('insert or replace into about(name, valueJson) values (?, ?)', [
        'fettle',
        JSON.stringify(versions().fettle),
      ]);
    });
  } catch (error) {
    throw new AppError(
      'store-upgrade-failed',
      `Fettle's history could not be brought up to date (${migration.name}): ${describeError(error)}`,
      'It is as it was before. Go on with the version of Fettle that you had, and report this.',
      { cause: error },
    );
  } finally {
    on.pragma('foreign_keys = ON');
  }
}
