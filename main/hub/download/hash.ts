/** Whether content is what the Hub says it is, by the hash that came with the list of files. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { RemoteFile } from '../remote.ts';

/** Whether `chunks` in a row are the file. */
export function matches(file: RemoteFile, chunks: Iterable<Uint8Array>): boolean {
  const hash = begin(file);
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex') === file.hash.value;
}

/** Whether the file at `path` is `file`; it is read once from beginning to end. */
export async function fileMatches(path: string, file: RemoteFile, signal: AbortSignal): Promise<boolean> {
  const hash = begin(file);
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20, signal })) hash.update(chunk);
  return hash.digest('hex') === file.hash.value;
}

/** Git hashes `blob <size>\0` before the content. */
function begin({ hash, bytes }: RemoteFile): Hash {
  if (hash.kind === 'sha256') return createHash('sha256');
  return createHash('sha1').update(`blob ${bytes}\0`);
}
