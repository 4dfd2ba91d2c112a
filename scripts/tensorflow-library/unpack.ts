/** Takes the libraries and headers out of a wheel piece by piece: one of the files has half a gigabyte. */
import { createReadStream, createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { Unzip, type UnzipFile, UnzipInflate } from 'fflate';
import { AppError } from '../../common/errors.ts';

interface Wanted {
  readonly libraries: readonly string[];
  readonly headers: readonly RegExp[];
}

const INCLUDE = 'tensorflow/include/';

/** Writes libraries to `into/lib` and headers to `into/include`. Throws an AppError where a library is not in the wheel. */
export async function unpackWheel(wheel: string, into: string, wanted: Wanted): Promise<void> {
  const writing = new Map<string, WriteStream>();
  const unzip = new Unzip((entry) => {
    const target = targetOf(entry.name, wanted);
    const stream = target === null ? null : streamTo(path.join(into, target));
    if (target !== null && stream !== null) writing.set(target, stream);
    follow(entry, stream);
  });
  unzip.register(UnzipInflate);
  for await (const piece of createReadStream(wheel, { highWaterMark: 2 ** 18 })) {
    unzip.push(piece as Uint8Array);
    const full = [...writing.values()].filter(({ writableNeedDrain }) => writableNeedDrain);
    await Promise.all(full.map(drained));
  }
  await Promise.all([...writing.values()].map((stream) => finished(stream)));
  const missing = wanted.libraries.find((name) => !writing.has(path.join('lib', name)));
  if (missing !== undefined)
    throw new AppError('wheel-strange', `${wheel} has no ${missing}.`, 'Report this: the recipe is wrong.');
}

function streamTo(file: string): WriteStream {
  mkdirSync(path.dirname(file), { recursive: true });
  // an error that comes early is thrown by whoever waits for the stream
  return createWriteStream(file).on('error', () => {});
}

/** What nobody wants is read over: left alone, it would be kept in memory. */
function follow(entry: UnzipFile, stream: WriteStream | null): void {
  entry.ondata = (error, bytes, final) => {
    if (error) throw error;
    if (bytes.length > 0) stream?.write(bytes);
    if (final) stream?.end();
  };
  entry.start();
}

/** A full disk drains nothing, and ends with an error instead. */
async function drained(stream: WriteStream): Promise<void> {
  if (stream.errored) throw stream.errored;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  stream.once('drain', resolve).once('error', reject);
  await promise.finally(() => stream.off('drain', resolve).off('error', reject));
}

/** Where a file of the wheel goes; null where it is not wanted. */
export function targetOf(name: string, { libraries, headers }: Wanted): string | null {
  const base = path.posix.basename(name);
  if (name === `tensorflow/${base}` && libraries.includes(base)) return path.join('lib', base);
  const header = name.startsWith(INCLUDE) ? name.slice(INCLUDE.length) : null;
  const isWanted = header !== null && headers.some((pattern) => pattern.test(header));
  return isWanted ? path.join('include', header) : null;
}
