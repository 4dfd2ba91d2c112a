/**
 * One download from its record to a complete folder: the ranges of each file side by side into a `.part`
 * file, then its hash, and only then its name. It may be aborted at any moment, and the process may be
 * killed: the next run goes on from the record on disk.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError, systemError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { makeFolder } from '../../folders.ts';
import { rename } from '../../rename.ts';
import type { Connection, Tuning } from '../connection.ts';
import { damaged, Passing, unreachable, withRetries } from '../hub-errors.ts';
import { fileMatches } from '../remote.ts';
import {
  adopt,
  bytesHere,
  bytesInAll,
  type DownloadRecord,
  forget,
  PartFile,
  type Range,
  RECORD,
  type RecordedFile,
  rangesOf,
  writeRecord,
} from './record.ts';

interface TransferOptions {
  readonly connection: Connection;
  readonly tuning: Tuning;
  readonly folder: string;
  readonly record: DownloadRecord;
  readonly freeBytes: (folder: string) => Promise<number>;
  /** Where a file comes from; left out: from the Hub. */
  readonly urlOf?: (file: RecordedFile) => string;
  readonly onChange: () => void;
}

export class Transfer {
  readonly record: DownloadRecord;
  readonly #options: TransferOptions;
  readonly #open = new Set<PartFile>();
  #recording: Promise<void> = Promise.resolve();
  #recorded = '';
  /** Files whose ranges this process has written or read again. */
  readonly #trusted = new Set<RecordedFile>();

  constructor(options: TransferOptions) {
    this.#options = options;
    this.record = options.record;
  }

  get folder(): string {
    return this.#options.folder;
  }

  get bytes(): number {
    return bytesHere(this.record);
  }

  get totalBytes(): number {
    return bytesInAll(this.record);
  }

  /** Resolves when every file is here and right. When aborted, what has arrived is recorded before it rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { folder, tuning } = this.#options;
    try {
      makeFolder(folder);
      await this.#requireSpace();
      await this.#save();
    } catch (error) {
      throw systemError(error, folder);
    }
    const timer = setInterval(() => void this.#save().catch(() => {}), tuning.recordMs);
    try {
      const bring = (file: RecordedFile, own: AbortSignal) => this.#bring(file, own);
      await inParallel(this.record.files, tuning.filesAtOnce, signal, bring);
    } finally {
      clearInterval(timer);
      await this.#save().catch(() => {});
    }
    await fs.rm(path.join(folder, RECORD), { force: true });
  }

  async #bring(file: RecordedFile, signal: AbortSignal): Promise<void> {
    const { connection, tuning, folder, urlOf, onChange } = this.#options;
    const { repo, revision } = this.record;
    let current: PartFile | null = null;
    const url = urlOf ? urlOf(file) : connection.fileUrl(repo, revision, file.path);
    const trusted = this.#trusted.has(file);
    const onOpen = (part: PartFile | null) => {
      if (current) this.#open.delete(current);
      if (part) this.#open.add(part);
      current = part;
      this.#trusted.add(file);
    };
    const source = { connection, tuning, repo, url, file, signal, onBytes: onChange };
    await fetchFile({ ...source, folder, trusted, onOpen });
    await this.#save();
    onChange();
  }

  /** One record at a time; what it counts was written before, and is flushed before it is counted. */
  #save(): Promise<void> {
    const next = this.#recording.then(async () => {
      const text = JSON.stringify(this.record);
      if (text === this.#recorded) return;
      await Promise.all([...this.#open].map((part) => part.sync()));
      await writeRecord(this.#options.folder, text);
      this.#recorded = text;
    });
    this.#recording = next.catch(() => {});
    return next;
  }

  async #requireSpace(): Promise<void> {
    const { folder, freeBytes, tuning } = this.#options;
    const needed = this.totalBytes - this.bytes + tuning.spareBytes;
    const free = await freeBytes(folder);
    if (needed <= free) return;
    throw new AppError(
      'disk-full',
      say`${this.record.repo} needs ${inGb(needed)} more on the disk of ${folder}, but only ${inGb(free)} are free.`,
      say`Free some space, or move the data folder to another disk in Settings. Then resume the download.`,
    );
  }
}

