/** The searches of settings of the application: their trainings are jobs of the queue, what is known of them is kept in the store. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { CallInput, Draft, Problem, RunDetails, RunRequest } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import type { SearchPlan, SearchState, SettingsSearch } from '../../../common/extras/search/calls.ts';
import type { TriedSettings } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { readGrounds } from '../../app/grounds.ts';
import { train } from '../../app/jobs.ts';
import type { Parts } from '../../app/parts.ts';
import { configOf, draftOf } from '../../app/run-config.ts';
import { shortId } from '../../app/uploads.ts';
import { Changes } from '../../changes.ts';
import type { RunConfig } from '../../engine/config/config.ts';
import { type Log, logIn } from '../../log.ts';
import { estimate } from '../../plan/estimate.ts';
import { describedOnPage } from '../../runs/problems.ts';
import { lossAt } from '../../store/events.ts';
import { searchAround } from './search-here.ts';
import {
  type Outcome,
  plannedTries,
  restSeconds,
  searchOn,
  searchSeconds,
  searchTag,
  standingOf,
  tryChanges,
} from './settings-search.ts';

/** A search as it outlives the process. */
interface Kept {
  readonly id: string;
  readonly created: string;
  readonly state: SearchState;
  readonly problem: Problem | null;
  readonly request: RunRequest;
  readonly trainsBest: boolean;
  readonly tried: readonly TriedSettings[];
  /** Taken from the list by the person; kept because its runs are still there to be repeated. */
  readonly isForgotten?: true;
}

/** What a search sets itself while it tries settings; undefined stands for the usual value. */
type Schedule = Readonly<Record<'evalEvery' | 'earlyStopping', unknown>>;

interface Going {
  readonly stop: AbortController;
  current: number | null;
  ended: Promise<void>;
}

type Needed = Pick<Parts, 'store' | 'engine' | 'supervisor' | 'allowed'>;

/** The key in the store, and how many are kept. */
const KEY = 'settings-searches';
const MOST_KEPT = 30;
const WATCH_MS = 500;
/** Why a search is stopped that goes on with the next process. */
const CLOSING = 'closing';

export class SettingsSearches {
  readonly #parts: Needed;
  readonly #changes = new Changes();
  readonly #log: Log;
  /** Of those that go on now: what stops them, and the number of what trains. */
  readonly #going = new Map<string, Going>();

  constructor(parts: Needed) {
    this.#parts = parts;
    this.#log = logIn(parts.store);
  }

  /** What a search would try, and how long that takes. */
  async plan({ request, tries }: CallInput<'search', 'plan'>): Promise<SearchPlan> {
    const tried = await this.#planned(request, tries);
    return { tried, seconds: searchSeconds(tried), restSeconds: restSeconds(tried) };
  }

  async start({
    request,
    tries,
    trainsBest,
    draftId,
  }: CallInput<'search', 'start'>): Promise<{ id: string }> {
    const { store } = this.#parts;
    const tried = await this.#planned(request, tries);
    const created = new Date().toISOString();
    const one: Kept = { id: shortId(), created, state: 'running', problem: null, request, trainsBest, tried };
    this.#write([one, ...this.#read()].slice(0, MOST_KEPT));
    if (draftId !== undefined) store.drafts.discard(draftId);
    this.#drive(one.id);
    return { id: one.id };
  }

  watch(signal?: AbortSignal): AsyncGenerator<readonly SettingsSearch[]> {
    return this.#changes.watch(() => this.list(), WATCH_MS, signal);
  }

