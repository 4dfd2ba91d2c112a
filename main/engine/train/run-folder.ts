/** The folder of a run: whether it may begin there, what a killed one left, and the lengths it began with. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { EvalEvent, StepEvent } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { writeFileAtomic } from '../../atomic.ts';
import { makeFolder, requireWritable } from '../../folders.ts';
import { isLockFile } from '../../locks.ts';
import { RUN_FILE, type RunConfig } from '../config/config.ts';
import { ADAPTER_FOLDER, MODEL_FOLDER } from '../load/adapter.ts';
import type { ReadyModel } from '../load/ready-model.ts';
import { type Lengths, longestRow, withinModel } from '../step/run-data.ts';
import type { TrainIo } from './run-parts.ts';

/** A new run needs a folder of its own: what is there already is never overwritten. */
export async function claimFolder(config: Pick<RunConfig, 'out'>, resume: boolean): Promise<void> {
  makeFolder(config.out);
  requireWritable(config.out);
  if (resume) return;
  const taken = (await fs.readdir(config.out)).filter((name) => !isLockFile(name) && !isHalfWritten(name));
  if (taken.length === 0) return;
  const isRun = taken.includes(RUN_FILE);
  throw new AppError(
    'out-exists',
    isRun ? say`There is a run in ${config.out} already.` : say`${config.out} is not empty.`,
    isRun ? say`Resume it, or choose another folder.` : say`Choose a new folder.`,
  );
}

/** Whether a process that was killed left `name` behind as it wrote something else. */
function isHalfWritten(name: string): boolean {
  return name.startsWith('.') && name.endsWith('.tmp');
}

/** Removes what a killed process had half written; the lock says that nobody writes there now. */
export async function clearHalfWritten(out: string): Promise<void> {
  for (const folder of ['', ADAPTER_FOLDER, MODEL_FOLDER].map((name) => path.join(out, name))) {
    const names = (await fs.readdir(folder).catch(() => [])).filter(isHalfWritten);
    for (const name of names) await fs.rm(path.join(folder, name), { recursive: true, force: true });
  }
}

/** `config` with the lengths that its model reads, and a warning where rows are cut; a resumed run keeps its own. */
export async function lengthsOfRun<Config extends Lengths & { readonly out: string }>(
  config: Config,
  { resume, emit }: Pick<TrainIo, 'resume' | 'emit'>,
  { opened }: Pick<ReadyModel, 'opened'>,
): Promise<Config> {
  const within = withinModel(config, opened.model.maxPositions);
  const saved = resume ? await savedRun(config.out) : null;
  if (saved && !isSame(saved, within)) return config;
  longestRow(config.maxLength, { opened, emit });
  return within;
}

function isSame(a: Partial<Lengths>, b: Lengths): boolean {
  return a.maxLength === b.maxLength && a.tokensPerMicroBatch === b.tokensPerMicroBatch;
}

/** Of the run in a folder; null where it was ended before it had begun. */
async function savedRun(out: string): Promise<Partial<RunConfig> | null> {
  try {
    return JSON.parse(await fs.readFile(path.join(out, RUN_FILE), 'utf8')) as Partial<RunConfig>;
  } catch {
    return null;
  }
}

/** Whether the run that trained the model or adapter in `folder` reads large files in sections; true where there is none. */
export async function readsInSections(folder: string): Promise<boolean> {
  const run = (await savedRun(folder)) ?? (await savedRun(path.dirname(folder)));
  return run?.inSections ?? run === null;
}

/** The learning rate that a look has found for the run in a folder. */
export async function savedRate(out: string): Promise<number | null> {
  return (await savedRun(out))?.learningRate ?? null;
}

/** The numbers of a run while it lasts: a JSON line for each step and evaluation. */
const METRICS_FILE = 'metrics.jsonl';

export type Metric = StepEvent | EvalEvent;

export async function appendMetric(folder: string, metric: Metric): Promise<void> {
  await fs.appendFile(path.join(folder, METRICS_FILE), `${JSON.stringify(metric)}\n`);
}

/** Puts on the disk what was appended: before a file that says how far the run is. A loss of power could keep that file alone. */
export async function flushMetrics(folder: string): Promise<void> {
  // a run that is stopped as it starts has none yet
  const handle = await fs.open(path.join(folder, METRICS_FILE), 'a');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** All lines that are whole; none where there is no file. */
export async function readMetrics(folder: string): Promise<Metric[]> {
  const text = await fs.readFile(path.join(folder, METRICS_FILE), 'utf8').catch(() => '');
  return text
    .split('\n')
    .map(parsed)
    .filter((metric) => metric !== null);
}

/** Drops steps beyond `step`, evaluations beyond `evaluatedStep`, and a cut last line: a resumed run repeats them. */
export async function truncateMetrics(
  folder: string,
  { step, evaluatedStep }: { readonly step: number; readonly evaluatedStep: number },
): Promise<void> {
  const file = path.join(folder, METRICS_FILE);
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  const kept = text.split('\n').filter((line) => {
    const metric = parsed(line);
    return metric !== null && metric.step <= (metric.event === 'eval' ? evaluatedStep : step);
  });
  await writeFileAtomic(file, kept.map((line) => `${line}\n`).join(''));
}

function parsed(line: string): Metric | null {
  try {
    return JSON.parse(line) as Metric;
  } catch {
    return null;
  }
}
