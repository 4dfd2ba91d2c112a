/** The tables that keep a value by its name: settings, and whatever else must outlive the process. */
import type { Base } from './base.ts';
import { build } from './connection.ts';

type ValueTable = 'settings' | 'kept';

export function readValue<T>(base: Base, table: ValueTable, name: string): T | null {
  const row = base.on.first(build.selectFrom(table).select('valueJson').where('name', '=', name));
  return row ? base.parse<T>(row.valueJson) : null;
}

/** Null and undefined take the value away. */
export function writeValue(base: Base, table: ValueTable, name: string, value: unknown): void {
  if (value === null || value === undefined) {
    base.on.run(build.deleteFrom(table).where('name', '=', name));
    return;
  }
  const valueJson = base.json(value);
  base.on.run(
    build
      .insertInto(table)
      .values({ name, valueJson })
      .onConflict((c) => c.column('name').doUpdateSet({ valueJson })),
  );
}