  list(): SettingsSearch[] {
    return this.#listed().map((one) => {
      const { id, created, state, problem, request, trainsBest, tried } = one;
      const { going, ranking } = standingOf(tried);
      const current = this.#going.get(id)?.current ?? null;
      const about = { id, created, state, problem, trainsBest, tried, name: request.name };
      return { ...about, going, ranking, current, secondsLeft: searchSeconds(tried) };
    });
  }

  /** Stops a search; its training is paused, and what was found is kept. */
  stop(id: string): void {
    this.#get(id);
    this.#going.get(id)?.stop.abort();
  }

  resume(id: string): void {
    const { state, tried } = this.#get(id);
    if (state !== 'stopped' && state !== 'failed') return;
    const training = this.#parts.supervisor.list().map(({ runId }) => runId);
    if (tried.some(({ run }) => run !== null && training.includes(run)))
      throw new AppError(
        'search-busy',
        say`The best settings are training now.`,
        say`Wait for the end, or cancel that training first.`,
      );
    this.#change(id, { state: 'running', problem: null });
    this.#drive(id);
  }

  /** Puts the best so far into the queue, to be trained to its end as the plan had it. */
  async trainBest(id: string): Promise<{ runId: string }> {
    const { store, supervisor } = this.#parts;
    const best = this.#best(id);
    this.stop(id);
    // what trains now may be the best one, and is paused first
    await this.#going.get(id)?.ended;
    const { name, config } = await this.#whole(id, best);
    const run = store.runs.update(best, { name, config });
    if (run.done === null) supervisor.resumeRun(run);
    return { runId: run.id };
  }

  /** A draft with the best settings so far, for whoever wants to change something before it is trained. */
  async draft(id: string): Promise<Draft> {
    const { store } = this.#parts;
    const run = await this.#whole(id, this.#best(id));
    const content = draftOf(this.#parts, run, { ...run.config });
    return store.drafts.save(undefined, content);
  }

  forget(id: string): void {
    this.stop(id);
    this.#change(id, { isForgotten: true });
  }

  /** Goes on with those that went on when the process before ended. Call it after the supervisor's. */
  recover(): void {
    for (const { id, state } of this.#listed()) if (state === 'running') this.#drive(id);
  }

  /** Lets go of all of them: the next process goes on. */
  close(): void {
    for (const { stop } of this.#going.values()) stop.abort(CLOSING);
    this.#changes.close();
  }

  #best(id: string): string {
    const { tried } = this.#get(id);
    const best = tried[standingOf(tried).ranking[0]!]!;
    if (best.run !== null && best.losses.length > 0 && !best.losses.includes(null)) return best.run;
    throw new AppError(
      'nothing-found',
      say`No settings have been compared yet.`,
      say`Let the search go on for a while.`,
    );
  }

  /** A run of the search as the plan has it: measured as often, and ended as early. */
  async #whole(id: string, runId: string) {
    const { request } = this.#get(id);
    const { evalEvery, earlyStopping } = await this.#configOf(request);
    const run = this.#parts.store.runs.get(runId);
    const config = { ...run.config, evalEvery, earlyStopping } as unknown as RunConfig;
    return { ...run, name: request.name, config };
  }

  async #planned(request: RunRequest, tries: number): Promise<TriedSettings[]> {
    const { store, engine } = this.#parts;
    const config = await this.#configOf(request);
    const known = readGrounds(store);
    return plannedTries(config, {
      tries,
      figures: async (changes) => {
        const changed = await this.#configOf({ ...request, settings: { ...request.settings, ...changes } });
        const plan = await engine.plan(changed);
        return { ...plan, estimate: estimate(plan, known.of(plan.executor, plan.device)) };
      },
    });
  }

  async #configOf(request: RunRequest): Promise<RunConfig> {
    return (await configOf(this.#parts, request, path.join(this.#parts.store.folder, 'runs', 'plan'))).config;
  }

  #drive(id: string): void {
    const going: Going = { stop: new AbortController(), current: null, ended: Promise.resolve() };
    this.#going.set(id, going);
    going.ended = this.#search(id, going)
      .then((isDone): Partial<Kept> => ({ state: isDone ? 'done' : 'stopped' }))
      .catch(
        (error): Partial<Kept> => ({
          state: 'failed',
          problem: this.#log.problem('a search of settings', describedOnPage(error)),
        }),
      )
      .then(async (end) => {
        this.#going.delete(id);
        // a process that ends leaves it going on, for the next one
        if (going.stop.signal.reason === CLOSING) return;
        this.#change(id, end);
        const known = this.#listed().find((one) => one.id === id);
        if (known?.state === 'done' && known.trainsBest) await this.trainBest(id);
      })
      .catch((error) => console.error('A search of settings could not be ended:', error));
  }

  async #search(id: string, going: Going): Promise<boolean> {
    const { isDone } = await searchOn(this.#get(id).tried, {
      train: (candidate, step) => {
        going.current = candidate;
        this.#changes.tell();
        return this.#train(id, candidate, step, going.stop.signal);
      },
      keep: async (tried) => this.#change(id, { tried }),
      drop: (candidate) => this.#drop(this.#get(id).tried[candidate]!),
    });
    return isDone;
  }

  /** Trains a candidate until the evaluation at `step`, and pauses it there. */
  async #train(id: string, candidate: number, step: number, signal: AbortSignal): Promise<Outcome> {
    const { store, supervisor } = this.#parts;
    if (signal.aborted) return 'stopped';
    const run = store.runs.get(this.#get(id).tried[candidate]!.run ?? (await this.#begin(id, candidate)));
    const after = store.events.lastNumber(run.id);
    const known = lossAt(run.folder, step);
    if (known !== null) {
      // the process before may have died between the comparison and the pause
      await this.#rest(run.id);
      return { loss: known, run: run.id };
    }
    const goesOn = supervisor
      .list()
      .some(({ runId, state }) => runId === run.id && state !== 'paused' && state !== 'failed');
    if (!goesOn) supervisor.resumeRun(run);
    for await (const { event } of supervisor.events(run.id, after, signal)) {
      if (event.event !== 'eval' || event.step < step) continue;
      await this.#rest(run.id);
      return { loss: event.loss, run: run.id };
    }
    if (signal.reason === CLOSING) return 'stopped';
    await this.#rest(run.id);
    return endOf(store.runs.get(run.id));
  }

  async #begin(id: string, candidate: number): Promise<string> {
    const { request, tried } = this.#get(id);
    const changes = tryChanges(await this.#configOf(request), tried[candidate]!);
    const settings = { ...request.settings, ...changes };
    const name = `${request.name.slice(0, 180)}, ${say`try ${candidate + 1}`}`;
    const { runId } = await train(this.#parts, {
      request: { ...request, name, settings },
      tags: [searchTag(request.name)],
    });
    const begun = this.#get(id).tried.map((one, i) => (i === candidate ? { ...one, run: runId } : one));
    this.#change(id, { tried: begun });
    return runId;
  }

  /** Takes the job of a run out of the queue; the run can go on from where it is. */
  async #rest(runId: string): Promise<void> {
    const { supervisor } = this.#parts;
    const job = supervisor.list().find((one) => one.runId === runId && one.kind === 'train');
    if (!job) return;
    if (job.state !== 'done' && job.state !== 'failed') await supervisor.pause(job.id);
    supervisor.dismiss(job.id);
  }

  /** A candidate that is out keeps its curves and loses its checkpoints, which may be large. */
  async #drop({ run }: TriedSettings): Promise<void> {
    const { store } = this.#parts;
    const found = run === null ? null : store.runs.find(run);
    if (!found) return;
    if (found.state === 'paused') store.runs.update(found.id, { state: 'stopped' });
    await rm(path.join(found.folder, 'checkpoints'), { recursive: true, force: true });
  }

  #read(): readonly Kept[] {
    return keptIn(this.#parts.store);
  }

  #listed(): readonly Kept[] {
    return this.#read().filter(({ isForgotten }) => !isForgotten);
  }

  #write(all: readonly Kept[]): void {
    this.#parts.store.kept.set(KEY, all);
    this.#changes.tell();
  }

  #get(id: string): Kept {
    const found = this.#listed().find((one) => one.id === id);
    if (found) return found;
    throw new AppError(
      'no-search',
      say`This search is not here any more.`,
      say`Look for its runs in the history.`,
    );
  }

  #change(id: string, change: Partial<Kept>): void {
    this.#write(this.#read().map((one) => (one.id === id ? { ...one, ...change } : one)));
  }
}

const keptIn = (store: Parts['store']): readonly Kept[] => store.kept.get<Kept[]>(KEY) ?? [];

/** How often the person wanted `run` measured and when ended, where it was made to be tried in a search; null for other runs. */
export async function planOfTry(store: Parts['store'], { id, folder }: RunDetails): Promise<Schedule | null> {
  const search = keptIn(store).find(({ tried }) => tried.some(({ run }) => run === id));
  const settings: Partial<Schedule> | undefined =
    search?.request.settings ?? (await searchAround(folder))?.config;
  if (settings === undefined) return null;
  return { evalEvery: settings.evalEvery ?? undefined, earlyStopping: settings.earlyStopping ?? undefined };
}

/** How a training ended that did not come to its comparison: too high a rate is an answer, all else ends the search. */
function endOf({ id, problem }: RunDetails): Outcome {
  if (problem === null) return 'stopped';
  if (problem.code === 'diverged') return { loss: null, run: id };
  throw new AppError(problem.code, problem.message, problem.hint);
}
