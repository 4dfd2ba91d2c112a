/** From a row of the table of runs to what the history and a run's page show. */
import fs from 'node:fs';
import path from 'node:path';
import type { Selectable } from 'kysely';
import type { RunDetails, RunRow, RunState } from '../../preload/contract.ts';
import type { Base } from './base.ts';
import { listExports } from './exports.ts';
import { bytesBelow, entriesOf } from './files.ts';
import type { RunsTable } from './tables.ts';

/** The columns that a row of the history needs; they come first in the table, so that the long texts are not read. */
export const ROW_COLUMNS = [
  'id',
  'name',
  'state',
  'model',
  'data',
  'method',
  'learned',
  'forgot',
  'bestLoss',
  'seconds',
  'created',
  'tagsJson',
] as const;

type RowColumns = Pick<Selectable<RunsTable>, (typeof ROW_COLUMNS)[number]>;

/** A row of the history. */
export function rowOf(base: Base, row: RowColumns): RunRow {
  const { id, name, model, data, method, bestLoss, seconds, created } = row;
  return {
    ...{ id, name, model, data, method, bestLoss, seconds, created },
    state: row.state as RunState,
    learned: row.learned as RunRow['learned'],
    forgot: row.forgot as RunRow['forgot'],
    tags: base.parse<string[]>(row.tagsJson),
  };
}

/** Everything about a run; its folder is looked at for checkpoints and its size. */
export function detailsOf(base: Base, row: Selectable<RunsTable>): RunDetails {
  const folder = base.found(row.folder);
  const { modelId, notes, dataHash, modelHash, executor, started, ended, step, steps } = row;
  return {
    ...rowOf(base, row),
    ...{ folder, modelId, notes, dataHash, modelHash, executor, started, ended, step, steps },
    prompts: base.parse(row.promptsJson),
    config: base.parse(row.configJson),
    machine: base.parse(row.machineJson),
    versions: base.parse(row.versionsJson),
    start: base.parseOrNull(row.startJson),
    done: base.parseOrNull(row.doneJson),
    verdict: base.parseOrNull(row.verdictJson),
    problem: base.parseOrNull(row.problemJson),
    checkpoints: checkpointsIn(folder),
    exports: listExports(base, row.key),
    bytes: bytesBelow(folder),
    from: row.repeats,
  };
}

/** Checkpoints that are on the disk, oldest first. */
function checkpointsIn(folder: string): RunDetails['checkpoints'] {
  const within = path.join(folder, 'checkpoints');
  return entriesOf(within)
    .flatMap(({ name }) => {
      const step = /^step-(\d+)\.safetensors$/.exec(name)?.[1];
      if (step === undefined) return [];
      const file = path.join(within, name);
      const bytes = fs.statSync(file, { throwIfNoEntry: false })?.size;
      return bytes === undefined ? [] : [{ step: Number(step), path: file, bytes }];
    })
    .sort((a, b) => a.step - b.step);
}
