/**
 * A list of 32-bit words that lies on the disk but for its end: what is remembered of each row of a large file. It is read in order or
 * here and there, through a few windows of 4 KiB; a list of fewer than 16,384 words never reaches the disk.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { internal, systemError } from '../../common/errors.ts';
import { makeFolder } from '../folders.ts';
import { cacheFolder } from '../paths.ts';

const TAIL = 16 * 1024;
const FIRST_TAIL = 256;
const WINDOW = 1024;
const WINDOWS = 8;

interface OpenFile {
  readonly descriptor: number;
  readonly path: string;
}

/** Files whose lists were forgotten without `close`. */
const forgotten = new FinalizationRegistry<OpenFile>(closeFile);

function closeFile({ descriptor, path }: OpenFile): void {
  closeSync(descriptor);
  rmSync(path, { force: true });
}

export class WordFile implements Iterable<Uint32Array> {
  readonly #folder: string;
  #file: OpenFile | null = null;
  /** The words behind those of the file. */
  #tail = new Uint32Array(FIRST_TAIL);
  #written = 0;
  #length = 0;
  /** Window n of the file lies at place n % WINDOWS, where that place holds it. */
  #windows: Uint32Array | null = null;
  readonly #held = new Int32Array(WINDOWS).fill(-1);

  /** The file will lie in `folder`, without a name where the system allows it, and ends with the process. */
  constructor(folder = join(cacheFolder(), 'lists')) {
    this.#folder = folder;
  }

  get length(): number {
    return this.#length;
  }

  push(word: number): void {
    this.#tail[this.#length - this.#written] = word;
    if (++this.#length - this.#written === this.#tail.length) this.#makeRoom();
  }

  append(words: Uint32Array): void {
    for (let done = 0; done < words.length; ) {
      const at = this.#length - this.#written;
      const part = words.subarray(done, done + this.#tail.length - at);
      this.#tail.set(part, at);
      done += part.length;
      this.#length += part.length;
      if (at + part.length === this.#tail.length) this.#makeRoom();
    }
  }

  at(index: number): number {
    if (index >= this.#written) {
      if (index >= this.#length) throw internal(`word ${index} of ${this.#length}`);
      return this.#tail[index - this.#written]!;
    }
    const window = Math.floor(index / WINDOW);
    const start = (window % WINDOWS) * WINDOW;
    this.#windows ??= new Uint32Array(WINDOWS * WINDOW);
    if (this.#held[window % WINDOWS] !== window) {
      this.#read(this.#windows.subarray(start, start + WINDOW), window * WINDOW);
      this.#held[window % WINDOWS] = window;
    }
    return this.#windows[start + (index % WINDOW)]!;
  }

  /** Fills `into` with the words from `start`, all of which are there. */
  copy(start: number, into: Uint32Array): void {
    const stored = Math.max(0, Math.min(into.length, this.#written - start));
    if (stored > 0) this.#read(into.subarray(0, stored), start);
    const tail = start + stored - this.#written;
    into.set(this.#tail.subarray(tail, tail + into.length - stored), stored);
  }

  /** All words in memory. */
  toArray(): Uint32Array {
    const all = new Uint32Array(this.#length);
    this.copy(0, all);
    return all;
  }

  /** All words in order, an even number at a time; what is given is only valid until the next ones are asked for. */
  *[Symbol.iterator](): Generator<Uint32Array> {
    const block = new Uint32Array(Math.min(TAIL, this.#written));
    for (let start = 0; start < this.#written; start += TAIL) {
      this.#read(block, start);
      yield block;
    }
    if (this.#length > this.#written) yield this.#tail.subarray(0, this.#length - this.#written);
  }

  /** Gives the file back; the list is empty then. */
  close(): void {
    if (this.#file) {
      forgotten.unregister(this);
      closeFile(this.#file);
    }
    this.#file = null;
    this.#length = 0;
    this.#written = 0;
    this.#held.fill(-1);
  }

  /** The tail grows to its full length, and is written whenever it is full then. */
  #makeRoom(): void {
    if (this.#tail.length < TAIL) {
      const small = this.#tail;
      this.#tail = new Uint32Array(4 * small.length);
      this.#tail.set(small);
    } else this.#flush();
  }

  #flush(): void {
    try {
      this.#file ??= this.#create();
      const bytes = new Uint8Array(this.#tail.buffer);
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#file.descriptor, bytes, done, bytes.length - done, 4 * this.#written + done);
    } catch (error) {
      throw systemError(error, this.#folder);
    }
    this.#written += TAIL;
  }

  #create(): OpenFile {
    const path = join(this.#folder, `.words-${randomUUID()}.tmp`);
    makeFolder(this.#folder);
    const file = { descriptor: openSync(path, 'wx+', 0o600), path };
    forgotten.register(this, file, this);
    try {
      // an open file without a name is gone with the process, even a killed one; where that fails, closing deletes it
      rmSync(path);
    } catch {}
    return file;
  }

  #read(into: Uint32Array, start: number): void {
    readWords(this.#file!.descriptor, into, start);
  }
}

/** Fills `into` with the words of a file from word `start` on. */
export function readWords(descriptor: number, into: Uint32Array, start: number): void {
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(descriptor, bytes, done, bytes.length - done, 4 * start + done);
    if (read === 0) throw internal(`a file of words ends ${bytes.length - done} bytes early`);
    done += read;
  }
}
