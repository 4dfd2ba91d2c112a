/**
 * The queue of jobs, kept in the store at each change and told to whoever watches; their order as pure functions. One job runs at a time,
 * because each wants all cores and much of the memory; a short export runs beside it.
 */
import type { Job, JobState, RunDetails } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { EngineEvent, PhaseEvent, StepEvent } from '../../common/protocol/protocol.ts';
import { said, say } from '../../common/words/language.ts';
import { PHASES } from '../../common/words/run.ts';
import { Changes } from '../changes.ts';
import type { ExportConfig } from '../engine/config/config.ts';
import type { Store } from '../store/store.ts';

/** The part of a job's progress that holds while it rests. */
export type RestProgress = Pick<Job, 'fraction' | 'step' | 'steps'>;

type Kept = 'id' | 'kind' | 'isBlend' | 'runId' | 'name' | 'state' | 'startAt' | 'problem';

/** A job as it outlives the process. */
export interface JobRecord extends Pick<Job, Kept> {
  /** A training that has been started before: it goes on from its newest checkpoint, where there is one. */
  readonly resume: boolean;
  /** A training that is only to be brought to its end. */
  readonly finish: boolean;
  /** A comparison that asks everything. */
  readonly thorough?: boolean;
  /** For exports. */
  readonly export: ExportConfig | null;
  /** The engine's process while it runs. */
  readonly pid: number | null;
  /** How far it was when it was last heard of: of a training what its run says. Null before it begins. */
  readonly reached: RestProgress | null;
}

const ACTIVE: readonly JobState[] = ['starting', 'running', 'pausing', 'stopping'];
const ENDED: readonly JobState[] = ['done', 'failed'];

/** Whether the job has an engine. */
export function isActive({ state }: Pick<JobRecord, 'state'>): boolean {
  return ACTIVE.includes(state);
}

/** Whether nothing more will come of it by itself. */
export function isEnded({ state }: Pick<JobRecord, 'state'>): boolean {
  return ENDED.includes(state);
}

/** The job to start now: the first export that waits or whose time has come, for it takes a moment; else the first job that does. */
export function nextJob(records: readonly JobRecord[], now: number): JobRecord | null {
  const ready = records.filter((record) => isReady(record, now));
  return ready.find(({ kind }) => kind === 'export') ?? ready[0] ?? null;
}

/** The export to start now beside another job: of a run that no job works on, and for which `fits`. */
export function nextBeside(
  records: readonly JobRecord[],
  now: number,
  fits: (record: JobRecord) => boolean,
): JobRecord | null {
  const busy = new Set(records.filter(isActive).map(({ runId }) => runId));
  const exports = records.filter(({ kind, runId }) => kind === 'export' && !busy.has(runId));
  return exports.find((record) => isReady(record, now) && fits(record)) ?? null;
}

function isReady({ state, startAt }: JobRecord, now: number): boolean {
  if (state === 'waiting') return true;
  return state === 'scheduled' && startAt !== null && Date.parse(startAt) <= now;
}

/** Whether some job waits for its time. */
export function hasScheduled(records: readonly JobRecord[]): boolean {
  return records.some(({ state }) => state === 'scheduled');
}

/** The state of a job that is to start at `startAt`, or as soon as it can. */
export function waitingState(startAt: string | null, now: number): JobState {
  return startAt !== null && Date.parse(startAt) > now ? 'scheduled' : 'waiting';
}

/**
 * The records with those of `ids` in that order, in the places that they have taken up together; ids that are not there and
 * records that are not named stay as they are.
 */
export function reordered(records: readonly JobRecord[], ids: readonly string[]): JobRecord[] {
  const wanted = [...new Set(ids)].flatMap((id) => records.find((record) => record.id === id) ?? []);
  const named = new Set(wanted);
  return records.map((record) => (named.has(record) ? wanted.shift()! : record));
}

/** The key in the store. */
const KEY = 'queue';
/** At most ten lists a second. */
const WATCH_MS = 100;

export class JobTable {
  readonly #store: Store;
  readonly #changes = new Changes();
  #records: readonly JobRecord[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  /** All records in their order. */
  get all(): readonly JobRecord[] {
    return this.#records;
  }

  /** What the process before has left, ended jobs excepted. */
  kept(): JobRecord[] {
    return this.#store.kept.get<JobRecord[]>(KEY) ?? [];
  }

  /** Throws AppError('no-job'). */
  get(id: string): JobRecord {
    const found = this.#records.find((record) => record.id === id);
    if (found) return found;
    throw new AppError('no-job', say`This job has ended.`, say`Look for it in the history.`);
  }

