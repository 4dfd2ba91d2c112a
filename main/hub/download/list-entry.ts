/**
 * A download as the list knows it: what is kept between two starts of the app, and what those who watch are
 * shown.
 */
import { createHash } from 'node:crypto';
import type { Download, DownloadState } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { withoutSecrets } from '../../log.ts';
import { bytesHere, bytesInAll, type DownloadRecord, readRecord } from './record.ts';
import type { Transfer } from './transfer.ts';

export interface Entry {
  readonly id: string;
  readonly repo: string;
  readonly revision: string;
  state: DownloadState;
  problem: Download['problem'];
  modelId: string | null;
  /** Null where its record could not be read: then it is planned again. */
  record: DownloadRecord | null;
  totalBytes: number;
  /** Once it has run: it knows what it has written itself. */
  transfer: Transfer | null;
  readonly speed: Speed;
  /** While it runs. */
  stop: AbortController | null;
  settled: Promise<void>;
}

/** What is kept by the store. */
export type KeptDownload = Readonly<
  Pick<Entry, 'id' | 'repo' | 'revision' | 'state' | 'problem' | 'totalBytes'>
>;

/** One state of one model has one id, whenever it is asked for. */
export function downloadId(repo: string, revision: string): string {
  return createHash('sha256').update(`${repo}@${revision}`).digest('hex').slice(0, 20);
}

export function newEntry(record: DownloadRecord): Entry {
  const { repo, revision } = record;
  return { ...blank(repo, revision), record, totalBytes: bytesInAll(record) };
}

/** A download of an earlier start of the app, offered to go on. */
export async function keptEntry(kept: KeptDownload, folder: string): Promise<Entry> {
  const { repo, revision, totalBytes } = kept;
  const record = await readRecord(folder);
  const state = kept.state === 'failed' ? 'failed' : 'paused';
  return { ...blank(repo, revision), state, problem: kept.problem, record, totalBytes };
}

function blank(repo: string, revision: string): Omit<Entry, 'record' | 'totalBytes'> {
  const empty = { problem: null, modelId: null, transfer: null, stop: null, settled: Promise.resolve() };
  return { id: downloadId(repo, revision), repo, revision, state: 'waiting', speed: new Speed(), ...empty };
}

export function toKeep({ id, repo, revision, state, problem, totalBytes }: Entry): KeptDownload {
  return { id, repo, revision, state, problem, totalBytes };
}

/** As people see it. */
export function toShow(entry: Entry): Download {
  const { id, repo, revision, problem, modelId, totalBytes } = entry;
  const bytes = entry.state === 'done' ? totalBytes : entry.record ? bytesHere(entry.record) : 0;
  const isRunning = entry.state === 'running';
  const state = isRunning && bytes === totalBytes ? 'checking' : entry.state;
  const perSecond = isRunning ? entry.speed.perSecond(Date.now()) : null;
  const secondsLeft = perSecond ? (totalBytes - bytes) / perSecond : null;
  return {
    id,
    repo,
    revision,
    state,
    bytes,
    totalBytes,
    bytesPerSecond: perSecond,
    secondsLeft,
    problem,
    modelId,
  };
}

/** What was thrown, as people see it. */
export function problemOf(error: unknown): NonNullable<Download['problem']> {
  if (error instanceof AppError) return { code: error.code, message: error.message, hint: error.hint };
  const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
  return {
    code: 'internal',
    message,
    details: withoutSecrets(stack),
    hint: say`Try again. If it happens again, report it: this looks like a bug in Fettle.`,
  };
}

const WINDOW_MS = 10_000;
const SHORTEST_MS = 1000;

export class Speed {
  #samples: { readonly at: number; readonly bytes: number }[] = [];

  /** Notes that `bytes` are here at the time `at`, in milliseconds. */
  note(bytes: number, at: number): void {
    const last = this.#samples.at(-1);
    if (last && bytes < last.bytes) this.#samples = [];
    if (last && at - last.at < 100) return;
    this.#samples.push({ at, bytes });
    while (at - this.#samples[0]!.at > WINDOW_MS) this.#samples.shift();
  }

  /** Bytes a second at the time `at`; null until there is enough to tell. */
  perSecond(at: number): number | null {
    const first = this.#samples.find((sample) => at - sample.at <= WINDOW_MS);
    const last = this.#samples.at(-1);
    if (!first || !last || at - first.at < SHORTEST_MS) return null;
    return ((last.bytes - first.bytes) * 1000) / (at - first.at);
  }

  reset(): void {
    this.#samples = [];
  }
}
