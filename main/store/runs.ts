/**
 * Runs: how to repeat each, how far it got, people's notes, the data sets it was trained on, and the bin, from which it comes back as it was.
 */

import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { type Insertable, type Selectable, sql, type Updateable } from 'kysely';
import type { RunDetails } from '../../common/api/contract.ts';
import { defined } from '../../common/values.ts';
import { apart } from '../../common/words/unspaced.ts';
import { rename } from '../rename.ts';
import { type Base, noRun, runKey } from './base.ts';
import { build } from './connection.ts';
import { entriesOf, filesBelow } from './data-files.ts';
import { detailsOf, listBin, listRuns, searchText } from './run-list.ts';
import type { FinishedRun, NewRun, RunChange, Store } from './store.ts';
import type { RunsTable } from './tables.ts';

export function openRuns(base: Base): Store['runs'] {
  return {
    create: (run) => base.on.transaction(() => createRun(base, run)),
    update: (id, change) => base.on.transaction(() => updateRun(base, id, change)),
    get(id) {
      const found = findRun(base, id);
      if (!found) throw noRun(id);
      return found;
    },
    find: (id) => findRun(base, id),
    byFolder: (folder) => runInFolder(base, folder),
    list: (filter) => listRuns(base, filter),
    finished: (limit) => finishedRuns(base, limit),
    bin: (ids) => setBinned(base, ids, (known) => known ?? Date.now()),
    restore: (ids) => setBinned(base, ids, () => null),
    weigh: (ids) => weigh(base, ids),
    purge: (ids) => purge(base, ids),
    binned: () => listBin(base),
  };
}

function createRun(base: Base, run: NewRun): RunDetails {
  const id = randomBytes(6).toString('hex');
  const created = run.created ?? new Date().toISOString();
  const values: Insertable<RunsTable> = {
    id,
    created,
    name: run.name,
    state: run.state,
    model: run.model,
    data: run.data,
    modelId: run.modelId,
    method: run.config.method,
    repeats: run.from,
    folder: base.kept(run.folder),
    dataset: datasetFor(base, run.data, run.config.data, created),
    configJson: base.json(run.config),
    promptsJson: base.json(run.prompts),
    machineJson: base.json(run.machine),
    versionsJson: base.json(run.versions),
  };
  const { key } = base.on.run(build.insertInto('runs').values(values));
  indexRun(base, key);
  return findRun(base, id)!;
}

function updateRun(base: Base, id: string, change: RunChange): RunDetails {
  const values = changedColumns(base, change);
  if (Object.keys(values).length > 0) {
    const { changes } = base.on.run(build.updateTable('runs').set(values).where('id', '=', id));
    if (changes === 0) throw noRun(id);
  }
  const row = rowById(base, id);
  if (!row) throw noRun(id);
  const isInWords = change.name !== undefined || change.notes !== undefined || change.tags !== undefined;
  if (isInWords) indexRun(base, row.key);
  if (row.dataset !== null && values.dataHash)
    learnDataset(base, row.dataset, values.dataHash as string, change);
  return detailsOf(base, row);
}

/** The columns that `change` names; what the engine says at the start fills in what is not said otherwise. */
function changedColumns(base: Base, change: RunChange): Updateable<RunsTable> {
  const { name, notes, state, started, ended, seconds, step, bestLoss, start } = change;
  const given = {
    name,
    notes,
    state,
    started,
    ended,
    seconds,
    step,
    bestLoss,
    steps: change.steps ?? start?.steps,
    dataHash: change.dataHash ?? start?.dataHash,
    modelHash: change.modelHash ?? start?.modelHash,
    executor: change.executor ?? start?.executor,
    tagsJson: change.tags && base.json([...new Set(change.tags)]),
    startJson: start && base.json(start),
    doneJson: change.done && base.json(change.done),
    configJson: change.config && base.json(change.config),
    score: change.score?.value,
    forgot: change.forgot,
    rivalJson: change.rival === undefined ? undefined : base.jsonOrNull(change.rival),
    verdictJson: change.score && base.json({ score: change.score }),
    problemJson: change.problem === undefined ? undefined : base.jsonOrNull(change.problem),
  };
  return defined(given);
}

