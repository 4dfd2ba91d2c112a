/**
 * Rows of files that are too large to be tokenised before the first step. One pass reads and checks them, decides which are held out, and
 * deals the others to sections on the disk, each a fair sample of all; a section is tokenised when the training comes to it.
 */
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { systemError } from '../../../../common/errors.ts';
import { makeFolder } from '../../../folders.ts';
import { Bits } from '../../../rows/compact.ts';
import { dataBytes } from '../../../rows/read-rows.ts';
import { mix32, streamSeed } from '../../../rows/rng.ts';
import { canonicalText, type TrainingRow } from '../../../rows/schema.ts';
import { splitHash, splitRows } from '../../../rows/split.ts';
import { WordFile } from '../../../rows/word-file.ts';
import { BadRows, type DatasetOptions, noRowsError, readRows } from './dataset.ts';
import type { ReadRow, RowSource } from './encode-work.ts';
import { rowHash } from './token-writer.ts';

/** When rows are dealt to sections, and how large those are. */
export interface SectionLimits {
  /** Bytes of the files from which on. */
  readonly from: number;
  /** Bytes of the files that make up a section: so many at most, half of them at least. */
  readonly bytes: number;
  /** A section has at least so many rows. */
  readonly rows: number;
}

/** More sections than that are larger instead: each holds a piece of text in memory while they are dealt. */
const MOST_SECTIONS = 512;
/** Characters of a section that are written together. */
const WRITTEN = 32 * 1024;
/** Longest time without letting timers, signals and messages of the process have their turn. */
const TURN_MS = 100;

/** The largest up to `most`, at least 1: sections are as many, so that two of them can be one. */
const powerOfTwo = (most: number) => 2 ** Math.floor(Math.log2(Math.max(1, most)));

type ReadOptions = Pick<
  DatasetOptions,
  'files' | 'reading' | 'folder' | 'maxLength' | 'onBadRow' | 'signal' | 'onProgress' | 'onNote'
> & { readonly seed: number; readonly heldOut: number | undefined; readonly limits: SectionLimits };

/** Where a piece of a section lies in the file. */
type Piece = readonly [at: number, length: number];

export class RowSections {
  /** Sections of rows to train on. */
  readonly sections: number;
  /** Rows that are trained on, and those that are held out. */
  readonly trained: number;
  readonly heldOut: number;
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #pieces: readonly (readonly Piece[])[];
  readonly #isHeldOut: Bits;
  readonly #bad: BadRows;
  readonly #contentHash: string;

  private constructor(dealing: Dealing, heldOut: Uint32Array, { rows }: SectionLimits) {
    this.#file = dealing.file;
    this.#path = dealing.path;
    this.#pieces = dealing.pieces;
    this.#bad = dealing.bad;
    this.#contentHash = dealing.content.digest('hex');
    this.heldOut = heldOut.length;
    this.trained = dealing.count - heldOut.length;
    this.#isHeldOut = new Bits(dealing.count);
    for (const row of heldOut) this.#isHeldOut.add(row);
    this.sections = Math.min(dealing.pieces.length, powerOfTwo(this.trained / rows));
  }

  /** Reads all rows; throws what `buildTokenStore` throws of files and of rows that cannot be read. */
  static async read(options: ReadOptions): Promise<RowSections> {
    const { folder, seed, heldOut, limits } = options;
    const bytes = await dataBytes(options.files);
    const sections = Math.min(MOST_SECTIONS, powerOfTwo(2 * (bytes / limits.bytes)));
    const dealing = await Dealing.begin(folder, sections, seed, new BadRows(options.onBadRow));
    try {
      await dealing.run(options, bytes);
      const { rows: skippedRows, messages: skippedMessages } = dealing.bad;
      if (dealing.count === 0)
        throw noRowsError(options, { readRows: 0, lostRows: 0, skippedRows, skippedMessages });
      const split = splitRows(dealing.count, { heldOut, seed, hashes: dealing.hashes });
      return new RowSections(dealing, split.heldOut, limits);
    } catch (error) {
      await dealing.file.close();
      await rm(dealing.path, { force: true });
      throw error;
    } finally {
      dealing.hashes.close();
    }
  }

  /** The rows of a section, counted from 0; those that could not be read count as the first one's. */
  section(index: number): RowSource {
    const { rows, messages } = this.#bad;
    return {
      ...this.#source((section) => section % this.sections === index, false),
      contentHash: this.#contentHash,
      ...(index === 0 && { skippedRows: rows, skippedMessages: messages }),
    };
  }

