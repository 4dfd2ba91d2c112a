/** What a run sends to its target and gets back: the files of its bundle and model, and those of its result, checked by their hashes. */
import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Transform } from 'node:stream';
import { AppError } from '../../common/errors.ts';
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
  fetch(name: string, to: string, onBytes: (done: number) => void): Promise<void>;
  onFraction(fraction: number): void;
}

/** Brings the files of a result into `folder`. Throws `AppError('target-damaged')` where one differs from what was written there. */
export async function fetchResult(
  { files }: DoneLine,
  folder: string,
  { from, fetch, onFraction }: Fetching,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const total = Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
  const tell = seldom((done) => onFraction(done / total));
  let before = 0;
  for (const [name, { sha256, bytes }] of Object.entries(files)) {
    const to = path.join(folder, name);
    await fetch(`out/result/${name}`, to, (done) => tell(before + done, total));
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

/** Passes bytes on, and tells how many there were. */
export function counter(onBytes: (bytes: number) => void): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      onBytes(bytes);
      done(null, chunk);
    },
  });
}
