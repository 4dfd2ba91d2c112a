/**
 * The list of downloads: one runs, the others wait, because two at once only finish later. What is unfinished
 * is kept by the store and offered again after a start; nothing begins by itself then.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Download } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { Changes } from '../../changes.ts';
import { type Log, logIn } from '../../log.ts';
import type { Store } from '../../store/store.ts';
import type { Connection, Tuning } from '../connection.ts';
import {
  downloadId,
  type Entry,
  type KeptDownload,
  keptEntry,
  newEntry,
  problemOf,
  toKeep,
  toShow,
} from './list-entry.ts';
import { type Plan, planDownload } from './plan-download.ts';
import { type DownloadRecord, newRecord, readRecord } from './record.ts';
import { Transfer } from './transfer.ts';

interface DownloadsOptions {
  readonly store: Store;
  readonly connection: Connection;
  readonly tuning: Tuning;
  readonly freeBytes: (folder: string) => Promise<number>;
  /** Where a state of a model belongs. */
  readonly folderOf: (repo: string, revision: string) => string;
  /** Makes a complete folder known as a model and gives its id. */
  readonly register: (record: DownloadRecord, folder: string) => Promise<string>;
  /** Id of the model where that state of it is here already. */
  readonly known: (repo: string, revision: string) => string | null;
}

const KEPT = 'downloads';

export class Downloads {
  readonly #options: DownloadsOptions;
  readonly #changes = new Changes();
  readonly #log: Log;
  readonly #ready: Promise<void>;
  #entries: Entry[] = [];
  #working: Promise<void> | null = null;
  #closing = false;

  constructor(options: DownloadsOptions) {
    this.#options = options;
    this.#log = logIn(options.store);
    this.#ready = this.#takeUp();
  }

