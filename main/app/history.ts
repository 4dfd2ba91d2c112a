/** The history of this computer, as the command line keeps and reads it: beside an application that may have it open, too. */
import type { RunDetails, RunRow } from '../../common/api/contract.ts';
import { AppError, describeError } from '../../common/errors.ts';
import type { AssessResult, ExportResult } from '../../common/protocol/protocol.ts';
import { isRunning } from '../processes.ts';
import { allRuns } from '../runs/recover.ts';
import { exportRow } from '../runs/runner.ts';
import type { Store } from '../store/store.ts';

/** Opens the history of this computer. */
export async function openHistory(): Promise<Store> {
  const { openStore } = await import('../store/open.ts');
  return openStore();
}

/** Keeps an assessment made by `fettle assess`, where the history knows the run. */
export async function recordAssessment(
  folder: string,
  result: AssessResult,
  warn: (text: string) => void,
): Promise<void> {
  await withRun(folder, warn, (store, id) => store.assessments.set(id, result));
}

/** Keeps an export made by `fettle export`, where the history knows the run. */
export async function recordExport(
  folder: string,
  result: ExportResult,
  warn: (text: string) => void,
): Promise<void> {
  await withRun(folder, warn, (store, id) => store.exports.add(id, exportRow(result)));
}

/** Gives the run in `folder` a name and tags, where the history knows it. */
export async function labelRun(
  folder: string,
  labels: { readonly name: string; readonly tags: readonly string[] },
): Promise<void> {
  await withRun(
    folder,
    () => {},
    (store, id) => void store.runs.update(id, labels),
  );
}

async function withRun(
  folder: string,
  warn: (text: string) => void,
  work: (store: Store, id: string) => void,
): Promise<void> {
  try {
    const store = await openHistory();
    try {
      const run = store.runs.byFolder(folder);
      if (run) work(store, run.id);
    } finally {
      store.close();
    }
  } catch (error) {
    warn(`warning: this is not kept in the history. ${describeError(error)}`);
  }
}

/** Under it stands the process that records a run without a supervisor. */
export const recorderKey = (id: string) => `recorder:${id}`;

/** Marks runs of command lines that were killed as interrupted, so that nobody waits for them. */
export function settleKilled(store: Store): void {
  for (const { id } of allRuns(store, ['running'])) {
    const recorder = store.kept.get<{ pid: number }>(recorderKey(id));
    if (recorder === null || isRunning(recorder.pid)) continue;
    store.runs.update(id, { state: 'interrupted' });
    store.kept.set(recorderKey(id), null);
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
