/** What the fuzzing knows of a reader: sound files, and how one is read and may end. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AppError, systemError } from '../../../common/errors.ts';
import type { Operation } from '../operation.ts';

export type Kind = 'bytes' | 'text' | 'json' | 'jsonl' | 'safetensors' | 'zip';

/** A sound file that cases are made from. */
export interface Seed {
  readonly name: string;
  readonly kind: Kind;
  readonly bytes: Uint8Array;
}

export interface OpenReader {
  readonly seeds: readonly Seed[];
  /** Reads `bytes`, which came from the seed of that name. Throws an AppError where they are refused. */
  read(bytes: Uint8Array, seed: string): Promise<void>;
  close?(): Promise<void>;
}

export interface Reader {
  readonly name: string;
  /** A library leaves promises that nobody awaits, of which the reader's own thread takes no notice. */
  readonly hasStrays?: true;
  /** Prepares it in `folder`, which is its own. */
  open(folder: string): Promise<OpenReader>;
}

/** What an extra has to be tried with. */
export interface ExtraFuzz {
  /** Its calls, each with an input as pages send it. */
  readonly calls: Readonly<Record<string, unknown>>;
  readonly readers: readonly Reader[];
  /** What of it is cut off at any moment and goes on. */
  readonly operations?: readonly Operation[];
}

/** An id as runs have it. */
export const RUN = '00000000-0000-4000-8000-000000000000';
/** A training as a page asks for it. */
export const TRAIN = {
  name: 'Rooms',
  modelId: 'm',
  data: { paths: ['/data/rows.jsonl'] },
  prompts: ['Hi'],
  settings: { learningRate: 1e-3, 'lora.rank': 4 },
};
export const ROOT = path.join(import.meta.dirname, '..', '..', '..');
export const TESTS = path.join(ROOT, 'tests');
export const TINY = path.join(ROOT, 'resources', 'tiny-model');

export const seedOf = (name: string, kind: Kind, bytes: Uint8Array): Seed => ({ name, kind, bytes });
export const seedAt = (file: string, kind: Kind, name = path.basename(file)): Seed =>
  seedOf(name, kind, readFileSync(file));

/** A reader of one file: writes what it gets to `name` first. */
export function inFile(
  folder: string,
  name: string,
  read: (file: string) => Promise<void>,
): OpenReader['read'] {
  const file = path.join(folder, name);
  return async (bytes) => {
    writeFileSync(file, bytes);
    await read(file);
  };
}

/** Does all of `work`, and then fails with what failed first. */
export async function everyEnd(work: readonly (() => unknown)[]): Promise<void> {
  const results: PromiseSettledResult<unknown>[] = [];
  for (const one of work) results.push(...(await Promise.allSettled([(async () => one())()])));
  const failed = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
  const bug = failed.find((reason) => !(systemError(reason) instanceof AppError));
  if (failed.length > 0) throw bug ?? failed[0];
}

/** What a library or V8 would say: no sentence for people. */
const FOREIGN =
  /\bundefined\b(?! value)|\bNaN\b|[A-Z]\w+Value\b|(?<!that )is not a function|(?<!object )is not iterable|Cannot read|internal:/;

/** How `work` ended: well, with a refusal in words, or otherwise, which is a failure. */
export async function tried(
  work: () => Promise<void>,
): Promise<{ how: 'read' | 'refused'; failure: string | null }> {
  try {
    await work();
    return { how: 'read', failure: null };
  } catch (thrown) {
    const error = systemError(thrown);
    if (!(error instanceof AppError))
      return { how: 'refused', failure: error instanceof Error ? error.stack! : String(error) };
    const said = `${error.message} ${error.hint}`;
    // what a file holds may stand in a message
    const isForeign = FOREIGN.test(said.replaceAll(/“[^”]*”|"[^"]*"/g, ''));
    return { how: 'refused', failure: isForeign ? `says: ${said}\n${error.stack}` : null };
  }
}