  replace(records: readonly JobRecord[]): void {
    this.#records = records;
    this.#store.kept.set(
      KEY,
      records.filter((record) => !isEnded(record)),
    );
    this.touch();
  }

  add(record: JobRecord): void {
    this.replace([...this.#records, record]);
  }

  /** Changes a record and gives it back; one that is gone is left alone. */
  change(id: string, change: Partial<JobRecord>): void {
    this.replace(this.#records.map((record) => (record.id === id ? { ...record, ...change } : record)));
  }

  remove(id: string): void {
    this.replace(this.#records.filter((record) => record.id !== id));
  }

  /** Tells the watchers that something has changed that is not kept, such as progress. */
  touch(): void {
    this.#changes.tell();
  }

  /** The list that `list` gives, now and after each change, at most ten times a second. */
  watch(list: () => readonly Job[], signal?: AbortSignal): AsyncGenerator<readonly Job[]> {
    return this.#changes.watch(list, WATCH_MS, signal);
  }

  /** Ends what watches. */
  close(): void {
    this.#changes.close();
  }
}

export interface Progress extends Pick<Job, 'doing' | 'fraction' | 'step' | 'steps' | 'secondsLeft'> {
  /** Whether a training is over and its result is compared with the base model, which can be skipped. */
  readonly comparing: boolean;
  /** The share of the time that is the training's; null before anything is known of it. */
  readonly trainingShare: number | null;
  /** How long the comparison after a training takes; null before that is known. */
  readonly comparisonSeconds: number | null;
}

export const NO_PROGRESS: Progress = {
  doing: '',
  fraction: null,
  step: null,
  steps: null,
  secondsLeft: null,
  comparing: false,
  trainingShare: null,
  comparisonSeconds: null,
};

/** The training's share of the time before the comparison after it can be estimated. */
const USUAL_SHARE = 0.7;

export interface Work {
  readonly kind: 'train' | 'assess' | 'export';
  /** Whether a training is compared with the base model at its end. */
  readonly assess: boolean;
  /** Whether a training was asked to end early: of its steps none is left. */
  readonly isEnding?: boolean;
}

/** The progress of a training that is asked to end early: what is left is the comparison. */
export function ending(progress: Progress): Progress {
  return { ...progress, secondsLeft: progress.comparisonSeconds };
}

export function advanced(progress: Progress, event: EngineEvent, work: Work): Progress {
  switch (event.event) {
    case 'phase':
      return { ...progress, doing: doing(event), ...inPhase(progress, event, work) };
    case 'start':
      return {
        ...progress,
        doing: '',
        comparing: false,
        ...stepsOf(progress, event.stepsDone, event.steps, work),
      };
    case 'step':
      return afterStep(progress, event, work);
    case 'warning':
      return progress;
    case 'rescue':
      return { ...NO_PROGRESS, doing: say`Starting again with lighter settings` };
    default:
      return { ...progress, doing: '' };
  }
}

/** What goes on between steps, in words. */
export function doing({ phase, detail }: PhaseEvent): string {
  return detail ? `${said(PHASES[phase])}: ${detail}` : said(PHASES[phase]);
}

/** How far a training is that has no engine: as its run is recorded. */
export function recordedProgress({ step, steps, config }: RunDetails): RestProgress | null {
  return steps === null ? null : stepsOf(NO_PROGRESS, step, steps, { assess: config.assess === true });
}

function afterStep(progress: Progress, event: StepEvent, work: Work): Progress {
  const { step, steps, secondsLeft, assessmentSeconds = null } = event;
  const known = {
    ...progress,
    trainingShare: shareOf(event) ?? progress.trainingShare,
    comparisonSeconds: assessmentSeconds,
  };
  const taken = {
    ...known,
    doing: '',
    comparing: false,
    ...stepsOf(known, step, steps, work),
    secondsLeft: secondsLeft === null ? null : secondsLeft + (assessmentSeconds ?? 0),
  };
  return work.isEnding ? ending(taken) : taken;
}

/** How much of all the time is the training's, by what is left of it and of its steps. */
function shareOf({ step, steps, secondsLeft, assessmentSeconds }: StepEvent): number | null {
  if (secondsLeft === null || assessmentSeconds === undefined || step >= steps) return null;
  const training = secondsLeft / (1 - step / steps);
  return training / (training + assessmentSeconds);
}

/** The bar never goes back within a part of a run, though what is known of the comparison changes. */
function stepsOf(progress: Progress, step: number, steps: number, { assess }: Pick<Work, 'assess'>) {
  if (steps === 0) return { step, steps, fraction: null };
  const fraction = ((assess ? (progress.trainingShare ?? USUAL_SHARE) : 1) * step) / steps;
  const isOn = progress.step !== null && progress.step < step;
  return { step, steps, fraction: isOn ? Math.max(progress.fraction ?? 0, fraction) : fraction };
}

/** The parts of a training that are no steps do not move its bar, but for the comparison; other jobs have the fractions of their parts. */
function inPhase(
  { fraction, trainingShare, secondsLeft }: Progress,
  { phase, ...event }: PhaseEvent,
  { kind }: Work,
): Partial<Progress> {
  // what comes before the comparison is short, and would fill the bar once more
  if (kind === 'assess' && phase !== 'assess') return { fraction: null };
  if (kind !== 'train') return { fraction: event.fraction ?? null, secondsLeft: event.secondsLeft ?? null };
  if (phase !== 'assess') return {};
  const trained = Math.max(fraction ?? 0, trainingShare ?? USUAL_SHARE);
  const share = trainingShare ?? USUAL_SHARE;
  const reached = share + (1 - share) * (event.fraction ?? 0);
  return {
    comparing: true,
    fraction: Math.max(trained, reached),
    secondsLeft: event.secondsLeft ?? secondsLeft,
  };
}