function inGb(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

interface FetchOptions extends Source {
  readonly folder: string;
  /** Whether the ranges were written by this process, and need not be read again. */
  readonly trusted: boolean;
  /** Given the open file while there is one, so that it can be flushed before what it holds is recorded. */
  readonly onOpen: (part: PartFile | null) => void;
}

/** Resolves when the file is in `folder` under its name, with the right hash. A wrong hash is given one more chance. */
async function fetchFile(options: FetchOptions): Promise<void> {
  const { file, signal } = options;
  const target = path.join(options.folder, file.path);
  if (file.checked && (await sizeOf(target)) === file.bytes) return;
  if (file.checked) forget(file);
  if ((await sizeOf(target)) === file.bytes && (await fileMatches(target, file, signal))) {
    adopt(file);
    return;
  }
  makeFolder(path.dirname(target));
  for (const trusted of [options.trusted, true]) {
    await fetchContent({ ...options, trusted }, `${target}.part`);
    if (await fileMatches(`${target}.part`, file, signal)) {
      await rename(`${target}.part`, target);
      adopt(file);
      return;
    }
    forget(file);
  }
  await fs.rm(`${target}.part`, { force: true });
  throw damaged(file.path, options.repo);
}

async function fetchContent(options: FetchOptions, partPath: string): Promise<void> {
  const part = await PartFile.open(partPath, options.file, options.trusted);
  options.onOpen(part);
  try {
    await fetchRanges(options, part);
  } finally {
    await part.sync().finally(() => {
      options.onOpen(null);
      return part.close();
    });
  }
}

async function fetchRanges(source: Source, part: PartFile): Promise<void> {
  const { file, tuning } = source;
  const each = (range: Range, signal: AbortSignal) => fetchRange({ ...source, signal }, part, range);
  try {
    await inParallel(file.ranges, tuning.rangesAtOnce, source.signal, each);
  } catch (error) {
    if (!(error instanceof NoRanges)) throw error;
    file.ranges = rangesOf(file.bytes, Math.max(file.bytes, 1));
    await inParallel(file.ranges, 1, source.signal, each);
  }
}

async function sizeOf(file: string): Promise<number | null> {
  const stats = await fs.lstat(file).catch(() => null);
  return stats?.isFile() ? stats.size : null;
}

/** Thrown where a server answers with the whole file instead of the range: then the file comes in one piece. */
class NoRanges extends Error {}

interface Source {
  readonly connection: Connection;
  readonly tuning: Tuning;
  readonly repo: string;
  readonly url: string;
  readonly file: RecordedFile;
  readonly signal: AbortSignal;
  readonly onBytes: () => void;
}

/** Resolves when `range` is whole. A connection that is cut costs the time to make a new one, and no byte that is here. */
async function fetchRange(source: Source, part: PartFile, range: Range): Promise<void> {
  const what = say`Downloading ${source.file.path} of ${source.repo}`;
  await withRetries(() => receive(source, part, range, what), {
    tuning: source.tuning,
    signal: source.signal,
    reached: () => range.done,
    giveUp: (cause) => unreachable(what, cause, source.connection.proxy),
  });
}

async function receive(source: Source, part: PartFile, range: Range, what: string): Promise<void> {
  const first = range.start + range.done;
  if (first === range.end) return;
  const isWhole = first === 0 && range.end === source.file.bytes;
  const headers = {
    // a compressed answer would have another length and no ranges
    'accept-encoding': 'identity',
    ...(!isWhole && { range: `bytes=${first}-${range.end - 1}` }),
  };
  const { repo, signal } = source;
  const response = await source.connection.get(source.url, headers, { what, repo, signal });
  try {
    checkRange(response, first, range, source);
    await copy(response, source, part, range);
  } finally {
    if (range.start + range.done < range.end) await response.body?.cancel().catch(() => {});
  }
}

async function copy(response: Response, source: Source, part: PartFile, range: Range): Promise<void> {
  for await (const chunk of response.body ?? []) {
    source.signal.throwIfAborted();
    if (range.start + range.done + chunk.length > range.end)
      throw new Passing(say`the server sent more than the file has`);
    await part.append(range, chunk);
    source.onBytes();
  }
  if (range.start + range.done < range.end) throw new Passing(say`the connection was cut`);
}

function checkRange(
  { status, headers }: Response,
  first: number,
  range: Range,
  { file: { bytes } }: Source,
): void {
  if (status === 206) {
    const said = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers.get('content-range') ?? '');
    const fits =
      said &&
      Number(said[1]) === first &&
      Number(said[2]) < range.end &&
      [String(bytes), '*'].includes(said[3]!);
    if (!fits) throw new Passing(say`the server sent another part of the file`);
    return;
  }
  if (first !== 0 || range.end !== bytes) throw new NoRanges();
}

/** Does `work` on every item, at most `most` at once; the signal that it gets ends with the first failure. Resolves when nothing runs any more. */
export async function inParallel<T>(
  items: readonly T[],
  most: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const own = new AbortController();
  const either = AbortSignal.any([signal, own.signal]);
  const waiting = items.values();
  let failure: { readonly error: unknown } | null = null;
  const worker = async () => {
    for (const item of waiting) {
      if (failure || signal.aborted) return;
      try {
        await work(item, either);
      } catch (error) {
        failure ??= { error };
        own.abort();
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  signal.throwIfAborted();
  if (failure) throw (failure as { readonly error: unknown }).error;
}
