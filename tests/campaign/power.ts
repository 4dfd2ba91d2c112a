/**
 * A loss of power between two writes: what was not flushed is lost or cut, and a name whose folder was not flushed may still be the old
 * one, as POSIX allows a file system to do.
 */
import fs from 'node:fs';
import path from 'node:path';
import { watched } from './disk.ts';
import type { Operation } from './operation.ts';
import { endProcess, halfFiles, leftovers } from './operations.ts';
import type { Place } from './place.ts';

interface Losing {
  readonly count: number;
  readonly random: () => number;
}

export async function losePower(operation: Operation, place: Place, { count, random }: Losing) {
  place.reset();
  const all = new Disk(place.work);
  const expected = await watched(all, () => operation.run(place.work));
  const failures: string[] = [];
  for (let i = 0; i < count; i++) {
    place.reset();
    const moment = 1 + Math.floor(random() * (all.acts - 1));
    const disk = new Disk(place.work, moment, random);
    // whatever it says: it has no power any more
    await watched(disk, () => operation.run(place.work)).catch(() => {});
    disk.restore();
    endProcess(place.work);
    const at = `power lost after ${moment} of ${all.acts} acts`;
    const found = await halfFiles(place.work);
    const made = await operation
      .run(place.work)
      .catch((error: unknown) => `failed: ${(error as Error).stack}`);
    if (made !== expected) found.push(made.startsWith('failed') ? made : 'what was made is not the same');
    found.push(...leftovers(place.work));
    failures.push(...found.map((what) => `${at}: ${what}`));
  }
  return { cases: count, outcome: `of ${all.acts} acts on files`, failures };
}

const CUT = new Error('the power is lost');

/** The content of a file that is safe; null: none. */
type Kept = Buffer | null;

/** What a disk has of a folder, and what only memory has. */
class Disk {
  acts = 0;
  readonly #folder: string;
  readonly #moment: number;
  readonly #random: () => number;
  /** Contents as they were last flushed, of files that were written since the beginning. */
  readonly #safe = new Map<string, Kept>();
  /** Names that were changed and whose folder has not been flushed since: what lay there before. */
  readonly #names: {
    readonly from: string;
    readonly to: string;
    readonly before: Kept;
    readonly safe: Kept;
  }[] = [];
  /** The same of folders, which are moved back as they are. */
  readonly #folders: (readonly [from: string, to: string])[] = [];
  #image: ReadonlyMap<string, Buffer | null> | null = null;

  constructor(folder: string, moment = Number.POSITIVE_INFINITY, random: () => number = () => 0.5) {
    [this.#folder, this.#moment, this.#random] = [folder, moment, random];
  }

  #isOurs(file: string): boolean {
    return file.startsWith(this.#folder + path.sep);
  }

  before(act: string, file: string): void {
    if (this.#image !== null && this.#isOurs(file)) throw CUT;
    if ((act === 'create' || act === 'write') && this.#isOurs(file) && !this.#safe.has(file))
      this.#safe.set(file, contentOf(file));
  }

  after(act: string, file: string, to?: string): void {
    if (!this.#isOurs(file) || this.#image !== null) return;
    if (act === 'sync') {
      if (fs.statSync(file, { throwIfNoEntry: false })?.isDirectory()) this.#flushed(file);
      else this.#safe.set(file, contentOf(file));
    }
    if (act === 'rename' && to !== undefined && fs.statSync(to).isDirectory()) {
      this.#folders.push([file, to]);
    } else if (act === 'rename' && to !== undefined) {
      const safe = this.#safe.get(file) ?? contentOf(to);
      this.#names.push({ from: file, to, before: this.#safe.get(to) ?? null, safe });
      this.#safe.delete(file);
      this.#safe.set(to, safe);
    }
    if (++this.acts === this.#moment) this.#image = this.#lost();
  }

  #flushed(folder: string): void {
    for (let i = this.#names.length - 1; i >= 0; i--)
      if (path.dirname(this.#names[i]!.to) === folder) this.#names.splice(i, 1);
    for (let i = this.#folders.length - 1; i >= 0; i--)
      if (path.dirname(this.#folders[i]![1]) === folder) this.#folders.splice(i, 1);
  }

  /** What is on the disk now, of files that may differ from what processes see. */
  #lost(): Map<string, Buffer | null> {
    const image = new Map<string, Buffer | null>();
    for (const [file, bytes] of this.#safe) {
      const now = contentOf(file);
      if (now === null || bytes?.equals(now)) continue;
      // nothing says how much of what was not flushed has arrived
      const cut = now.subarray(0, Math.floor(this.#random() * (now.length + 1)));
      const isLonger = bytes !== null && now.subarray(0, bytes.length).equals(bytes);
      if (bytes === null) image.set(file, this.#random() < 0.3 ? null : cut);
      else image.set(file, isLonger && cut.length > bytes.length ? cut : bytes);
    }
    for (const { from, to, before, safe } of this.#names) {
      if (this.#random() < 0.5) continue;
      image.set(to, before);
      image.set(from, safe);
    }
    return image;
  }

  /** Makes the folder what the disk has. */
  restore(): void {
    for (const [from, to] of this.#folders.toReversed())
      if (this.#random() < 0.5 && fs.existsSync(to) && !fs.existsSync(from)) fs.renameSync(to, from);
    for (const [file, bytes] of this.#image ?? []) {
      if (bytes === null) fs.rmSync(file, { force: true });
      else if (fs.existsSync(path.dirname(file))) fs.writeFileSync(file, bytes);
    }
  }
}

function contentOf(file: string): Kept {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ? fs.readFileSync(file) : null;
}
