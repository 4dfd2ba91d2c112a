/** What the commands about runs share: opening the history, and finding runs by the beginning of their ids. */
import type { RunDetails, RunRow } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import type { Store } from '../../store/store.ts';
import type { Streams } from '../command.ts';
import { openHistory, settleKilled } from '../record.ts';

/** Characters of an id that are shown: enough to tell any two of some thousand runs apart. */
export const ID_CHARS = 8;

/** Does `work` with the history of this computer; what was put right on opening is said on stderr. */
export async function withHistory<T>({ err }: Streams, work: (store: Store) => T | Promise<T>): Promise<T> {
  const store = await openHistory();
  try {
    if (store.notice !== null) err.write(`${store.notice}\n`);
    settleKilled(store);
    return await work(store);
  } finally {
    store.close();
  }
}

/** The runs whose ids begin with `starts`, in that order, each once. Throws `AppError('no-run')` or `'run-ambiguous'`. */
export function pickRuns(store: Store, starts: readonly string[]): RunDetails[] {
  const rows = allRuns(store);
  return [...new Set(starts.map((start) => idOf(rows, start)))].map((id) => store.runs.get(id));
}

function idOf(rows: readonly RunRow[], start: string): string {
  const found = rows.filter(({ id }) => id.startsWith(start.toLowerCase()));
  const [only] = found;
  if (only && (found.length === 1 || only.id === start)) return only.id;
  if (found.length > 1) {
    const some = found.slice(0, 5).map(({ id, name }) => `${id} (${name})`);
    throw new AppError(
      'run-ambiguous',
      `${found.length} runs have an id that begins with "${start}".`,
      `Write more of it: ${some.join(', ')}${found.length > 5 ? ', …' : ''}`,
    );
  }
  const named = rows.filter(({ name }) => name === start);
  const hint =
    named.length > 0 ? `A run of that name has the id ${named[0]!.id}.` : '`fettle runs list` shows the ids.';
  throw new AppError('no-run', `No run has an id that begins with "${start}".`, hint);
}

function allRuns(store: Store): RunRow[] {
  const rows: RunRow[] = [];
  const page = { sort: 'created', descending: true, limit: 1000 } as const;
  for (let total = 1; rows.length < total; ) {
    const found = store.runs.list({ ...page, offset: rows.length });
    rows.push(...found.rows);
    total = found.rows.length === 0 ? 0 : found.total;
  }
  return rows;
}
