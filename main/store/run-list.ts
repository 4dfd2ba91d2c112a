/**
 * The history as it is listed, filtered, searched, sorted, a page at a time; and from a row of the table of
 * runs to what a run's page shows.
 */

import fs from 'node:fs';
import path from 'node:path';
import { type Selectable, type SelectQueryBuilder, sql } from 'kysely';
import type { Rivalry, RunDetails, RunFilter, RunRow, RunState } from '../../common/api/contract.ts';
import { apart } from '../../common/words/unspaced.ts';
import { targetOfRun } from '../elsewhere.ts';
import type { Base } from './base.ts';
import { build } from './connection.ts';
import { bytesBelow, entriesOf } from './data-files.ts';
import { figuresOf, verdictOf } from './older-assessments.ts';
import { listExports } from './small-tables.ts';
import type { RunsTable, Tables } from './tables.ts';

/** The columns that a row of the history needs; they come first in the table, so that the long texts are not read. */
const ROW_COLUMNS = [
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

/** Figures of the verdict that a row of the history shows. */
const VERDICT_FIGURES = [
  sql<
    string | null
  >`coalesce(json_extract(verdictJson, '$.score'), json_extract(verdictJson, '$.accuracy'))`.as('scoreJson'),
  sql<string | null>`json_extract(verdictJson, '$.betterRival')`.as('betterRivalJson'),
] as const;

interface FigureColumns {
  readonly scoreJson: string | null;
  readonly betterRivalJson: string | null;
  readonly rivalJson: string | null;
}

function listedRow(base: Base, row: RowColumns & FigureColumns): RunRow {
  return {
    ...rowOf(base, row),
    ...figuresOf({
      score: base.parseOrNull(row.scoreJson),
      betterRival: base.parseOrNull(row.betterRivalJson),
      rival: base.parseOrNull(row.rivalJson),
    }),
  };
}

function rowOf(base: Base, row: RowColumns): RunRow {
  const { id, name, model, data, method, bestLoss, seconds, created } = row;
  return {
    id,
    name,
    model,
    data,
    method,
    bestLoss,
    seconds,
    created,
    state: row.state as RunState,
    learned: row.learned as RunRow['learned'],
    forgot: row.forgot as RunRow['forgot'],
    tags: base.parse<string[]>(row.tagsJson),
  };
}

/** Everything about a run; its folder is looked at for checkpoints and its size. */
export function detailsOf(base: Base, row: Selectable<RunsTable>): RunDetails {
  const folder = base.found(row.folder);
  // a run that nothing was compared with has a score alone
  const kept = base.parseOrNull<NonNullable<RunDetails['verdict']>>(row.verdictJson);
  const figures = kept && verdictOf(kept);
  const { modelId, notes, dataHash, modelHash, executor, started, ended, step, steps } = row;
  return {
    ...rowOf(base, row),
    folder,
    modelId,
    notes,
    dataHash,
    modelHash,
    executor,
    started,
    ended,
    step,
    steps,
    prompts: base.parse(row.promptsJson),
    config: base.parse(row.configJson),
    machine: base.parse(row.machineJson),
    versions: base.parse(row.versionsJson),
    start: base.parseOrNull(row.startJson),
    done: base.parseOrNull(row.doneJson),
    verdict: row.learned === null ? null : figures,
    ...figuresOf({ ...figures, rival: base.parseOrNull(row.rivalJson) }),
    problem: base.parseOrNull(row.problemJson),
    checkpoints: checkpointsIn(folder),
    exports: listExports(base, row.key),
    bytes: bytesBelow(folder),
    from: row.repeats,
    target: targetOfRun(folder),
    binned: row.binned === null ? null : new Date(row.binned).toISOString(),
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

/** Up and down; each has an index (SORTS in migrations.ts). Missing figures come last in both. */
const ORDERS: Readonly<Record<RunFilter['sort'], readonly [up: string, down: string]>> = {
  created: ['created, key', 'created desc, key desc'],
  name: ['name collate nocase, key', 'name collate nocase desc, key desc'],
  model: ['model collate nocase, key', 'model collate nocase desc, key desc'],
  method: ['method, key', 'method desc, key desc'],
  state: ['state, key', 'state desc, key desc'],
  bestLoss: ['bestLoss is null, bestLoss, key', 'bestLoss is null, bestLoss desc, key desc'],
  seconds: ['seconds is null, seconds, key', 'seconds is null, seconds desc, key desc'],
  score: ['score is null, score, key', 'score is null, score desc, key desc'],
};

/** What counts as clearly better in a verdict does here. */
const RIVAL_LEAD = 0.02;
const LEAD = "json_extract(rivalJson, '$.lead.value')";
const RIVALRY: Readonly<Record<Rivalry, string>> = {
  better: `${LEAD} >= ${RIVAL_LEAD}`,
  'no-better': `${LEAD} < ${RIVAL_LEAD}`,
  unmeasured: 'rivalJson is null',
};

type Query<Row> = SelectQueryBuilder<Tables, 'runs', Row>;

/** Runs that are not in the bin and match `filter`, and how many there are in all. */
export function listRuns(base: Base, filter: RunFilter): { total: number; rows: RunRow[] } {
  const { on } = base;
  const counted = filtered(build.selectFrom('runs'), filter).select((e) =>
    e.fn.countAll<number>().as('total'),
  );
  const page = orderedRuns(filter).limit(filter.limit).offset(filter.offset);
  return on.transaction(() => ({
    total: on.first(counted)!.total,
    rows: on.all(page).map((row) => listedRow(base, row)),
  }));
}

/** The runs that are in the bin, the latest first. */
export function listBin(base: Base): (RunRow & { readonly binned: string })[] {
  const rows = base.on.all(
    build
      .selectFrom('runs')
      .select([...ROW_COLUMNS, 'binned'])
      .where('binned', 'is not', null)
      .orderBy('binned', 'desc')
      .orderBy('key', 'desc'),
  );
  return rows.map((row) => ({ ...rowOf(base, row), binned: new Date(row.binned!).toISOString() }));
}

/** The query behind a list, without its page. */
export function orderedRuns(filter: RunFilter) {
  const order = ORDERS[filter.sort][filter.descending ? 1 : 0];
  return filtered(
    build.selectFrom('runs').select([...ROW_COLUMNS, ...VERDICT_FIGURES, 'rivalJson']),
    filter,
  ).orderBy(sql.raw(order));
}

function filtered<Row>(from: Query<Row>, filter: RunFilter): Query<Row> {
  const match = filter.search === undefined ? null : matchQuery(filter.search);
  let query = from.where('binned', 'is', null);
  if (filter.states && filter.states.length > 0)
    query = query.where(
      sql<boolean>`state in (select value from json_each(${JSON.stringify(filter.states)}))`,
    );
  if (filter.model !== undefined) query = query.where('model', '=', filter.model);
  if (filter.method !== undefined) query = query.where('method', '=', filter.method);
  if (filter.learned !== undefined) query = query.where('learned', '=', filter.learned);
  if (filter.tag !== undefined)
    query = query.where(sql<boolean>`exists (select 1 from json_each(tagsJson) where value = ${filter.tag})`);
  if (filter.rivals !== undefined) query = query.where(sql.raw<boolean>(RIVALRY[filter.rivals]));
  if (match !== null)
    query = query.where(sql<boolean>`key in (select rowid from runSearch where runSearch match ${match})`);
  return query;
}

/** Letters, digits and private characters: what the index makes words of. */
const SEARCHABLE = /[\p{L}\p{N}\p{Co}]/u;

/** Where words may stand anywhere; in the settings every run has the same names and many numbers. */
const WRITTEN = '{name notes model data tags}';

/**
 * A query that finds runs with all words of `text`, each the beginning of a word; `rank 8` also finds the
 * setting of exactly that value. Null where nothing in it can be searched for. Every word is quoted, so that
 * no sign in it means anything.
 */
export function matchQuery(text: string): string | null {
  const words = text
    .replaceAll('\0', ' ')
    .split(/\s+/u)
    .filter((word) => SEARCHABLE.test(word));
  const parts: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const [word, next] = [words[i]!, words[i + 1]];
    const isSetting = next !== undefined && /^\d/.test(next) && !/^\d/.test(word);
    if (isSetting) i++;
    const start = `${quoted(apart(word).trim())}*`;
    parts.push(
      isSetting ? `(${quoted(`${word} ${next}`)} OR ${WRITTEN} : (${start} AND ${quoted(next)}*))` : start,
    );
  }
  return parts.length === 0 ? null : parts.join(' AND ');
}

function quoted(words: string): string {
  return `"${words.replaceAll('"', '""')}"`;
}

/** The words of a setting or of tags: names and values one after the other. */
export function searchText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(searchText).join(' ');
  if (typeof value !== 'object') return wordsOf(String(value));
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${searchText(inner)}`)
    .join(' ');
}

/** Of a path only its end is what a person remembers; the folders above it are the same for most runs. */
function wordsOf(text: string): string {
  return /^(\/|⟦|[A-Za-z]:\\)/.test(text) ? (text.split(/[\\/]/).at(-1) ?? '') : text;
}
