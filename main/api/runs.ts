/** Runs: the history of all, what each one showed, what is made of it. */
import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Draft, RunDetails } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { Log } from '../log.ts';
import { toBundledPath } from '../paths.ts';
import { Bin } from './bin.ts';
import { writeBundle } from './bundle.ts';
import { comparison } from './compare.ts';
import { defined } from './defined.ts';
import { logLine } from './log-lines.ts';
import type { Parts } from './parts.ts';
import type { Implementer } from './router.ts';
import { draftOf } from './run-config.ts';

export function runCalls(os: Implementer, parts: Parts, log: Log) {
  const { store, engine, supervisor } = parts;
  const bin = new Bin(store, log);
  const get = (id: string) => store.runs.get(id);
  return {
    list: os.runs.list.handler(({ input }) => store.runs.list(input)),
    get: os.runs.get.handler(({ input }) => get(input.id)),
    curves: os.runs.curves.handler(({ input }) => store.events.curves(get(input.id).id, input.points)),
    samples: os.runs.samples.handler(({ input }) => store.events.samples(get(input.id).id)),
    log: os.runs.log.handler(({ input }) => logOf(store, input)),
    events: os.runs.events.handler(async function* ({ input, signal }) {
      yield* supervisor.events(get(input.id).id, input.after ?? 0, signal);
    }),
    assessment: os.runs.assessment.handler(({ input }) => store.assessments.get(get(input.id).id)),
    update: os.runs.update.handler(({ input: { id, ...change } }) => store.runs.update(id, defined(change))),
    weigh: os.runs.weigh.handler(({ input }) => store.runs.weigh(input.ids)),
    delete: os.runs.delete.handler(async ({ input }) => {
      await endJobsOf(parts, input.ids);
      return { bytes: await bin.put(input.ids), secondsToUndo: bin.secondsToUndo };
    }),
    restore: os.runs.restore.handler(({ input }) => store.runs.restore(input.ids)),
    compare: os.runs.compare.handler(({ input }) => comparison(store, input.ids)),
    duplicate: os.runs.duplicate.handler(({ input }) => duplicate(parts, get(input.id), input.remedy)),
    report: os.runs.report.handler(({ input }) => report(get(input.id))),
    bundle: os.runs.bundle.handler(async ({ input }) => {
      await parts.allowed.write(input.out);
      return writeBundle(parts, get(input.id), input.out);
    }),
    blind: os.runs.blind.handler(({ input }) =>
      engine.blind(get(input.id).folder, input.pairs, randomInt(2 ** 31), input.shown),
    ),
    judge: os.runs.judge.handler(({ input }) => engine.judge(input.round, input.choices)),
  };
}

/** A part of a run's log; one line an event. */
function logOf(store: Parts['store'], { id, offset, limit }: { id: string; offset: number; limit: number }) {
  const total = store.events.lastNumber(store.runs.get(id).id);
  const events = offset >= total ? [] : store.events.read(id, offset).slice(0, limit);
  return { total, lines: events.map(logLine) };
}

/** What waits is taken off the list; what goes on must be ended by the person first. */
async function endJobsOf({ supervisor }: Parts, ids: readonly string[]): Promise<void> {
  const wanted = new Set(ids);
  const jobs = supervisor.list().filter(({ runId }) => wanted.has(runId));
  const going = jobs.find(({ state }) => ['starting', 'running', 'pausing', 'stopping'].includes(state));
  if (going)
    throw new AppError(
      'run-going-on',
      `“${going.name}” is going on.`,
      'Pause or stop it, and then delete it.',
    );
  for (const { id } of jobs) await supervisor.cancel(id);
}

async function duplicate(parts: Parts, run: RunDetails, remedy: string | undefined): Promise<Draft> {
  const config = remedy === undefined ? run.config : await remedyOf(parts, run, remedy);
  return parts.store.drafts.save(undefined, await draftOf(parts, run, config));
}

/** The configuration of a remedy: a file that the assessment has written into the run's folder. */
async function remedyOf({ store }: Parts, run: RunDetails, name: string): Promise<Record<string, unknown>> {
  const remedy = store.assessments.get(run.id)?.remedies.find((one) => one.name === name);
  if (!remedy?.file)
    throw new AppError(
      'no-remedy',
      `This run has no remedy “${name}”.`,
      'Compare it with the untouched model again.',
    );
  // its folder may have moved since
  const file = path.join(run.folder, path.basename(path.dirname(remedy.file)), path.basename(remedy.file));
  try {
    return JSON.parse(await readFile(file, 'utf8'), toBundledPath) as Record<string, unknown>;
  } catch (cause) {
    const hint = 'Compare the run with the untouched model again.';
    throw new AppError('no-remedy', `The settings of this remedy cannot be read from ${file}.`, hint, {
      cause,
    });
  }
}

async function report({ folder }: RunDetails): Promise<{ path: string; html: string }> {
  const file = path.join(folder, 'report.html');
  try {
    return { path: file, html: await readFile(file, 'utf8') };
  } catch (cause) {
    const hint = 'Compare the run with the untouched model: that writes one.';
    throw new AppError('no-report', 'This run has no report.', hint, { cause });
  }
}
