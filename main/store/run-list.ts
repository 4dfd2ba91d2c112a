/** The history as it is listed: filtered, searched, sorted, a page at a time. */
import { type SelectQueryBuilder, sql } from 'kysely';
import type { RunFilter, RunRow } from '../../preload/contract.ts';
import type { Base } from './base.ts';
import { build } from './connection.ts';
import { ROW_COLUMNS, rowOf } from './run-rows.ts';
import { matchQuery } from './search.ts';
import type { Tables } from './tables.ts';

/** Up and down; each has an index (see migrations/0001-tables.ts). Missing figures come last in both. */
const ORDERS: Readonly<Record<RunFilter['sort'], readonly [up: string, down: string]>> = {
  created: ['created, key', 'created desc, key desc'],
  name: ['name collate nocase, key', 'name collate nocase desc, key desc'],
  model: ['model collate nocase, key', 'model collate nocase desc, key desc'],
  method: ['method, key', 'method desc, key desc'],
  state: ['state, key', 'state desc, key desc'],
  bestLoss: ['bestLoss is null, bestLoss, key', 'bestLoss is null, bestLoss desc, key desc'],
  seconds: ['seconds is null, seconds, key', 'seconds is null, seconds desc, key desc'],
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
    rows: on.all(page).map((row) => rowOf(base, row)),
  }));
}

/** The query behind a list, without its page. */
export function orderedRuns(filter: RunFilter) {
  const order = ORDERS[filter.sort][filter.descending ? 1 : 0];
  return filtered(build.selectFrom('runs').select(ROW_COLUMNS), filter).orderBy(sql.raw(order));
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
  if (match !== null)
    query = query.where(sql<boolean>`key in (select rowid from runSearch where runSearch match ${match})`);
  return query;
}