function rowById(base: Base, id: string): Selectable<RunsTable> | undefined {
  return base.on.first(build.selectFrom('runs').selectAll().where('id', '=', id));
}

function findRun(base: Base, id: string): RunDetails | null {
  const row = rowById(base, id);
  return row ? detailsOf(base, row) : null;
}

/** The newest run in a folder; one in the bin only where there is no other. */
function runInFolder(base: Base, folder: string): RunDetails | null {
  const row = base.on.first(
    build
      .selectFrom('runs')
      .selectAll()
      .where('folder', '=', base.kept(folder))
      .orderBy('binned', (order) => order.asc().nullsFirst())
      .orderBy('key', 'desc')
      .limit(1),
  );
  return row ? detailsOf(base, row) : null;
}

/** Takes the words of a run into the search. */
function indexRun(base: Base, key: number): void {
  const { on } = base;
  const row = on.first(
    build
      .selectFrom('runs')
      .select(['name', 'notes', 'model', 'data', 'tagsJson', 'configJson'])
      .where('key', '=', key),
  )!;
  const { name, notes, model, data } = row;
  const words = [
    name,
    notes,
    model,
    data,
    ...[row.tagsJson, row.configJson].map((json) => searchText(JSON.parse(json))),
  ];
  on.write('delete from runSearch where rowid = ?', [key]);
  on.write(
    'insert into runSearch(rowid, name, notes, model, data, tags, config) values (?, ?, ?, ?, ?, ?, ?)',
    [key, ...words.map(apart)],
  );
}

/** The key of the data set of these files, which is added where it is new. */
function datasetFor(base: Base, name: string, paths: string | readonly string[], added: string): number {
  const pathsJson = base.json([paths].flat().map((file) => base.kept(file)));
  const known = base.on.first(build.selectFrom('datasets').select('key').where('pathsJson', '=', pathsJson));
  if (known) return known.key;
  return base.on.run(build.insertInto('datasets').values({ name, pathsJson, added })).key;
}

/** What reading it has shown: the hash of its rows, and how many there are. */
function learnDataset(base: Base, key: number, hash: string, { start }: RunChange): void {
  const rows = start ? { rows: start.rows + start.heldOutRows } : {};
  base.on.run(
    build
      .updateTable('datasets')
      .set({ hash, ...rows })
      .where('key', '=', key),
  );
}

/** The newest `limit` finished runs, the oldest of them first. */
function finishedRuns(base: Base, limit: number): FinishedRun[] {
  const rows = base.on.all(
    build
      .selectFrom('runs')
      .select(['doneJson', 'startJson', 'configJson', 'machineJson'])
      .where('state', 'in', ['done', 'stopped-early'])
      .where('binned', 'is', null)
      .where('doneJson', 'is not', null)
      .orderBy('key', 'desc')
      .limit(limit),
  );
  return rows
    .map(
      ({ doneJson, startJson, configJson, machineJson }): FinishedRun => ({
        done: base.parse(doneJson!),
        start: base.parseOrNull(startJson),
        config: base.parse(configJson),
        machine: base.parse(machineJson),
      }),
    )
    .reverse();
}

/** A folder that is being deleted has this name, so that nobody takes half of one for a run. */
const GOING = '.deleted-';

/** Takes away what a process that died was deleting. */
export async function finishDeleting(base: Base): Promise<void> {
  const runs = path.join(base.folder, 'runs');
  const left = entriesOf(runs).filter(({ name }) => name.startsWith(GOING));
  for (const { name } of left) await fs.rm(path.join(runs, name), { recursive: true, force: true });
}

function setBinned(
  { on }: Base,
  ids: readonly string[],
  since: (known: number | null) => number | null,
): void {
  on.transaction(() => {
    for (const id of ids) {
      const run = on.first(build.selectFrom('runs').select(['key', 'binned']).where('id', '=', id));
      if (!run) throw noRun(id);
      const binned = since(run.binned);
      on.run(build.updateTable('runs').set({ binned }).where('key', '=', run.key));
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
    await rename(folder, aside);
    return aside;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
