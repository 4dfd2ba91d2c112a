/** Journals of one kind in a folder of the data folder, one file each, open from its first use on. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { AppError } from '../../common/errors.ts';
import { shortId } from './uploads.ts';

export class JournalFolder<Open> {
  readonly #folder: string;
  readonly #open: (file: string) => Promise<Open>;
  readonly #missing: () => AppError;
  readonly #opened = new Map<string, Promise<Open>>();

  /** `missing`: what is said of one that is not there. */
  constructor(folder: string, open: (file: string) => Promise<Open>, missing: () => AppError) {
    this.#folder = folder;
    this.#open = open;
    this.#missing = missing;
  }

  /** Those that are open, or about to be. */
  get opened(): Iterable<Promise<Open>> {
    return this.#opened.values();
  }

  /** Where a new one begins. */
  async newFile(): Promise<{ readonly id: string; readonly file: string }> {
    const id = shortId();
    await mkdir(this.#folder, { recursive: true });
    return { id, file: this.#file(id) };
  }

  get(id: string): Promise<Open> {
    const known = this.#opened.get(id);
    if (known) return known;
    const file = this.#file(id);
    const opening = this.#open(file).catch((error: unknown) => {
      this.#opened.delete(id);
      throw existsSync(file) ? error : this.#missing();
    });
    this.#opened.set(id, opening);
    return opening;
  }

  /** What `rowOf` makes of each that can be read, the newest first. */
  async list<Row extends { readonly created: string }>(
    rowOf: (id: string, open: Open) => Row,
  ): Promise<Row[]> {
    const names = await readdir(this.#folder).catch((): string[] => []);
    const ids = names.flatMap((name) => /^([0-9a-f]+)\.jsonl$/.exec(name)?.[1] ?? []);
    const found = await Promise.all(
      ids.map(async (id) => {
        const open = await this.get(id).catch(() => null);
        return open ? [rowOf(id, open)] : [];
      }),
    );
    return found.flat().sort((a, b) => b.created.localeCompare(a.created));
  }

  async remove(id: string): Promise<void> {
    this.#opened.delete(id);
    await rm(this.#file(id), { force: true });
  }

  #file(id: string): string {
    return path.join(this.#folder, `${path.basename(id)}.jsonl`);
  }
}
