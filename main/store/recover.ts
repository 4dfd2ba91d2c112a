/**
 * When the store is damaged: it is moved aside, never deleted; the newest backup that is whole takes its
 * place; and what was lost is said. Runs that the store then does not know, or knows an older state of, are
 * taken in from their folders.
 */

import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { RunDetails } from '../../common/api/contract.ts';
import type { AssessResult, DoneEvent, StepEvent } from '../../common/protocol/protocol.ts';
import { sorterOf, sorterScore } from '../../common/settings/sorters.ts';
import { dateTime, plural } from '../../common/words/format.ts';
import { say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { toBundledPath } from '../paths.ts';
import { renameAtOnce } from '../rename.ts';
import type { Base } from './base.ts';
import { type Connection, SUSPECT, withConnection } from './connection.ts';
import { entriesOf, syncFile } from './data-files.ts';
import { openEvents, parsed } from './events.ts';
import { backupsIn, storeVersion } from './migrate.ts';
import { openRuns } from './runs.ts';
import { openAssessments } from './small-tables.ts';
import { stateOfDone } from './store.ts';

interface Restored {
  readonly flaw: string;
  /** When the backup was made that is in use now, in milliseconds since 1970; null: there was none. */
  readonly backupMade: number | null;
  /** Where the damaged files are; null where there were none. */
  readonly aside: string | null;
  readonly folder: string;
}

/** Whether the data folder shows that there has been a store: a backup, or a run. */
export function isAnythingLeft(folder: string): boolean {
  return (
    backupsIn(folder).length > 0 || entriesOf(path.join(folder, 'runs')).some((entry) => entry.isDirectory())
  );
}

/** Puts the newest whole backup, of a version up to `known`, in the place of `file`; without one the place is left empty. */
export async function restore(file: string, flaw: string, known: number, now: Date): Promise<Restored> {
  const folder = path.dirname(file);
  const aside = moveAside(file, now);
  for (const backup of backupsIn(folder)) {
    const copy = path.join(folder, `.restoring-${process.pid}.sqlite`);
    fs.copyFileSync(backup.file, copy);
    const whole = isWhole(copy, known);
    if (whole) {
      syncFile(copy);
      renameAtOnce(copy, file);
      return { flaw, backupMade: backup.made, aside, folder };
    }
    for (const end of ['', '-wal', '-shm']) fs.rmSync(copy + end, { force: true });
  }
  return { flaw, backupMade: null, aside, folder };
}

/** Rows and values that can't be read, left out of a store that is whole otherwise. */
interface LeftOut {
  /** What each was called; null where it has no name. */
  readonly names: readonly (string | null)[];
  /** Where the file is as it was. */
  readonly aside: string;
}

/** Leaves out what should be JSON and is none; null where there is nothing of it. `tables`: looks at those only. */
export async function leaveOutBroken(
  on: Connection,
  tables: readonly string[] | null,
  now: Date,
): Promise<LeftOut | null> {
  const broken = on.brokenJson(tables);
  if (broken.length === 0) return null;
  const aside = asideOf(on.file, now);
  fs.mkdirSync(aside, { recursive: true });
  await on.backup(path.join(aside, path.basename(on.file)));
  const names = on.transaction(() => {
    // a run stays without its data set
    on.exec(
      'update runs set dataset = null where dataset in (select key from datasets where not json_valid(pathsJson))',
    );
    return broken.flatMap((one) => on.leaveOut(one));
  });
  return { names, aside };
}

function asideOf(file: string, now: Date): string {
  return path.join(path.dirname(file), 'damaged', now.toISOString().replace(/[:.]/g, '-'));
}

function moveAside(file: string, now: Date): string | null {
  const there = ['', '-wal', '-shm'].filter((end) => fs.existsSync(file + end));
  fs.rmSync(file + SUSPECT, { force: true });
  if (there.length === 0) return null;
  const aside = asideOf(file, now);
  fs.mkdirSync(aside, { recursive: true });
  // the main file last: as long as it is there the next opening finds the damage again
  for (const end of there.reverse()) renameAtOnce(file + end, path.join(aside, path.basename(file) + end));
  return aside;
}

function isWhole(file: string, known: number): boolean {
  try {
    return withConnection(file, (on) => {
      const version = storeVersion(on);
      return version > 0 && version <= known && on.flaw(null) === null;
    });
  } catch {
    return false;
  }
}

/** What was repaired and what is lost, for the person. */
export function recoveryNotice({ flaw, backupMade, aside, folder }: Restored, taken: TakenIn): string {
  const runs = path.join(folder, 'runs');
  const changed = say`names, notes, tags, drafts, conversations, settings and the list of models`;
  const outside = say`runs whose folders are not in ${runs}`;
  return [
    say`Fettle repaired your history, which was damaged (${flaw.split('\n', 1).join('')}).`,
    backupMade === null
      ? say`There was no backup, so ${changed} are lost, and so are ${outside}.`
      : say`It is as in the backup of ${dateTime(backupMade)}. Changes since then are lost: ${changed}; and newer ${outside}.`,
    ...found(taken.added, say`added again from their folders`),
    ...found(taken.caughtUp, say`updated from their folders`),
    ...found(taken.unreadable, say`not added, because their folders can't be read`),
    ...(aside === null ? [] : [say`The damaged file is kept in ${aside}.`]),
  ].join(marks().gap);
}

/** The same where only some values could not be read. */
export function leftOutNotice({ names, aside }: LeftOut, taken: TakenIn): string {
  const shown = names.filter((name) => name !== null).slice(0, 5);
  const others = names.length - shown.length;
  const all = [
    ...shown.map((name) => `“${name}”`),
    ...(others > 0 ? [plural(others, 'entry without a name', 'entries without a name')] : []),
  ];
  return [
    say`Fettle left out what can't be read in your history: ${all.join(marks().comma)}. Everything else is as it was.`,
    ...found(taken.added, say`added again from their folders`),
    say`The damaged file is kept in ${aside}.`,
  ].join(marks().gap);
}

function found(names: readonly string[], what: string): string[] {
  if (names.length === 0) return [];
  const shown =
    names.slice(0, 5).join(marks().comma) + (names.length > 5 ? say` and ${names.length - 5} more` : '');
  return [say`Runs ${what}: ${shown}.`];
}

interface TakenIn {
  /** Names of runs that are new, of those that had gone on, and of folders that could not be read. */
  readonly added: readonly string[];
  readonly caughtUp: readonly string[];
  readonly unreadable: readonly string[];
}

/** Takes in what is in `runs/` of the data folder; with `onlyNew` nothing is changed of runs that the store knows. */
export async function takeInFromDisk(base: Base, onlyNew = false): Promise<TakenIn> {
  const runs = openRuns(base);
  const [added, caughtUp, unreadable]: string[][] = [[], [], []];
  const within = path.join(base.folder, 'runs');
  const folders = entriesOf(within).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  for (const { name } of folders) {
    const folder = path.join(within, name);
    const known = runs.byFolder(folder);
    if (onlyNew && known !== null) continue;
    const config = readJson<RunConfig>(path.join(folder, 'run.json'), RUN);
    if (config === null && known === null) unreadable!.push(name);
    if (config === null) continue;
    const isNew = known === null;
    const changed = base.on.transaction(() => catchUp(base, known ?? adopt(base, folder, config)));
    if (isNew) added!.push(name);
    else if (changed) caughtUp!.push(known.name);
  }
  return { added: added!, caughtUp: caughtUp!, unreadable: unreadable! };
}

function adopt(base: Base, folder: string, config: RunConfig): RunDetails {
  const { birthtimeMs, mtimeMs } = fs.statSync(path.join(folder, 'run.json'));
  const data = [config.data].flat()[0] ?? '';
  return openRuns(base).create({
    name: path.basename(folder),
    state: 'interrupted',
    folder,
    modelId: null,
    model: path.basename(config.model),
    data: path.basename(data),
    config,
    prompts: [(config as z.output<typeof RUN>).samplePrompts ?? []].flat(),
    machine: {},
    versions: {},
    from: null,
    created: new Date(Math.min(birthtimeMs || mtimeMs, mtimeMs)).toISOString(),
  });
}

/** Adds what the run's folder knows beyond `run`; whether that is anything. */
function catchUp(base: Base, run: RunDetails): boolean {
  if (run.state === 'done' || run.state === 'stopped-early') return false;
  const sorter = sorterOf(run.method);
  if (sorter) return catchUpSorter(base, run, sorter.file);
  const events = openEvents(base);
  const metrics = events.missed(run.id);
  events.add(run.id, metrics);
  const resultFile = path.join(run.folder, 'result.json');
  const done = readJson<DoneEvent>(resultFile, DONE);
  const assessment = readJson<AssessResult>(path.join(run.folder, 'assessment.json'), ASSESSMENT);
  if (assessment) openAssessments(base).set(run.id, assessment);
  const wasGoing = run.state === 'running' || run.state === 'waiting';
  const last = metrics.findLast(({ event }) => event.event === 'step')?.event as StepEvent | undefined;
  const losses = events.curves(run.id, 10).evals.map(({ loss }) => loss);
  openRuns(base).update(run.id, {
    ...(last && { step: last.step, steps: last.steps }),
    ...(losses.length > 0 && { bestLoss: Math.min(...losses) }),
    ...(done && { state: stateOfDone(done), done, seconds: done.seconds, ended: changed(resultFile) }),
    ...(!done && wasGoing && { state: 'interrupted' }),
  });
  return metrics.length > 0 || done !== null || wasGoing;
}

/** A sorter is done where its file is there. */
function catchUpSorter(base: Base, run: RunDetails, name: string): boolean {
  const file = path.join(run.folder, name);
  const kept = readJson<z.output<typeof SORTER>>(file, SORTER);
  if (!kept) return false;
  const score = sorterScore(kept.calibration.accuracy, SETS.safeParse(run.config.sets).data);
  openRuns(base).update(run.id, { state: 'done', score, ended: changed(file) });
  return true;
}

const texts = z.union([z.string(), z.array(z.string())]);
/** Of each file of a run what the store keeps in columns: anything may have become of it. */
const RUN = z.looseObject({
  model: z.string(),
  method: z.string(),
  data: texts,
  samplePrompts: texts.optional(),
});
const ESTIMATE = { value: z.number(), low: z.number(), high: z.number() };
const SORTER = z.looseObject({
  calibration: z.looseObject({ accuracy: z.object({ rows: z.number(), ...ESTIMATE }) }),
});
const SETS = z.array(
  z.looseObject({ rows: z.number(), scores: z.looseObject({ exact: z.object(ESTIMATE) }) }),
);
const DONE = z.looseObject({ reason: z.string(), steps: z.number(), seconds: z.number() });
const ASSESSMENT = z.looseObject({ verdict: z.looseObject({ learned: z.string(), forgot: z.string() }) });

/** The JSON in `file`; null where there is none, or where it is not what `schema` says. */
function readJson<T extends object>(file: string, schema: z.ZodType): T | null {
  if (!fs.statSync(file, { throwIfNoEntry: false })?.isFile()) return null;
  const found = parsed<T>(fs.readFileSync(file, 'utf8'), toBundledPath);
  return schema.safeParse(found).success ? found : null;
}

function changed(file: string): string {
  return fs.statSync(file).mtime.toISOString();
}
