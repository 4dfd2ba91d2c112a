import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { type FileHandle, open, readdir, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { systemError } from '../common/errors.ts';
import { makeFolder } from './folders.ts';
import { isRunning } from './processes.ts';
import { rename } from './rename.ts';

/**
 * A file that exists is complete: everything Fettle writes goes to a temporary file in the same folder, is flushed to
 * the disk and only then takes its name. A crash or power cut leaves the old file or the new one, never half of one.
 */

/** Appends to a file under way. Each call resolves when the bytes are handed to the system and may be reused. */
export interface AtomicWriter {
  /** Bytes written so far. */
  readonly position: number;
  write(chunk: ArrayBufferView): Promise<void>;
}

// One write call of 2 GiB or more fails on some systems.
const MAX_WRITE = 2 ** 28;
const STALE_MS = 10 * 60_000;
const HERE = placeOfIds();

/** Writes `data` to `path` (text as UTF-8), creating the folder when needed; replaces an existing file in one step. */
export async function writeFileAtomic(path: string, data: string | ArrayBufferView): Promise<void> {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'utf8') : data;
  await writeStreamAtomic(path, (writer) => writer.write(bytes));
}

/** Lets `produce` stream the content of `path`; when it throws, the old file stays and the temporary one is removed. */
export async function writeStreamAtomic<T>(
  path: string,
  produce: (writer: AtomicWriter) => Promise<T>,
): Promise<T> {
  const folder = dirname(path);
  let temp: string | null = null;
  try {
    makeFolder(folder);
    await removeStaleTemps(path);
    temp = join(folder, `${tempPrefix(path)}${process.pid}.${HERE}${randomBytes(3).toString('hex')}.tmp`);
    const handle = await open(temp, 'wx');
    let result: T;
    try {
      result = await produce(writerOn(handle));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temp, path);
    temp = null;
    await syncFolder(folder);
    return result;
  } catch (error) {
    const { path: at } = error as NodeJS.ErrnoException;
    throw systemError(error, at === undefined || at === temp ? path : at);
  } finally {
    if (temp !== null) await rm(temp, { force: true });
  }
}

function writerOn(handle: FileHandle): AtomicWriter {
  let position = 0;
  return {
    get position() {
      return position;
    },
    async write(chunk) {
      const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      for (let done = 0; done < bytes.length; ) {
        const length = Math.min(bytes.length - done, MAX_WRITE);
        const { bytesWritten } = await handle.write(bytes, done, length, position);
        done += bytesWritten;
        position += bytesWritten;
      }
    },
  };
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems cannot sync a folder; the file itself is safe.
    if (!['EINVAL', 'ENOTSUP', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

/** Deletes what killed processes left behind: in the folder of `path` those of this computer, and idle ones of `path` from elsewhere. */
async function removeStaleTemps(path: string): Promise<void> {
  const prefix = tempPrefix(path);
  for (const name of await readdir(dirname(path))) {
    const [, pid, place] = /\.(\d+)\.([0-9a-f]{6})[0-9a-f]{6}\.tmp$/.exec(name) ?? [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const temp = join(dirname(path), name);
    // The process may run in another container, where its id means nothing here: so it must be idle too.
    if (place === HERE || (name.startsWith(prefix) && (await isIdle(temp)))) await rm(temp, { force: true });
  }
}

async function isIdle(file: string): Promise<boolean> {
  const stats = await stat(file).catch(() => null);
  return stats !== null && Date.now() - stats.mtimeMs > STALE_MS;
}

/** Six digits for where a process id means the same: this computer since it started, and on Linux this container. */
function placeOfIds(): string {
  let place = hostname();
  try {
    place += readFileSync('/proc/sys/kernel/random/boot_id', 'utf8') + readlinkSync('/proc/self/ns/pid');
  } catch {
    // no Linux: a computer has one set of ids
  }
  return createHash('sha256').update(place).digest('hex').slice(0, 6);
}

// File systems allow names of 255 bytes: a long one leaves no room for the rest.
function tempPrefix(path: string): string {
  return `.${basename(path).slice(0, 50)}.`;
}
