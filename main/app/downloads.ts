/** What a browser gets of a run: its report as a page, an export as its one file or with all of its files in one .zip. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { ExportRow, RunDetails } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { sorterFiles } from '../../common/settings/sorters.ts';
import { say } from '../../common/words/language.ts';
import { inItsTurn } from '../folders.ts';
import { report, SORTED } from './runs.ts';
import { ownSorterFiles } from './sorters.ts';
import { fileName } from './uploads.ts';

export interface Download {
  /** The name under which the browser saves it. */
  readonly name: string;
  readonly bytes: number;
  /** Whether it is a page to look at and to print. */
  readonly isPage?: boolean;
  content(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** The report of a run, a file of sorted rows by its name, a sorter, or the export of that id. Throws an AppError where it is not there. */
export async function downloadOf(run: RunDetails, what: string): Promise<Download> {
  if (what === 'report') {
    const page = Buffer.from((await report(run)).html);
    return { name: 'report.html', bytes: page.length, isPage: true, content: () => [page] };
  }
  if (path.basename(what) === what && what.endsWith('.csv')) {
    const file = path.join(run.folder, SORTED, what);
    const { bytes } = await entryOf(file, file);
    return { name: what, bytes, content: () => createReadStream(file) };
  }
  if (what === SORTER) {
    const names = [...sorterFiles(run.method), ...(await ownSorterFiles(run.folder))];
    const entries = await Promise.all(
      names.map(async (name) => ({
        ...(await entryOf(path.join(run.folder, name), run.folder)),
        name: path.posix.join(path.basename(run.folder), name),
      })),
    );
    return zipOf(run.name, entries);
  }
  const row = run.exports.find(({ id }) => id === what);
  if (!row) throw gone();
  const { out } = row.result;
  // of a GGUF export the model alone, which is what other programs open
  if (out.endsWith('.gguf')) {
    const { bytes } = await entryOf(out, out);
    return { name: path.basename(out), bytes, content: () => createReadStream(out) };
  }
  const entries = await Promise.all(filesOf(row).map((file) => entryOf(path.join(out, file), out, file)));
  return zipOf(path.basename(out), entries);
}

/** A sorter with the short programs that use it. */
const SORTER = 'sorter';

async function zipOf(name: string, entries: readonly Entry[]): Promise<Download> {
  return { name: `${fileName(name)}.zip`, bytes: await zipBytes(entries), content: () => zipped(entries) };
}

/** The files within the export, some of them in folders, wherever it was written: a run's folder may have moved since. */
function filesOf({ result: { files } }: ExportRow): string[] {
  const parts = files.map((file) => path.resolve(file).split(path.sep));
  const [first = []] = parts;
  const differs = first.findIndex((part, i) => parts.some((other) => other[i] !== part));
  // one file alone is in no folder of its own
  const from = Math.min(differs < 0 ? first.length : differs, ...parts.map(({ length }) => length - 1));
  return parts.map((all) => path.join(...all.slice(from)));
}

interface Entry {
  /** Its path in the .zip. */
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  readonly modified: Date;
}

async function entryOf(file: string, folder: string, within = path.basename(file)): Promise<Entry> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw gone();
  const name = path.posix.join(path.basename(folder), ...within.split(path.sep));
  return { name, file, bytes: found.size, modified: found.mtime };
}

function gone(): AppError {
  return new AppError('export-gone', say`This copy is gone.`, say`Save the model again.`);
}

/** Bytes of the .zip, which are known before it is written: weights are stored as they are, since they do not get smaller. */
function zipBytes(entries: readonly Entry[]): Promise<number> {
  return new Promise((resolve) => addedTo(new ZipFile(), entries, () => () => {}, resolve));
}

/** A .zip of files of any size, which are opened one after the other; what cannot be read, or has changed its size, ends it. */
function zipped(entries: readonly Entry[]): Readable {
  const zip = new ZipFile();
  const out = zip.outputStream as PassThrough;
  zip.on('error', (error: Error) => out.destroy(error));
  addedTo(zip, entries, inItsTurn);
  return out;
}

function addedTo(
  zip: ZipFile,
  entries: readonly Entry[],
  open: typeof inItsTurn,
  onBytes: (bytes: number) => void = () => {},
): void {
  for (const { name, file, bytes, modified } of entries)
    zip.addReadStreamLazy(name, { size: bytes, mtime: modified, compress: false }, open(zip, file));
  // what it calls back with is missing in its types
  zip.end({ forceZip64Format: true, comment: '' }, onBytes as () => void);
}
