/**
 * One download from its record to a complete folder. It may be aborted at any moment, and the process may be killed: the record
 * on disk says what is here, and the next run goes on from it.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError, systemError } from '../../../common/errors.ts';
import { makeFolder } from '../../folders.ts';
import type { Connection } from '../net/connection.ts';
import type { Tuning } from '../tuning.ts';
import { fetchFile, inParallel } from './fetch.ts';
import type { PartFile } from './part-file.ts';
import {
  bytesHere,
  bytesInAll,
  type DownloadRecord,
  RECORD,
  type RecordedFile,
  writeRecord,
} from './record.ts';

export interface TransferOptions {
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
      await inParallel(
        this.record.files,
        tuning.filesAtOnce,
        signal,
        (own) => (file) => this.#bring(file, own),
      );
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
    const common = { connection, tuning, folder, repo, url, signal, trusted, onOpen };
    await fetchFile({ ...common, name: file.path, bytes: file.bytes, onBytes: onChange }, file);
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
      `${this.record.repo} needs ${inGb(needed)} more on the disk of ${folder}, and ${inGb(free)} are free.`,
      'Free some space, or move the data folder to another disk in Settings; then resume the download.',
    );
  }
}

function inGb(bytes: number): string {
  return bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
