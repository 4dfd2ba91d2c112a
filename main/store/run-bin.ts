/**
 * Deleting in two steps: into the bin, from which a run comes back as it was; then for good, with its files. Only folders
 * below `runs/` of the data folder are Fettle's own and go: one that a person chose elsewhere with --out stays as it is.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { sql } from 'kysely';
import { type Base, noRun, runKey } from './base.ts';
import { build } from './connection.ts';
import { entriesOf, filesBelow } from './files.ts';
import type { Store } from './store.ts';

export type Bin = Pick<Store['runs'], 'bin' | 'restore' | 'weigh' | 'purge' | 'binnedBefore'>;

/** A folder that is being deleted has this name, so that nobody takes half of one for a run. */
const GOING = '.deleted-';

export function openBin(base: Base): Bin {
  return {
    bin: (ids) => setBinned(base, ids, Date.now()),
    restore: (ids) => setBinned(base, ids, null),
    weigh: (ids) => weigh(base, ids),
    purge: (ids) => purge(base, ids),
    binnedBefore: (time) =>
      base.on.all(build.selectFrom('runs').select('id').where('binned', '<', time)).map(({ id }) => id),
  };
}

/** Takes away what a process that died was deleting. */
export async function finishDeleting(base: Base): Promise<void> {
  const runs = path.join(base.folder, 'runs');
  const left = entriesOf(runs).filter(({ name }) => name.startsWith(GOING));
  for (const { name } of left) await fs.rm(path.join(runs, name), { recursive: true, force: true });
}

function setBinned({ on }: Base, ids: readonly string[], binned: number | null): void {
  on.transaction(() => {
    for (const id of ids) {
      const { changes } = on.run(build.updateTable('runs').set({ binned }).where('id', '=', id));
      if (changes === 0) throw noRun(id);
    }
  });
}

/** Bytes and files that purging would free. */
async function weigh(base: Base, ids: readonly string[]): Promise<{ bytes: number; files: number }> {
  const folders = new Set(ids.flatMap((id) => ownFolder(base, id, ids) ?? []));
  const sizes = await Promise.all([...folders].map(sizeOf));
  return {
    bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
    files: sizes.reduce((sum, { files }) => sum + files, 0),
  };
}

async function sizeOf(folder: string): Promise<{ bytes: number; files: number }> {
  let [bytes, files] = [0, 0];
  for await (const file of filesBelow(folder)) {
    bytes += file.bytes;
    files++;
  }
  return { bytes, files };
}

/** Deletes the runs and their folders; returns the bytes that this freed. */
async function purge(base: Base, ids: readonly string[]): Promise<number> {
  let freed = 0;
  for (const id of ids) {
    const folder = ownFolder(base, id, ids);
    const going = folder === null ? null : await setAside(base, folder);
    const { bytes } = going === null ? { bytes: 0 } : await sizeOf(going);
    base.on.run(build.deleteFrom('runs').where('id', '=', id));
    if (going !== null) await fs.rm(going, { recursive: true, force: true });
    freed += bytes;
  }
  return freed;
}

/** The folder of a run where it is Fettle's own and no run besides `ids` has anything in it; else null. */
function ownFolder(base: Base, id: string, ids: readonly string[]): string | null {
  const key = runKey(base, id);
  const { folder } = base.on.first(build.selectFrom('runs').select('folder').where('key', '=', key))!;
  const found = path.resolve(base.found(folder));
  if (!found.startsWith(path.join(base.folder, 'runs') + path.sep)) return null;
  const within = `${folder}/`;
  const shared = base.on.first(
    build
      .selectFrom('runs')
      .select('key')
      .where(sql<boolean>`id not in (select value from json_each(${JSON.stringify(ids)}))`)
      .where(sql<boolean>`(folder = ${folder} or substr(folder, 1, ${within.length}) = ${within})`)
      .limit(1),
  );
  return shared ? null : found;
}

/** Renames a folder out of the way, which happens at once or not at all; null where there is none. */
async function setAside(base: Base, folder: string): Promise<string | null> {
  const aside = path.join(
    base.folder,
    'runs',
    `${GOING}${path.basename(folder)}-${process.pid}-${Date.now()}`,
  );
  try {
    await fs.rename(folder, aside);
    return aside;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
