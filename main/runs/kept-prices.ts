/**
 * Prices of runs without rows, kept on the disk from one start to the next: they depend on Fettle's code, the shape of a model and the
 * settings alone, and those of the catalog take the engine many seconds. Without the file, or with a damaged one, they are recomputed.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { appendFile, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { CasePrice, PriceCase } from '../../common/protocol/protocol.ts';
import { makeFolder, stateOf } from '../folders.ts';
import { cacheFolder } from '../paths.ts';
import { usualThreads } from '../processes.ts';
import { versions } from '../versions.ts';
import { entryPath } from './fork.ts';

type Price = CasePrice | null;
export type Compute = (cases: readonly PriceCase[]) => Promise<readonly Price[]>;

/** Some two thousand prices, several times those of the catalog. */
const MOST_BYTES = 16 * 2 ** 20;
/** One for each version that was in use; the newest stay. */
const MOST_FILES = 3;
const FILE = /^[0-9a-f]{16}\.jsonl$/;
/** The hash of a case, a checksum of the line, and the price, which is looked at when somebody asks for it. */
const LINE = /^\["([0-9a-f]{32})","([0-9a-f]{32})",(\{.*\})\]$/;

interface Options {
  readonly folder?: string;
  /** What tells that other code would compute other prices. */
  readonly code?: string;
  readonly mostBytes?: number;
}

