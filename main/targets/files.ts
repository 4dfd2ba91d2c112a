/** What a run sends to its target and gets back: the files of its bundle and model, and those of its result, checked by their hashes. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pipeline, type Readable, Transform } from 'node:stream';
import { pipeline as finishing } from 'node:stream/promises';
import { AppError, systemError } from '../../common/errors.ts';
import type { BundleFacts } from '../../common/protocol/protocol.ts';
import { say } from '../../common/words/language.ts';
import type { DoneLine } from './lines.ts';
import type { Load } from './target.ts';

/** What is sent for the bundle in `scratch`; the folders there follow from what is in them. */
export async function loadsOf(
  scratch: string,
  out: string,
  model: BundleFacts['model'],
): Promise<{ readonly loads: readonly Load[]; readonly folder: string; readonly model: string | null }> {
  const id = `${path.basename(out)}-${(await hashOf(path.join(scratch, 'run.json'))).slice(0, 8)}`;
  const folder = `runs/${id.replace(/[^\w.-]/g, '-')}`;
  const bundle = readdirSync(scratch, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({ file, name: path.relative(scratch, file).split(path.sep).join('/') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const loads: Load[] = [{ folder, files: bundle }];
  if (model) {
    const files = model.files.map(({ name }) => ({ name, file: path.join(model.folder, name) }));
    loads.unshift({ folder: `models/${model.key}`, files });
  }
  return { loads, folder, model: model && `models/${model.key}` };
}

interface Fetching {
  readonly from: string;
  /** The most bytes that a result of the run can have. */
  readonly most: number;
  fetch(name: string, to: string, file: { bytes: number; onBytes(done: number): void }): Promise<void>;
  onFraction(fraction: number): void;
}

/** Brings the files of a result into `folder`. Throws `AppError('target-damaged')` where one differs from what was written there. */
export async function fetchResult(
  { files }: DoneLine,
  folder: string,
  { from, most, fetch, onFraction }: Fetching,
): Promise<void> {
  const total = Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > most) throw tooMuch(from);
  mkdirSync(folder, { recursive: true });
  const tell = seldom((done) => onFraction(done / total));
  let before = 0;
  for (const [name, { sha256, bytes }] of Object.entries(files)) {
    const to = path.join(folder, name);
    const onBytes = (done: number) => tell(before + done, total);
    await fetch(`out/result/${name}`, to, { bytes, onBytes });
    if ((await hashOf(to)) !== sha256) {
      rmSync(to, { force: true });
      throw new AppError(
        'target-damaged',
        say`${name} arrived damaged from ${from}.`,
        say`Resume to fetch it again.`,
      );
    }
    before += bytes;
  }
}

/** The error for another computer that sends more than it can have, or than it has said. */
export function tooMuch(from: string): AppError {
  return new AppError(
    'target-damaged',
    say`${from} sends more than a run like this can have produced. Nothing of it was kept.`,
    say`Check that this computer is still yours.`,
  );
}

/** At most ten calls a second, and the last. */
export function seldom(tell: (done: number, total: number) => void): (done: number, total: number) => void {
  let at = 0;
  return (done, total) => {
    if (Date.now() - at < 100 && done !== total) return;
    at = Date.now();
    tell(done, total);
  };
}

export async function hashOf(file: string, algorithm = 'sha256'): Promise<string> {
  const hash = createHash(algorithm);
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** The bytes of a file from the one numbered `start` on; the file is closed with what reads them. */
export function contentOf(file: string, onBytes: (bytes: number) => void, start = 0): Readable {
  return pipeline(createReadStream(file, { start }), counter(onBytes), () => {});
}

interface Receiving {
  onBytes(bytes: number): void;
  /** Who sends. */
  readonly from: string;
  /** Of the whole file; `start` of them are there. */
  readonly most: number;
  readonly start?: number;
}

/**
 * Writes what `give` puts into a stream to `file`. What the disk refuses is the error, whatever fails for that; of one that gets more than
 * it may, nothing is left.
 */
export async function receive(
  file: string,
  { onBytes, from, most, start = 0 }: Receiving,
  give: (into: Transform) => Promise<unknown>,
): Promise<void> {
  let isTooMuch = false;
  const into = counter((bytes) => {
    isTooMuch = start + bytes > most;
    if (isTooMuch) throw tooMuch(from);
    onBytes(start + bytes);
  });
  const flags = start > 0 ? 'a' : 'w';
  const writing = finishing(into, createWriteStream(file, { flags })).catch((error: unknown) => {
    throw systemError(error, file);
  });
  const giving = give(into).catch((error: unknown) => {
    into.destroy();
    throw error;
  });
  const [written, given] = await Promise.allSettled([writing, giving]);
  if (isTooMuch) {
    rmSync(file, { force: true });
    throw tooMuch(from);
  }
  if (written.status === 'rejected' && written.reason instanceof AppError) throw written.reason;
  for (const end of [given, written]) if (end.status === 'rejected') throw end.reason;
}

/** Passes bytes on, and tells how many there were. */
function counter(onBytes: (bytes: number) => void): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      try {
        onBytes(bytes);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
