/** Data sets: each set of files that was trained on once, so that runs on the same rows are known to be. */
import type { RunChange } from '../api/parts.ts';
import type { Base } from './base.ts';
import { build } from './connection.ts';

/** The key of the data set of these files, which is added where it is new. */
export function datasetFor(
  base: Base,
  name: string,
  paths: string | readonly string[],
  added: string,
): number {
  const pathsJson = base.json([paths].flat().map((file) => base.kept(file)));
  const known = base.on.first(build.selectFrom('datasets').select('key').where('pathsJson', '=', pathsJson));
  if (known) return known.key;
  return base.on.run(build.insertInto('datasets').values({ name, pathsJson, added })).key;
}

/** What reading it has shown: the hash of its rows, and how many there are. */
export function learnDataset(base: Base, key: number, hash: string, { start }: RunChange): void {
  const rows = start ? { rows: start.rows + start.heldOutRows } : {};
  base.on.run(
    build
      .updateTable('datasets')
      .set({ hash, ...rows })
      .where('key', '=', key),
  );
}
