/** The list of jobs: kept in the store at each change, so that it outlives the process, and told to whoever watches. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Job } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { Store } from '../store/store.ts';
import { Bell } from './bell.ts';
import { isEnded, type JobRecord } from './queue.ts';

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
