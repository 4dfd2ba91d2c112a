/**
 * After damage: runs that the store does not know, or knows an older state of, are taken in from their folders, which hold
 * the settings, every step, the result and the assessment.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { RunDetails } from '../../preload/contract.ts';
import type { RunConfig } from '../engine/config.ts';
import type { AssessResult, DoneEvent, StepEvent } from '../engine/protocol.ts';
import { toBundledPath } from '../paths.ts';
import { stateOfDone } from '../runs/endings.ts';
import { openAssessments } from './assessments.ts';
import type { Base } from './base.ts';
import { openEvents } from './events.ts';
import { entriesOf } from './files.ts';
import { parsed } from './missed.ts';
import { openRuns } from './runs.ts';

export interface TakenIn {
  /** Names of runs that are new, of those that had gone on, and of folders that could not be read. */
  readonly added: readonly string[];
  readonly caughtUp: readonly string[];
  readonly unreadable: readonly string[];
}

/** Takes in what is in `runs/` of the data folder. */
export async function takeInFromDisk(base: Base): Promise<TakenIn> {
  const runs = openRuns(base);
  const [added, caughtUp, unreadable]: string[][] = [[], [], []];
  const within = path.join(base.folder, 'runs');
  const folders = entriesOf(within).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  for (const { name } of folders) {
    const folder = path.join(within, name);
    const known = runs.byFolder(folder);
    const config = readJson<RunConfig>(path.join(folder, 'run.json'));
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
    prompts: [(config as { samplePrompts?: string | string[] }).samplePrompts ?? []].flat(),
    machine: {},
    versions: {},
    from: null,
    created: new Date(Math.min(birthtimeMs || mtimeMs, mtimeMs)).toISOString(),
  });
}

/** Adds what the run's folder knows beyond `run`; whether that is anything. */
function catchUp(base: Base, run: RunDetails): boolean {
  if (run.state === 'done' || run.state === 'stopped-early') return false;
  const events = openEvents(base);
  const metrics = events.missed(run.id);
  events.add(run.id, metrics);
  const resultFile = path.join(run.folder, 'result.json');
  const done = readJson<DoneEvent>(resultFile);
  const assessment = readJson<AssessResult>(path.join(run.folder, 'assessment.json'));
  if (assessment?.verdict) openAssessments(base).set(run.id, assessment);
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

function readJson<T extends object>(file: string): T | null {
  return fs.existsSync(file) ? parsed<T>(fs.readFileSync(file, 'utf8'), toBundledPath) : null;
}

function changed(file: string): string {
  return fs.statSync(file).mtime.toISOString();
}
