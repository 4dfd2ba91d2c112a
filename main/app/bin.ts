/** The bin: deleted runs stay in it for 30 days, and come back as they were or go for good with their files. */
import type { BinnedRun } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { Parts } from './parts.ts';

export const DAYS_IN_BIN = 30;
const DAY_MS = 86_400_000;

/** Puts runs into the bin; `bytes`: what deleting them for good frees. */
export async function binRuns(
  store: Store,
  ids: readonly string[],
): Promise<{ bytes: number; days: number }> {
  const { bytes } = await store.runs.weigh(ids);
  store.runs.bin(ids);
  return { bytes, days: DAYS_IN_BIN };
}

/** The same beside jobs: what waits is taken off their list; what goes on must be ended by the person first. */
export async function deleteRuns(
  { supervisor, store }: Pick<Parts, 'supervisor' | 'store'>,
  ids: readonly string[],
) {
  const wanted = new Set(ids);
  const jobs = supervisor.list().filter(({ runId }) => wanted.has(runId));
  const going = jobs.find(({ state }) => ['starting', 'running', 'pausing', 'stopping'].includes(state));
  if (going)
    throw new AppError(
      'run-going-on',
      say`“${going.name}” is running.`,
      say`Pause or stop it, then delete it.`,
    );
  for (const { id } of jobs) await supervisor.cancel(id);
  return binRuns(store, ids);
}

/** What is in the bin, the latest first, and what emptying it frees. */
export async function listBin(store: Store): Promise<{ runs: BinnedRun[]; bytes: number; days: number }> {
  const found = store.runs.binned();
  const runs: BinnedRun[] = [];
  for (const run of found) {
    const { bytes } = await store.runs.weigh([run.id]);
    runs.push({ ...run, until: new Date(dueOf(run)).toISOString(), bytes });
  }
  const { bytes } = await store.runs.weigh(found.map(({ id }) => id));
  return { runs, bytes, days: DAYS_IN_BIN };
}

/** Deletes runs in the bin for good. Throws AppError('run-not-binned') for another. */
export async function purgeBinned(store: Store, ids: readonly string[]): Promise<{ freedBytes: number }> {
  const other = ids.map((id) => store.runs.get(id)).find(({ binned }) => binned === null);
  if (other)
    throw new AppError('run-not-binned', say`“${other.name}” is not in the bin.`, say`Delete it first.`);
  return { freedBytes: await store.runs.purge(ids) };
}

/** Deletes for good what has been in the bin for its time. */
export async function purgeDue(store: Store, now = Date.now()): Promise<void> {
  const due = store.runs.binned().filter((run) => dueOf(run) <= now);
  // another process may have been quicker
  for (const { id } of due) if (store.runs.find(id)) await store.runs.purge([id]);
}

/** The same at once and once a day, as long as the program runs. */
export function keepPurging(store: Store, log: Log): void {
  const purge = () => void purgeDue(store).catch((error) => log.failure('emptying the bin', error));
  purge();
  setInterval(purge, DAY_MS).unref();
}

function dueOf({ binned }: { readonly binned: string }): number {
  return Date.parse(binned) + DAYS_IN_BIN * DAY_MS;
}