  /** Adds a download of `repo`, or gives the one that is there. Throws an AppError where the model cannot be had or used. */
  async add(repo: string, revision: string | undefined): Promise<Download> {
    await this.#ready;
    const plan = await planDownload(this.#options.connection, repo, revision);
    const found = this.#entries.find((entry) => entry.id === downloadId(plan.repo, plan.revision));
    if (found && (found.state !== 'done' || this.#isKnown(plan))) {
      if (found.state === 'paused' || found.state === 'failed') this.#queue(found);
      return toShow(found);
    }
    const entry = await this.#entryFor(plan);
    this.#entries = [...this.#entries.filter(({ id }) => id !== entry.id), entry];
    if (entry.state === 'waiting') this.#work();
    this.#changed();
    return toShow(entry);
  }

  async *watch(signal?: AbortSignal): AsyncGenerator<readonly Download[]> {
    await this.#ready;
    yield* this.#changes.watch(
      () => this.#entries.map((each) => toShow(each)),
      this.#options.tuning.reportMs,
      signal,
    );
  }

  pause(id: string): void {
    const entry = this.#find(id);
    if (entry.state !== 'waiting' && entry.state !== 'running') return;
    entry.state = 'paused';
    entry.stop?.abort();
    this.#changed();
  }

  resume(id: string): void {
    const entry = this.#find(id);
    if (entry.state === 'paused' || entry.state === 'failed') this.#queue(entry);
  }

  /** Takes it from the list; what has arrived of an unfinished one is deleted. */
  async cancel(id: string): Promise<void> {
    const entry = this.#find(id);
    const isDone = entry.state === 'done';
    this.#entries = this.#entries.filter((each) => each !== entry);
    entry.state = isDone ? 'done' : 'paused';
    entry.stop?.abort();
    this.#changed();
    await entry.settled;
    if (isDone || this.#isKnown(entry)) return;
    const folder = this.#options.folderOf(entry.repo, entry.revision);
    await fs.rm(folder, { recursive: true, force: true });
    await fs.rmdir(path.dirname(folder)).catch(() => {});
  }

  /** A model that was removed is no finished download any more. */
  forgetModel(modelId: string): void {
    this.#entries = this.#entries.filter((entry) => entry.modelId !== modelId);
    this.#changed();
  }

  /** Stops what runs, with a record of what has arrived. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#ready;
    for (const entry of this.#entries) {
      if (entry.state !== 'running' && entry.state !== 'waiting') continue;
      entry.state = 'paused';
      entry.stop?.abort();
    }
    await this.#working;
    this.#changed();
    this.#changes.close();
  }

  #queue(entry: Entry): void {
    entry.state = 'waiting';
    entry.problem = null;
    this.#changed();
    this.#work();
  }

  #work(): void {
    this.#working ??= this.#runAll().finally(() => {
      this.#working = null;
    });
  }

  async #runAll(): Promise<void> {
    for (let next = this.#nextWaiting(); next; next = this.#nextWaiting()) {
      next.settled = this.#run(next);
      await next.settled;
    }
  }

  #nextWaiting(): Entry | undefined {
    return this.#closing ? undefined : this.#entries.find(({ state }) => state === 'waiting');
  }

  async #run(entry: Entry): Promise<void> {
    const stop = new AbortController();
    Object.assign(entry, { stop, state: 'running' });
    entry.speed.reset();
    this.#changed();
    try {
      await this.#bring(entry, stop.signal);
      Object.assign(entry, { state: 'done', problem: null });
    } catch (error) {
      if (!stop.signal.aborted)
        Object.assign(entry, { state: 'failed', problem: this.#log.problem('a download', problemOf(error)) });
    } finally {
      entry.stop = null;
      this.#changed();
    }
  }

  async #bring(entry: Entry, signal: AbortSignal): Promise<void> {
    const { connection, tuning, freeBytes, folderOf, register } = this.#options;
    const folder = folderOf(entry.repo, entry.revision);
    entry.record ??= await this.#planAgain(entry);
    const { record } = entry;
    const hasMoved = () => folderOf(entry.repo, entry.revision) !== folder;
    const onChange = () => {
      entry.speed.note(transfer.bytes, Date.now());
      if (hasMoved()) startAgain(entry);
      this.#changes.tell();
    };
    const options = { connection, tuning, folder, record, freeBytes, onChange };
    const transfer = entry.transfer?.folder === folder ? entry.transfer : new Transfer(options);
    entry.transfer = transfer;
    try {
      await transfer.run(signal);
    } finally {
      if (hasMoved()) await fs.rm(folder, { recursive: true, force: true });
    }
    signal.throwIfAborted();
    entry.modelId = await register(record, folder);
  }

  async #planAgain(entry: Entry): Promise<DownloadRecord> {
    const { connection, tuning } = this.#options;
    const plan = await planDownload(connection, entry.repo, entry.revision);
    const record = newRecord(plan, tuning.rangeBytes);
    entry.totalBytes = record.files.reduce((sum, { bytes }) => sum + bytes, 0);
    return record;
  }

  async #entryFor(plan: Plan): Promise<Entry> {
    const { tuning, folderOf, known } = this.#options;
    const folder = folderOf(plan.repo, plan.revision);
    const entry = newEntry((await readRecord(folder)) ?? newRecord(plan, tuning.rangeBytes));
    const modelId = known(plan.repo, plan.revision);
    return modelId === null ? entry : Object.assign(entry, { state: 'done', modelId });
  }

  #isKnown({ repo, revision }: { readonly repo: string; readonly revision: string }): boolean {
    return this.#options.known(repo, revision) !== null;
  }

  #find(id: string): Entry {
    const found = this.#entries.find((entry) => entry.id === id);
    if (found) return found;
    throw new AppError('no-download', say`This download is not in the list any more.`, say`Start it again.`);
  }

  async #takeUp(): Promise<void> {
    const { store, folderOf } = this.#options;
    const kept = store.kept.get<readonly KeptDownload[]>(KEPT) ?? [];
    const entries = kept.map((each) => keptEntry(each, folderOf(each.repo, each.revision)));
    this.#entries = await Promise.all(entries);
  }

  /** Keeps the list and tells those who watch. */
  #changed(): void {
    const unfinished = this.#entries.filter(({ state }) => state !== 'done');
    try {
      this.#options.store.kept.set(KEPT, unfinished.map(toKeep));
    } catch {
      // the list is a convenience: what has arrived is recorded beside the files, and is found when asked for again
    }
    this.#changes.tell();
  }
}

/** The data folder was moved under a download: it goes on in the new place, with what was copied there and holds. */
function startAgain(entry: Entry): void {
  if (entry.state !== 'running') return;
  entry.state = 'waiting';
  entry.stop?.abort();
}