  heldOutRows(): RowSource {
    return this.#source(() => true, true);
  }

  async close(): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }

  #source(isWanted: (section: number) => boolean, heldOut: boolean): RowSource {
    const pieces = this.#pieces.filter((_, section) => isWanted(section)).flat();
    const bytes = pieces.reduce((sum, [, length]) => sum + length, 0);
    return { bytes, rows: () => this.#rows(pieces, heldOut) };
  }

  async *#rows(pieces: readonly Piece[], heldOut: boolean): AsyncGenerator<ReadRow> {
    let doneBytes = 0;
    for (const [at, length] of pieces) {
      const buffer = Buffer.alloc(length);
      await this.#file.read(buffer, 0, length, at);
      doneBytes += length;
      for (const line of buffer.toString('utf8').split('\n')) {
        // the number is what it begins with: most lines need no more where the held-out ones are looked for
        if (line === '' || this.#isHeldOut.has(Number.parseInt(line.slice(1, 12), 10)) !== heldOut) continue;
        const [, where, row, isUnconfirmed] = JSON.parse(line) as [number, string, TrainingRow, boolean];
        yield { row, where, isUnconfirmed, doneBytes, characters: line.length };
      }
    }
  }
}

/** The pass over the files. */
class Dealing {
  readonly file: FileHandle;
  readonly path: string;
  readonly bad: BadRows;
  readonly hashes = new WordFile();
  readonly content = createHash('sha256');
  /** Of each section. */
  readonly pieces: Piece[][];
  count = 0;
  readonly #waiting: string[];
  readonly #key: number;
  #written = 0;

  private constructor(file: FileHandle, path: string, sections: number, seed: number, bad: BadRows) {
    this.file = file;
    this.path = path;
    this.bad = bad;
    this.pieces = Array.from({ length: sections }, () => []);
    this.#waiting = new Array<string>(sections).fill('');
    this.#key = streamSeed(seed, 'sections') >>> 0;
  }

  static async begin(folder: string, sections: number, seed: number, bad: BadRows): Promise<Dealing> {
    // ends like the token file, which lies beside it
    const path = join(folder, `.rows-${randomUUID()}.tmp`);
    try {
      makeFolder(folder);
      const file = await open(path, 'wx+');
      await rm(path).catch(() => undefined);
      return new Dealing(file, path, sections, seed, bad);
    } catch (error) {
      throw systemError(error, folder);
    }
  }

  async run(options: ReadOptions, totalBytes: number): Promise<void> {
    const { signal, onProgress } = options;
    let turnStart = performance.now();
    for await (const { row, where, isUnconfirmed = false, doneBytes } of readRows(options)) {
      if (row instanceof Error) this.bad.add(row);
      else await this.#add(row, where, isUnconfirmed);
      if (performance.now() - turnStart < TURN_MS) continue;
      await setImmediate();
      signal?.throwIfAborted();
      turnStart = performance.now();
      onProgress?.({ doneBytes, totalBytes: Math.max(totalBytes, doneBytes), rows: this.count });
    }
    for (const section of this.pieces.keys()) await this.#write(section);
  }

  async #add(row: TrainingRow, where: string, isUnconfirmed: boolean): Promise<void> {
    const text = canonicalText(row);
    this.content.update(`${text}\n`);
    for (const word of splitHash(rowHash(text), isUnconfirmed)) this.hashes.push(word);
    // as many rows in a row as there are sections go to another one each, so that each has its share of every part of the files
    const { length } = this.pieces;
    const turn = mix32(Math.floor(this.count / length) ^ this.#key);
    const section = (this.count + turn) % length;
    this.#waiting[section] += `${JSON.stringify([this.count, where, row, isUnconfirmed])}\n`;
    this.count++;
    if (this.#waiting[section]!.length >= WRITTEN) await this.#write(section);
  }

  async #write(section: number): Promise<void> {
    const bytes = Buffer.from(this.#waiting[section]!);
    this.#waiting[section] = '';
    if (bytes.length === 0) return;
    try {
      await this.file.write(bytes, 0, bytes.length, this.#written);
    } catch (error) {
      throw systemError(error, this.path);
    }
    this.pieces[section]!.push([this.#written, bytes.length]);
    this.#written += bytes.length;
  }
}
