/**
 * The history of this computer: as the command line keeps and reads it, beside an application that may have it open, too; and runs side
 * by side.
 */
import path from 'node:path';
import type { RunComparison, RunDetails, RunRow, RunSample } from '../../common/api/contract.ts';
import { AppError, describeError } from '../../common/errors.ts';
import type { AssessResult, ExportResult } from '../../common/protocol/protocol.ts';
import { ROWS } from '../../common/settings/table.ts';
import { flattened } from '../../common/values.ts';
import { say } from '../../common/words/language.ts';
import { isStillRunning } from '../processes.ts';
import { allRuns } from '../runs/recover.ts';
import { exportRow } from '../runs/runner.ts';
import type { Store } from '../store/store.ts';

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
  await withHistory(warn, (store) => {
    const run = store.runs.byFolder(folder);
    if (run) work(store, run.id);
  });
}

/** Does `work` with the history of this computer; where that can't be, the command goes on. */
export async function withHistory(warn: (text: string) => void, work: (store: Store) => void): Promise<void> {
  try {
    const store = await openHistory();
    try {
      work(store);
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
    // one that an earlier version kept says nothing of its start
    const recorder = store.kept.get<{ pid: number; start?: string | null }>(recorderKey(id));
    if (recorder === null || isStillRunning(recorder.pid, recorder.start ?? null)) continue;
    store.runs.update(id, { state: 'interrupted' });
    store.kept.set(recorderKey(id), null);
  }
}

/** The runs whose ids begin with `starts`, in that order, each once. Throws `AppError('no-run')` or `'run-ambiguous'`. */
export function pickRuns(store: Store, starts: readonly string[]): RunDetails[] {
  return pick(store, starts, allRuns(store), 'fettle runs list');
}

/** The same among those in the bin. */
export function pickBinned(store: Store, starts: readonly string[]): RunDetails[] {
  return pick(store, starts, store.runs.binned(), 'fettle runs bin');
}

/** `list`: the command that shows their ids. */
function pick(store: Store, starts: readonly string[], rows: readonly RunRow[], list: string): RunDetails[] {
  return [...new Set(starts.map((start) => idOf(rows, start, list)))].map((id) => store.runs.get(id));
}

function idOf(rows: readonly RunRow[], start: string, list: string): string {
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
    named.length > 0 ? `A run of that name has the id ${named[0]!.id}.` : `\`${list}\` shows the ids.`;
  throw new AppError('no-run', `No run has an id that begins with "${start}".`, hint);
}

/** Where a run lies differs always and says nothing; the others nobody sets. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['out', 'deviceWhy', 'inSections']);

/** Settings that are not the same in all of `configs`, by name with a dot for inner ones, and their values for each, in words. */
export function differences(configs: readonly Readonly<Record<string, unknown>>[]) {
  const flat = configs.map((config) => flattened(config));
  const names = [...new Set(flat.flatMap((settings) => Object.keys(settings)))];
  return names
    .filter((name) => !NOT_COMPARED.has(name))
    .map((name) => ({ name, values: flat.map((settings) => valueText(settings[name])) }))
    .filter(({ values }) => new Set(values).size > 1);
}

/** Whether runs were measured on different rows, so that their losses and verdicts cannot be set side by side. */
export function testRowsDiffer(runs: readonly Pick<RunDetails, 'start'>[]): boolean {
  const known = runs.map(({ start }) => start?.testRows).filter((rows) => rows !== undefined);
  return new Set(known).size > 1;
}

/** A setting as a person reads it. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return say`not set`;
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  return String(value);
}

/** As many points as a plot of that width can show. */
const POINTS = 1000;
/** Names of the person's own that are shown in a place of their own. */
const NOT_SETTINGS: ReadonlySet<string> = new Set(['samplePrompts']);
const PATHS = ROWS.filter(({ type }) => type.kind === 'path' || type.kind === 'paths').map(
  ({ name }) => name,
);

export function comparison(store: Store, ids: readonly string[]): RunComparison {
  const runs = ids.map((id) => store.runs.get(id));
  return {
    runs,
    differences: differences(runs.map(({ config }) => config))
      .filter(({ name }) => !NOT_SETTINGS.has(name))
      .map(({ name, values }) => ({ name, values: PATHS.includes(name) ? shortPaths(values) : values })),
    testRowsDiffer: testRowsDiffer(runs),
    curves: ids.map((id) => store.events.curves(id, POINTS)),
    samples: sharedSamples(runs.map((run) => lastAnswers(run, store.events.samples(run.id)))),
  };
}

/** The names alone where they tell the files apart. */
function shortPaths(values: readonly string[]): readonly string[] {
  const short = values.map((value) =>
    value
      .split(', ')
      .map((one) => path.basename(one))
      .join(', '),
  );
  return new Set(short).size === new Set(values).size ? short : values;
}

/** The newest answer to each prompt. */
function lastAnswers(
  { prompts }: RunDetails,
  samples: readonly RunSample[],
): ReadonlyMap<string, string | null> {
  const answers = new Map<string, string | null>(prompts.map((prompt) => [prompt, null]));
  for (const { prompt, text } of [...samples].sort((a, b) => a.step - b.step)) answers.set(prompt, text);
  return answers;
}

/** Prompts that at least two of the runs were asked, in the order in which they are met. */
function sharedSamples(runs: readonly ReadonlyMap<string, string | null>[]): RunComparison['samples'] {
  const prompts = [...new Set(runs.flatMap((answers) => [...answers.keys()]))];
  return prompts
    .filter((prompt) => runs.filter((answers) => answers.has(prompt)).length > 1)
    .map((prompt) => ({ prompt, answers: runs.map((answers) => answers.get(prompt) ?? null) }));
}
