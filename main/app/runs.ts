/** What is done with runs beside reading them: deleting with time for second thoughts, repeating, remedies, report and log. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Draft, RunDetails } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import type { Log } from '../log.ts';
import { toBundledPath } from '../paths.ts';
import { logLine } from './log-lines.ts';
import type { Parts } from './parts.ts';
import { draftOf } from './run-config.ts';

/** A part of a run's log; one line an event. */
export function logOf(
  store: Parts['store'],
  { id, offset, limit }: { id: string; offset: number; limit: number },
) {
  const total = store.events.lastNumber(store.runs.get(id).id);
  const events = offset >= total ? [] : store.events.read(id, offset).slice(0, limit);
  return { total, lines: events.map(logLine) };
}

/** Puts runs into the bin. What waits is taken off the list of jobs; what goes on must be ended by the person first. */
export async function deleteRuns(
  { supervisor }: Parts,
  bin: Bin,
  ids: readonly string[],
): Promise<{ bytes: number; secondsToUndo: number }> {
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
  return { bytes: await bin.put(ids), secondsToUndo: bin.secondsToUndo };
}

/** A draft that repeats a run, or that tries a remedy of its assessment. */
export async function duplicate(parts: Parts, run: RunDetails, remedy: string | undefined): Promise<Draft> {
  const config = remedy === undefined ? run.config : await remedyOf(parts, run, remedy);
  return parts.store.drafts.save(undefined, await draftOf(parts, run, config));
}

/** The configuration of a remedy: a file that the assessment has written into the run's folder. */
async function remedyOf({ store }: Parts, run: RunDetails, name: string): Promise<Record<string, unknown>> {
  const remedy = store.assessments.get(run.id)?.remedies.find((one) => one.name === name);
  if (!remedy?.file)
    throw new AppError(
      'no-remedy',
      say`This run has no suggestion “${name}”.`,
      say`Compare it with the base model again.`,
    );
  // its folder may have moved since
  const file = path.join(run.folder, path.basename(path.dirname(remedy.file)), path.basename(remedy.file));
  try {
    return JSON.parse(await readFile(file, 'utf8'), toBundledPath) as Record<string, unknown>;
  } catch (cause) {
    const hint = say`Compare the run with the base model again.`;
    throw new AppError('no-remedy', say`The settings of this suggestion can't be read from ${file}.`, hint, {
      cause,
    });
  }
}

/** The report that an assessment has written. */
export async function report({ folder }: RunDetails): Promise<{ path: string; html: string }> {
  const file = path.join(folder, 'report.html');
  try {
    return { path: file, html: await readFile(file, 'utf8') };
  } catch (cause) {
    const hint = say`Compare the run with the base model to get one.`;
    throw new AppError('no-report', say`This run has no report.`, hint, { cause });
  }
}

/** The same as PDF in the file `out`, which gets the ending .pdf. */
export async function reportPdf({ host }: Pick<Parts, 'host'>, run: RunDetails, out: string) {
  const page = (await report(run)).path;
  if (!host.printPdf)
    throw new AppError(
      'no-pdf',
      say`Fettle can't write PDF files here.`,
      say`Print the report in your browser.`,
    );
  const file = out.toLowerCase().endsWith('.pdf') ? out : `${out}.pdf`;
  await host.printPdf(page, file);
  return { path: file };
}

const SECONDS_TO_UNDO = 10;

/** Deleted runs wait a moment for second thoughts; then their files go. */
export class Bin {
  readonly secondsToUndo: number;
  readonly #store: Parts['store'];
  readonly #log: Log;
  readonly #now: () => number;

  /** Empties what was put in before and is due; what is not yet gets its time. */
  constructor(store: Parts['store'], log: Log, { secondsToUndo = SECONDS_TO_UNDO, now = Date.now } = {}) {
    this.secondsToUndo = secondsToUndo;
    this.#store = store;
    this.#log = log;
    this.#now = now;
    if (store.runs.binnedBefore(now() + 1).length > 0) void this.empty().then(() => this.#later());
  }

  /** Puts runs in; returns the bytes that will be free when they go. */
  async put(ids: readonly string[]): Promise<number> {
    const { bytes } = await this.#store.runs.weigh(ids);
    this.#store.runs.bin(ids);
    this.#later();
    return bytes;
  }

  /** Deletes for good what has been in long enough. */
  async empty(): Promise<void> {
    try {
      const due = this.#store.runs.binnedBefore(this.#now() - this.secondsToUndo * 1000 + 1);
      if (due.length > 0) await this.#store.runs.purge(due);
    } catch (error) {
      // the store may have been closed meanwhile; what is left goes at the next start
      this.#log.failure('emptying the bin', error);
    }
  }

  #later(): void {
    setTimeout(() => void this.empty(), this.secondsToUndo * 1000 + 5).unref();
  }
}
