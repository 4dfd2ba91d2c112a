/**
 * Brings a pack: room on the disk first, then the archives, resumed from what an earlier try left,
 * then the libraries out of them, and the folder's name last. Whenever it ends early, the next call goes on.
 */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError, systemError } from '../../common/errors.ts';
import type { ExtraPack } from '../../common/extras/pack.ts';
import * as extras from '../../common/extras/packs.ts';
import { say } from '../../common/words/language.ts';
import { makeFolder } from '../folders.ts';
import type { Connection, Tuning } from '../hub/connection.ts';
import { bytesHere, type DownloadRecord, newRecord, readRecord } from '../hub/download/record.ts';
import { Transfer } from '../hub/download/transfer.ts';
import { takeOwnLock } from '../locks.ts';
import { rename } from '../rename.ts';
import {
  LABEL,
  type Pack,
  type PackArchive,
  type PackMember,
  type PackName,
  packBytes,
  packFolder,
  packState,
  partFolder,
} from './pack.ts';
import { unpacker } from './unpacked.ts';

export interface PackProgress {
  readonly doing: 'downloading' | 'unpacking';
  /** Of `totalBytes` of the archives, those that have arrived, or were unpacked. */
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface InstallOptions {
  readonly pack: Pack;
  /** The folder of all packs. */
  readonly packs: string;
  readonly connection: Connection;
  readonly tuning: Tuning;
  readonly freeBytes: (folder: string) => Promise<number>;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: PackProgress) => void;
}

/** Resolves with the pack's folder when the pack is whole. Throws an AppError; when aborted, the signal's reason. */
export async function installPack(options: InstallOptions): Promise<string> {
  const { pack, packs } = options;
  const state = await packState(packs, pack);
  if (state.kind === 'ready') return state.folder;
  const part = partFolder(packs, pack.name);
  makeFolder(part);
  const release = holdPart(part);
  try {
    const record = await recordFor(part, pack, options.tuning);
    await requireRoom(options, bytesHere(record));
    await download(options, record, part);
    await unpack(options, part);
    return await putInPlace(packs, pack);
  } finally {
    await release();
  }
}

const EXTRAS: Readonly<Partial<Record<string, ExtraPack>>> = extras;

function called(name: PackName): string {
  if (name === 'ggml') return say`the Vulkan pack`;
  return EXTRAS[name]?.called() ?? say`the speed pack`;
}

/** What is recorded of an earlier try, where it is of the same archives. */
async function recordFor(part: string, pack: Pack, tuning: Tuning): Promise<DownloadRecord> {
  const files = pack.archives.map(({ file, bytes, sha256 }) => ({
    path: file,
    bytes,
    hash: { kind: 'sha256' as const, value: sha256 },
  }));
  const plan = { repo: called(pack.name), revision: pack.release, licence: null, gguf: null, files };
  const fresh = newRecord(plan, tuning.rangeBytes);
  const found = await readRecord(part);
  const contents = (record: DownloadRecord) =>
    JSON.stringify(record.files.map(({ path: name, hash, bytes }) => [name, hash.value, bytes]));
  return found !== null && contents(found) === contents(fresh) ? found : fresh;
}

/** Archives and libraries are there together for a moment. */
async function requireRoom({ pack, packs, tuning, freeBytes }: InstallOptions, here: number): Promise<void> {
  const { download: all, disk } = packBytes(pack);
  const needed = all - here + disk + tuning.spareBytes;
  const free = await freeBytes(packs);
  if (needed <= free) return;
  throw new AppError(
    'disk-full',
    say`The pack needs ${inGb(needed)} on the disk of ${packs} while it is unpacked, but only ${inGb(free)} are free.`,
    say`Free some space, or move the data folder to another disk in Settings. Then get the pack again.`,
  );
}

const inGb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;

async function download(options: InstallOptions, record: DownloadRecord, part: string): Promise<void> {
  const { pack, connection, tuning, freeBytes, signal, onProgress } = options;
  const urls = new Map(pack.archives.map(({ file, url }) => [file, url]));
  const transfer: Transfer = new Transfer({
    connection,
    tuning,
    record,
    freeBytes,
    folder: part,
    urlOf: ({ path: name }) => urls.get(name)!,
    onChange: () =>
      onProgress({ doing: 'downloading', bytes: transfer.bytes, totalBytes: transfer.totalBytes }),
  });
  try {
    await transfer.run(signal);
  } catch (error) {
    throw inPackWords(error, pack);
  }
}

/** The network part speaks of models of the Hub. */
function inPackWords(error: unknown, { archives }: Pack): unknown {
  if (
    !(error instanceof AppError) ||
    !['hub-model-not-found', 'hub-answer', 'model-gated'].includes(error.code)
  )
    return error;
  const { host } = new URL(archives[0]!.url);
  return new AppError(
    'pack-unreachable',
    say`Part of the pack could not be downloaded from ${host}.`,
    say`Check that your network lets https://${host} through, and try again. The download resumes where it stopped.`,
    { cause: error },
  );
}

