/** Sorters as runs of their own: trained on rows in seconds, or kept from the comparison of a run. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { CallInput, RunDetails, SorterNews } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { CallEvent, SorterResult, SorterRung } from '../../common/protocol/protocol.ts';
import { COLUMNS_FILE, COLUMNS_FOLDER, OWN_ENCODER, sorterScore } from '../../common/settings/sorters.ts';
import { defined } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import { channel } from '../changes.ts';
import { filesBelow } from '../folders.ts';
import type { Store } from '../store/store.ts';
import { machineFacts, versions } from '../versions.ts';
import { withHistory } from './history.ts';
import { newFolder } from './jobs.ts';
import type { Parts } from './parts.ts';
import { dataConfig } from './run-config.ts';
import { dataName } from './uploads.ts';

/** Sorters that are being trained, by the keys of who asked for them. */
const going = new Map<string, AbortController>();

/** Trains a sorter, tells each way that was tried, and takes the best into the history. */
export function trainSorter(
  { store, engine, allowed }: Pick<Parts, 'store' | 'engine' | 'allowed'>,
  { name, data, evalPaths, heldOut, by, encoders, answer, key }: CallInput<'runs', 'trainSorter'>,
  signal?: AbortSignal,
): AsyncGenerator<SorterNews> {
  return channel<SorterNews>(async (send) => {
    await allowed.read([...data.paths, ...(evalPaths ?? []), ...(encoders ?? [])]);
    const out = newFolder(store, name);
    const others = {
      ...defined({ evalData: evalPaths, heldOut, by, answer }),
      onBadRow: 'skip' as const,
      out,
    };
    const encoder = encoders ? [...encoders] : ownEncoders(store);
    const config = { ...dataConfig(data), ...others, ...defined({ encoder }) };
    const finish = new AbortController();
    if (key !== undefined) going.set(key, finish);
    const onEvent = (event: CallEvent) => {
      if ('rung' in event) send({ kind: 'rung', rung: event.rung, isBest: event.isBest });
      else if ('event' in event && event.event === 'phase')
        send({ kind: 'progress', doing: event.detail ?? '', fraction: event.fraction ?? null });
    };
    try {
      const asking = { signal, finish: finish.signal, onEvent };
      const result = await keptOrGone(out, engine.sorter(config, asking));
      send({ kind: 'result', runId: addSorter(store, result, { name }).id, result });
    } finally {
      if (key !== undefined) going.delete(key);
    }
  });
}

/** The encoders that the person has pointed at, beside those that Fettle keeps: the smallest first; where there are none, the engine finds its own. */
function ownEncoders({ models }: Pick<Store, 'models'>): string[] | undefined {
  const here = models.readers().filter(({ available }) => available);
  if (here.every(({ source }) => source === 'hub')) return undefined;
  return here.toSorted((a, b) => a.bytes - b.bytes).map((model) => model.path);
}

/** Has the best sorter so far kept, and no further way tried. */
export function finishSorter(key: string): void {
  going.get(key)?.abort();
}

/**
 * Keeps a sorter that the comparison of `run` has measured, or a way that was tried beside it, as a run of its own; one that was kept before
 * stays the same.
 */
export async function keepSorter(
  { store, engine }: Parts,
  run: RunDetails,
  by: 'words' | 'vectors',
  rung?: number,
): Promise<{ readonly runId: string }> {
  const tried = rung === undefined ? null : rungOf(run, rung);
  const made = tried ? `rung-${rung}` : (store.assessments.get(run.id)?.created.replace(/\D/g, '') ?? '');
  const method = tried?.method ?? by;
  const out = path.join(store.folder, 'runs', `${FOLDERS[method]}-${run.id}-${made}`);
  const known = store.runs.byFolder(out);
  if (known && existsSync(out)) {
    if (known.binned !== null) store.runs.restore([known.id]);
    return { runId: known.id };
  }
  const of = run.name.slice(0, 180);
  const name = method === 'words' ? say`${of}: word counter` : say`${of}: sentence vectors`;
  const folder = path.join(run.folder, tried?.folder ?? '');
  const result = await keptOrGone(out, engine.sorter({ run: folder, by: method, out }, {}));
  return { runId: addSorter(store, result, { name, of: run }).id };
}

/** A way that was tried beside the one that `run` sorts by, and kept. A bundle brings no such folders along. */
function rungOf({ config, folder }: RunDetails, number: number): SorterRung {
  const rung = (config.rungs as readonly SorterRung[] | undefined)?.[number];
  const isNamed = rung?.folder !== undefined && /^rungs\/\d+$/.test(rung.folder);
  if (isNamed && existsSync(path.join(folder, rung.folder))) return rung;
  throw new AppError('no-run', say`This way to sort was not kept.`, say`Train the sorter again.`);
}

const FOLDERS = { words: 'word-counter', vectors: 'sentence-vectors' } as const;

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

/** Takes a sorter of the command line into the history; `of`: the folder of the run beside which it was measured. */
export async function recordSorter(
  result: SorterResult,
  of: string | undefined,
  warn: (text: string) => void,
): Promise<void> {
  await withHistory(warn, (store) => {
    const run = of === undefined ? null : store.runs.byFolder(of);
    addSorter(store, result, { name: path.basename(result.out), of: run });
  });
}

/** Takes a sorter into the history. */
function addSorter(
  store: Pick<Store, 'runs'>,
  { config, out, seconds, calibration }: SorterResult,
  { name, of = null }: Origin,
): RunDetails {
  const now = new Date();
  const [set] = config.sets ?? [];
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
  // one entry for all ways that were kept; its page opens the others
  const kept = (config.rungs ?? []).filter(({ folder }) => folder !== undefined).length;
  return store.runs.update(run.id, {
    tags: [
      ...(kept > 0 ? [say`${kept + 1} ways`] : []),
      ...(set ? [say`${set.categories.length} categories`] : []),
      ...(!set && config.columns && config.columns.length > 1 ? [say`${config.columns.length} columns`] : []),
    ],
    started,
    ended: now.toISOString(),
    seconds,
    score: sorterScore(calibration.accuracy, config.sets),
  });
}

/** Files in the folders that are a sorter's own, by their names below the run's: its encoder where that was trained, and further columns with their list. */
export async function ownSorterFiles(folder: string): Promise<string[]> {
  const found = [OWN_ENCODER, COLUMNS_FOLDER].map(async (name) =>
    (await filesBelow(path.join(folder, name))).map((file) => `${name}/${file}`),
  );
  const columns = existsSync(path.join(folder, COLUMNS_FILE)) ? [COLUMNS_FILE] : [];
  return [...columns, ...(await Promise.all(found)).flat()];
}