/** A file for each version, to which every process appends what it has computed; a line is whole or means nothing. */
export class KeptPrices {
  readonly #options: Options;
  readonly #mostBytes: number;
  /** What stands behind the hash of each case; what was asked for last is at the end. */
  readonly #lines = new Map<string, string>();
  #file: string | null = null;
  /** How far it has been read. */
  #end = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(options: Options = {}) {
    this.#options = options;
    this.#mostBytes = options.mostBytes ?? MOST_BYTES;
  }

  /** The prices of `cases` in their order; `compute` is asked for those that are not kept. */
  async of(cases: readonly PriceCase[], compute: Compute): Promise<Price[]> {
    const states = new Map<string, Promise<string>>();
    const keys = await Promise.all(cases.map((one) => keyOf(one, states)));
    if (keys.some((key) => !this.#lines.has(key))) await this.#next(() => this.#read());
    const found = keys.map((key) => this.#known(key));
    const missing = [...keys.keys()].filter((i) => found[i] === null);
    if (missing.length === 0) return found;
    const computed = await compute(missing.map((i) => cases[i]!));
    const added = new Map<string, string>();
    missing.forEach((at, i) => {
      const price = computed[i] ?? null;
      found[at] = price;
      if (price) added.set(keys[at]!, JSON.stringify(price, withoutMoment));
    });
    for (const [key, text] of added) this.#lines.set(key, text);
    // nobody waits for the disk
    if (added.size > 0) void this.#next(() => this.#append(added));
    return found;
  }

  /** Resolves when all that was computed has been written. */
  written(): Promise<void> {
    return this.#work;
  }

  /** One after the other, and whatever fails: what can't be kept is recomputed. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(work).catch(() => {});
    return this.#work;
  }

  get #path(): string {
    const { folder = path.join(cacheFolder(), 'prices'), code = codeMark() } = this.#options;
    this.#file ??= path.join(folder, `${hashOf([versions(), code]).slice(0, 16)}.jsonl`);
    return this.#file;
  }

  #known(key: string): Price {
    const text = this.#lines.get(key);
    if (text === undefined) return null;
    this.#lines.delete(key);
    this.#lines.set(key, text);
    return JSON.parse(text);
  }

  /** Takes in what this and other processes have appended since the last look. */
  async #read(): Promise<void> {
    const size = await sizeOf(this.#path);
    // another process has begun it again
    if (size < this.#end) this.#end = 0;
    if (size === this.#end || size > this.#mostBytes) return;
    const file = await open(this.#path);
    try {
      const bytes = Buffer.alloc(size - this.#end);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#end);
      // the rest of a line may be about to be written
      const whole = bytes.subarray(0, bytes.lastIndexOf('\n', bytesRead) + 1);
      this.#end += whole.length;
      for (const line of whole.toString().split('\n')) {
        const [, key, sum, text] = LINE.exec(line) ?? [];
        if (key && text && sum === checksum(key, text)) this.#lines.set(key, text);
      }
    } finally {
      await file.close();
    }
  }

  async #append(added: ReadonlyMap<string, string>): Promise<void> {
    const file = this.#path;
    const size = await sizeOf(file);
    if (size === 0) {
      makeFolder(path.dirname(file));
      await removeOld(path.dirname(file));
    }
    const text = textOf(added);
    if (size + text.length <= this.#mostBytes) return await appendFile(file, text, { mode: 0o600 });
    this.#forget(this.#mostBytes / 2);
    await writeFile(file, textOf(this.#lines), { mode: 0o600 });
    this.#end = 0;
  }

  /** Keeps what was asked for last, up to so many bytes. */
  #forget(mostBytes: number): void {
    let bytes = 0;
    for (const [key, text] of [...this.#lines].reverse()) {
      bytes += text.length + key.length;
      if (bytes > mostBytes) this.#lines.delete(key);
    }
  }
}

/** Bytes of a file; 0 where there is none. Throws where something else is in its place. */
async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found && !found.isFile()) throw new Error(`${file} is not a file`);
  return found?.size ?? 0;
}

/** A line that a killed process has left half written ends with the line break that this begins with. */
function textOf(lines: ReadonlyMap<string, string>): string {
  return `\n${[...lines].map(([key, text]) => `["${key}","${checksum(key, text)}",${text}]\n`).join('')}`;
}

function checksum(key: string, text: string): string {
  return hashOf([key, text]).slice(0, 32);
}

async function removeOld(folder: string): Promise<void> {
  const files = (await readdir(folder))
    .filter((name) => FILE.test(name))
    .map((name) => path.join(folder, name));
  const made = await Promise.all(files.map(async (file) => ({ file, ms: (await stat(file)).mtimeMs })));
  const old = made.toSorted((a, b) => b.ms - a.ms).slice(MOST_FILES - 1);
  await Promise.all(old.map(({ file }) => rm(file, { force: true })));
}

/**
 * What the figures depend on besides the code. A model that is here may change, and what is prepared of it too: `states` has what was seen of
 * them for other cases.
 */
async function keyOf(one: PriceCase, states: Map<string, Promise<string>>): Promise<string> {
  const { model } = one;
  const files = 'path' in model ? [model.path, path.join(cacheFolder(), 'weights')] : [];
  for (const file of files) if (!states.has(file)) states.set(file, stateOf(file));
  const seen = await Promise.all(files.map((file) => states.get(file)));
  return hashOf([one, seen, process.platform, process.arch, usualThreads()]).slice(0, 32);
}

/** How much of a disk is free is of the moment when it was asked. */
const withoutMoment = (name: string, value: unknown) => (name === 'freeBytes' ? null : value);

let ownMark: string | undefined;

/**
 * Tells one state of the engine's code from another. A built engine names its parts by hashes of what is in them; of sources it is the
 * names, sizes and times of all.
 */
function codeMark(): string {
  ownMark ??= markOf(entryPath());
  return ownMark;
}

export function markOf(entry: string): string {
  return entry.endsWith('.ts')
    ? sourcesMark(path.resolve(entry, '..', '..', '..'))
    : hashOf(readFileSync(entry, 'utf8'));
}

function sourcesMark(root: string): string {
  const files = ['common', 'main'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => path.join(folder, name)),
  );
  return hashOf(
    files.sort().map((file) => {
      const { size, mtimeMs } = statSync(path.join(root, file));
      return [file, size, mtimeMs];
    }),
  );
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
