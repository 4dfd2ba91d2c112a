/** Rows from elsewhere become files in the data folder, where they are read like any other. */
import path from 'node:path';
import type { FetchProgress } from '../../common/api/contract.ts';
import type { Parts } from './parts.ts';
import { placeFor, UPLOADS } from './uploads.ts';

type Send = (news: FetchProgress) => void;

/** Downloads a part of a data set of the Hub. */
export async function getDataset(
  { hub, store }: Parts,
  { repo, part }: { readonly repo: string; readonly part: string },
  send: Send,
  signal: AbortSignal,
): Promise<void> {
  const onProgress = (bytes: number, totalBytes: number) => send({ kind: 'progress', bytes, totalBytes });
  const folder = path.join(store.folder, UPLOADS, 'hub');
  send({ kind: 'done', paths: await hub.downloadDataset(repo, part, { folder, onProgress, signal }) });
}

/** Fetches the file at an address. Only in a window does the person sit at this computer, and may name addresses of its network. */
export async function getAddress(
  { hub, store, host }: Parts,
  address: string,
  send: Send,
  signal: AbortSignal,
): Promise<void> {
  const file = await hub.fetchFile(address, {
    mayBePrivate: host.kind === 'electron',
    place: (name) => placeFor(path.join(store.folder, UPLOADS), name),
    onProgress: (bytes, totalBytes) => send({ kind: 'progress', bytes, totalBytes }),
    signal,
  });
  send({ kind: 'done', paths: [file] });
}
