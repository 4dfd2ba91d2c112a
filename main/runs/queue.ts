/**
 * The queue: jobs as they outlive the process, their order as pure functions, and the table of them, which is kept in the store at
 * each change and told to whoever watches. One job runs at a time, for each wants all cores and much of the memory.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Job, JobKind, JobState, Problem } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { ExportConfig } from '../engine/config/config.ts';
import type { Store } from '../store/store.ts';

/** The part of a job's progress that holds while it rests. */
export interface Reached {
  readonly fraction: number | null;
  readonly step: number | null;
  readonly steps: number | null;
}

/** A job as it outlives the process. */
export interface JobRecord {
  readonly id: string;
  readonly kind: JobKind;
  /** A training without steps, whose run is made of another one. */
  readonly isBlend?: true;
  readonly runId: string;
  readonly name: string;
  readonly state: JobState;
  /** ISO 8601. */
  readonly startAt: string | null;
  /** A training that has been started before: it goes on from its newest checkpoint, where there is one. */
  readonly resume: boolean;
  /** A training that is only to be brought to its end. */
  readonly finish: boolean;
  /** For exports. */
  readonly export: ExportConfig | null;
  readonly problem: Problem | null;
  /** The engine's process while it runs. */
  readonly pid: number | null;
  /** How far it was when it was last heard of: of a training what its run says. Null before it begins. */
  readonly reached: Reached | null;
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

/** The job to start now: none while one goes on, else the first that waits or whose time has come. */
export function nextJob(records: readonly JobRecord[], now: number): JobRecord | null {
  if (records.some(isActive)) return null;
  return records.find((record) => isReady(record, now)) ?? null;
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

/** Wakes whoever waits for something to change; what changed they look up themselves, so that nothing is told twice. */
export class Bell {
  readonly #waiting = new Set<() => void>();

  /** Wakes all that wait now. */
  ring(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of all) wake();
  }

  /** Resolves at the next ring, or when `signal` is aborted. Look at the state and call this without awaiting in between. */
  wait(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake, { once: true });
    });
  }
}

/** The key in the store. */
const KEY = 'queue';
/** At most ten lists a second. */
const WATCH_MS = 100;

export class JobTable {
  readonly #store: Store;
  readonly #changed = new Bell();
  #records: readonly JobRecord[] = [];
  #version = 0;
  #closed = false;

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
    throw new AppError(
      'no-job',
      'There is no such job any more.',
      'It may have ended, or have been taken from the list: look into the history.',
    );
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
    this.#version++;
    this.#changed.ring();
  }

  /** The list that `list` gives, now and after each change, at most ten times a second. */
  async *watch(list: () => readonly Job[], signal?: AbortSignal): AsyncGenerator<readonly Job[]> {
    let seen = -1;
    while (!signal?.aborted) {
      if (seen === this.#version) {
        if (this.#closed) return;
        await this.#changed.wait(signal);
        continue;
      }
      seen = this.#version;
      yield list();
      await pause(WATCH_MS, undefined, signal && { signal }).catch(() => {});
    }
  }

  /** Ends what watches. */
  close(): void {
    this.#closed = true;
    this.#changed.ring();
  }
}