async function unpack(options: InstallOptions, part: string): Promise<void> {
  const { pack, signal, onProgress } = options;
  const ready = path.join(part, 'ready');
  await fs.rm(ready, { recursive: true, force: true });
  await fs.mkdir(ready);
  const totalBytes = packBytes(pack).download;
  let bytes = 0;
  for (const archive of pack.archives) {
    const file = path.join(part, archive.file);
    await unpackArchive(archive, file, ready, signal, (more) => {
      bytes += more;
      onProgress({ doing: 'unpacking', bytes, totalBytes });
    });
  }
  signal.throwIfAborted();
  await fs.writeFile(path.join(ready, LABEL), `${JSON.stringify({ [pack.name]: pack.release })}\n`, {
    flush: true,
  });
}

/** An older pack makes room by a rename, so that there is no moment without one for long. */
async function putInPlace(packs: string, { name, archives }: Pack): Promise<string> {
  const folder = packFolder(packs, name);
  const part = partFolder(packs, name);
  const old = `${folder}.old-${randomBytes(4).toString('hex')}`;
  const hadOne = await rename(folder, old).then(
    () => true,
    () => false,
  );
  await rename(path.join(part, 'ready'), folder);
  if (hadOne) await fs.rm(old, { recursive: true, force: true });
  await Promise.all(archives.map(({ file }) => fs.rm(path.join(part, file), { force: true })));
  return folder;
}

const LOCK = 'process';

/** Takes the folder `part` for this process; the result gives it back and deletes the folder where nothing is left in it. */
function holdPart(part: string): () => Promise<void> {
  const file = path.join(part, LOCK);
  const pid = takeOwnLock(file);
  if (pid !== null)
    throw new AppError(
      'pack-busy',
      say`Another Fettle is downloading this pack (process ${pid}).`,
      say`Wait until that has ended, or stop it.`,
    );
  return async () => {
    await fs.rm(file, { force: true });
    await fs.rmdir(part).catch(() => {});
  };
}

const PIECE_BYTES = 2 ** 18;

/**
 * Writes the members of `archive`, which lies at `file`, into the folder `into`. `onBytes` hears how many
 * bytes of the archive were read. Throws `AppError('pack-damaged')` where one is missing or has other
 * content.
 */
async function unpackArchive(
  archive: PackArchive,
  file: string,
  into: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const open = new Map<string, Writing>();
  const take = unpacker(archive.file, (name) => {
    const member = archive.members.find((one) => one.path === name);
    if (!member) return null;
    const writing = new Writing(member);
    open.set(name, writing);
    return (bytes) => writing.take(bytes);
  });
  try {
    signal.throwIfAborted();
    // given to the stream, a signal that comes at once leaves the file open (Node 24)
    for await (const piece of createReadStream(file, { highWaterMark: PIECE_BYTES })) {
      signal.throwIfAborted();
      push(take, piece as Uint8Array, archive);
      for (const writing of open.values()) await writing.flush(into);
      onBytes((piece as Uint8Array).length);
    }
    const missing = archive.members.find((member) => !open.get(member.path)?.isRight());
    if (missing) throw damaged(missing.path, archive);
  } finally {
    await Promise.all([...open.values()].map((writing) => writing.close()));
  }
}

function push(take: (piece: Uint8Array) => void, piece: Uint8Array, archive: PackArchive): void {
  try {
    take(piece);
  } catch (cause) {
    throw damaged(archive.file, archive, cause);
  }
}

/** One file on its way out of the archive. */
class Writing {
  readonly #member: PackMember;
  readonly #hash = createHash('sha256');
  #waiting: Uint8Array[] = [];
  #handle: fs.FileHandle | null = null;
  #bytes = 0;

  constructor(member: PackMember) {
    this.#member = member;
  }

  take(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#waiting.push(bytes);
  }

  async flush(into: string): Promise<void> {
    const pieces = this.#waiting;
    this.#waiting = [];
    if (pieces.length === 0) return;
    const target = path.join(into, this.#member.file);
    try {
      this.#handle ??= await fs.open(target, 'w', 0o644);
      for (const piece of pieces) {
        await this.#handle.writeFile(piece);
        this.#hash.update(piece);
        this.#bytes += piece.length;
      }
    } catch (error) {
      throw systemError(error, target);
    }
  }

  /** Asked once, when all is written. */
  isRight(): boolean {
    return this.#bytes === this.#member.bytes && this.#hash.digest('hex') === this.#member.sha256;
  }

  async close(): Promise<void> {
    await this.#handle?.datasync().catch(() => {});
    await this.#handle?.close();
  }
}

function damaged(name: string, archive: PackArchive, cause?: unknown): AppError {
  return new AppError(
    'pack-damaged',
    say`${name} in ${archive.file} is damaged.`,
    say`Remove the pack and get it again. If that doesn't help, report it.`,
    { cause },
  );
}
