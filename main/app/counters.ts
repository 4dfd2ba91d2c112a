/** Word counters as runs of their own: trained on rows in seconds, or kept from the comparison of a run. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { CallInput, RunDetails } from '../../common/api/contract.ts';
import type { SorterResult } from '../../common/protocol/protocol.ts';
import { defined } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import type { Store } from '../store/store.ts';
import { machineFacts, versions } from '../versions.ts';
import { withHistory } from './history.ts';
import { newFolder } from './jobs.ts';
import type { Parts } from './parts.ts';
import { dataConfig } from './run-config.ts';
import { dataName } from './uploads.ts';

type Trained = CallInput<'runs', 'trainCounter'>;

/** Trains a counter and takes it into the history. */
export async function trainCounter(
  { store, engine, allowed }: Parts,
  { name, data, evalPaths, heldOut }: Trained,
  signal?: AbortSignal,
): Promise<{ readonly runId: string }> {
  await allowed.read([...data.paths, ...(evalPaths ?? [])]);
  const out = newFolder(store, name);
  const others = { ...defined({ evalData: evalPaths, heldOut }), onBadRow: 'skip' as const, out };
  const config = { ...dataConfig(data), ...others };
  const result = await keptOrGone(
    out,
    engine.counter(config, () => {}, signal),
  );
  return { runId: addCounter(store, result, { name }).id };
}

/** Keeps the counter that the comparison of `run` has measured as a run of its own; one that was kept before stays the same. */
export async function keepCounter(
  { store, engine }: Parts,
  run: RunDetails,
): Promise<{ readonly runId: string }> {
  const compared = store.assessments.get(run.id)?.created.replace(/\D/g, '') ?? '';
  const out = path.join(store.folder, 'runs', `word-counter-${run.id}-${compared}`);
  const known = store.runs.byFolder(out);
  if (known && existsSync(out)) {
    if (known.binned !== null) store.runs.restore([known.id]);
    return { runId: known.id };
  }
  const name = say`${run.name.slice(0, 180)}: word counter`;
  const result = await keptOrGone(
    out,
    engine.counter({ run: run.folder, out }, () => {}),
  );
  return { runId: addCounter(store, result, { name, of: run }).id };
}

/** Where it fails nothing is left of it. */
async function keptOrGone<T>(out: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    await rm(out, { recursive: true, force: true });
    throw error;
  }
}

interface Origin {
  readonly name: string;
  /** The run beside which it was measured. */
  readonly of?: RunDetails | null;
}

/** Takes a counter of the command line into the history; `of`: the folder of the run beside which it was measured. */
export async function recordCounter(
  result: SorterResult,
  of: string | undefined,
  warn: (text: string) => void,
): Promise<void> {
  await withHistory(warn, (store) => {
    const run = of === undefined ? null : store.runs.byFolder(of);
    addCounter(store, result, { name: path.basename(result.out), of: run });
  });
}

/** Takes a counter into the history. */
function addCounter(
  store: Pick<Store, 'runs'>,
  { config, out, seconds, calibration }: SorterResult,
  { name, of = null }: Origin,
): RunDetails {
  const now = new Date();
  const { rows, value, low, high } = calibration.accuracy;
  const run = store.runs.create({
    name,
    config,
    folder: out,
    state: 'done',
    modelId: null,
    model: config.model,
    data: of?.data ?? dataName([config.data].flat()),
    prompts: [],
    from: of?.id ?? null,
    machine: machineFacts(),
    versions: versions(),
  });
  const started = new Date(now.getTime() - 1000 * seconds).toISOString();
  return store.runs.update(run.id, {
    ...{ started, ended: now.toISOString(), seconds, score: { name: 'known', rows, value, low, high } },
  });
}
