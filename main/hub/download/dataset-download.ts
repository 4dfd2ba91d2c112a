/** The files of one part of a data set, fetched as a model's are: in ranges, resumable, checked by hash, with the rules of the connection. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import type { Connection, Tuning } from '../connection.ts';
import { inDataWords, localName, type RemoteDataset } from '../datasets.ts';
import { newRecord, readRecord } from './record.ts';
import { Transfer } from './transfer.ts';

export interface DatasetDownload {
  readonly connection: Connection;
  readonly tuning: Tuning;
  readonly freeBytes: (folder: string) => Promise<number>;
  /** Where a state of a data set belongs. */
  readonly folder: string;
  readonly onProgress: (bytes: number, totalBytes: number) => void;
  readonly signal: AbortSignal;
}

/** Gives the paths of the files when all are here and right. Aborted, it keeps what has arrived for the next try. */
export async function downloadPart(
  { repo, revision, licence, parts }: RemoteDataset,
  partId: string,
  { connection, tuning, freeBytes, folder, onProgress, signal }: DatasetDownload,
): Promise<string[]> {
  const part = parts.find(({ id }) => id === partId);
  if (!part)
    throw new AppError(
      'hub-data-changed',
      say`${repo} has changed and has no part ${partId} any more.`,
      say`Search for it again.`,
    );
  const at = path.join(folder, createHash('sha256').update(partId).digest('hex').slice(0, 12));
  const remote = new Map(part.sources.map((file) => [localName(file.path), file.path]));
  const files = part.sources.map((file) => ({ ...file, path: localName(file.path) }));
  const plan = { repo, revision, licence, gguf: null, files };
  const transfer = new Transfer({
    ...{ connection, tuning, freeBytes, folder: at },
    record: (await readRecord(at)) ?? newRecord(plan, tuning.rangeBytes),
    urlOf: (file) => connection.fileUrl(`datasets/${repo}`, revision, remote.get(file.path) ?? file.path),
    onChange: () => onProgress(transfer.bytes, transfer.totalBytes),
  });
  await inDataWords(repo, () => transfer.run(signal));
  return files.map((file) => path.join(at, file.path));
}
