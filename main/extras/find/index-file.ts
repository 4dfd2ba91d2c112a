/**
 * The index of a folder: one SQLite file with its files, their passages, the words in them, and the vectors that encoders gave. All of it can
 * be made again, so a damaged one is thrown away.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { PlacedPassage } from '../../../common/extras/find/calls.ts';
import type { FilePassage } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { apart } from '../../../common/words/unspaced.ts';
import { Connection, saysDamaged } from '../../store/connection.ts';

/** In the data folder. */
export const FOLDER = 'find';
/** Of the tables below; an index of another version is made again. */
const VERSION = 2;

const TABLES = `
  create table about (name text primary key, value text not null);
  create table files (
    id integer primary key, path text not null unique, bytes integer not null, changed real not null,
    hash text not null, isCut integer not null
  );
  create table passages (
    id integer primary key autoincrement, file integer not null references files(id) on delete cascade, place integer not null,
    text text not null, heading text not null, page integer, "row" integer
  );
  create index passagesByFile on passages(file);
  create virtual table words using fts5(text, heading, content='', contentless_delete=1, tokenize='unicode61');
  create trigger passageGone after delete on passages begin delete from words where rowid = old.id; end;
  create table encoders (id integer primary key, hash text not null unique, name text not null, width integer not null);
  create table vectors (
    encoder integer not null references encoders(id) on delete cascade,
    passage integer not null references passages(id) on delete cascade,
    vector blob not null, primary key (encoder, passage)
  ) without rowid;
  create index vectorsByPassage on vectors(passage);
`;

/** A file as the index knows it. */
export interface KnownFile {
  readonly id: number;
  /** Below the folder. */
  readonly path: string;
  readonly bytes: number;
  readonly changed: number;
  readonly hash: string;
}

/** A passage that was found. */
export interface StoredPassage {
  readonly id: number;
  readonly path: string;
  readonly text: string;
  readonly heading: string;
  readonly page: number | null;
  readonly row: number | null;
}

/** As a page knows it. */
export function placed({ id, text, heading, page, row }: StoredPassage): PlacedPassage {
  return { passage: id, text, heading, page, row };
}

export interface EncoderKnown {
  readonly id: number;
  readonly hash: string;
  readonly name: string;
  readonly width: number;
}

/** Where the index of `folder` lies, below Fettle's data. */
export function indexPath(data: string, folder: string): string {
  return path.join(data, FOLDER, `${idOf(folder)}.db`);
}

export function idOf(folder: string): string {
  return createHash('sha256').update(folder).digest('hex').slice(0, 16);
}

/** Removes the file of an index and what SQLite keeps beside it. */
export function removeIndex(file: string): void {
  for (const end of ['', '-wal', '-shm', '.suspect']) rmSync(file + end, { force: true });
}

/** A text as it is asked of FTS5: passages with any of its words, or, of scripts without spaces, any two signs of it in a row. */
function anyWord(question: string): string | null {
  const runs = question.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const words = runs.flatMap((run) => {
    const signs = apart(run).trim().split(/\s+/u);
    return signs.length === 1 ? signs : signs.slice(1).map((sign, i) => `${signs[i]} ${sign}`);
  });
  return words.length === 0 ? null : [...new Set(words)].map((word) => `"${word}"`).join(' OR ');
}

export class FolderIndex {
  readonly file: string;
  readonly #on: Connection;

  private constructor(file: string, on: Connection) {
    this.file = file;
    this.#on = on;
  }

  /** Opens the index in `file`, and begins a new one for `folder` where there is none, or none that can be read. */
  static open(file: string, folder: string): FolderIndex {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    try {
      return FolderIndex.#opened(file, folder);
    } catch (error) {
      if (!isWorthless(error)) throw error;
      removeIndex(file);
      return FolderIndex.#opened(file, folder);
    }
  }

  static #opened(file: string, folder: string): FolderIndex {
    const on = new Connection(file);
    try {
      const version = on.pragma('user_version');
      if (version !== VERSION && on.read('select name from sqlite_schema limit 1').length > 0)
        throw new AppError('index-of-another-version', '', '');
      if (version !== VERSION)
        on.transaction(() => {
          on.exec(TABLES);
          on.write(`insert into about values ('folder', ?)`, [folder]);
          on.exec(`pragma user_version = ${VERSION}`);
        });
      return new FolderIndex(file, on);
    } catch (error) {
      on.close();
      throw error;
    }
  }

  close(): void {
    this.#on.close();
  }

  get folder(): string {
    return this.about('folder') ?? '';
  }

  about(name: string): string | null {
    const [row] = this.#on.read('select value from about where name = ?', [name]) as { value: string }[];
    return row?.value ?? null;
  }

  setAbout(name: string, value: string): void {
    this.#on.write('insert or replace into about values (?, ?)', [name, value]);
  }

  files(): KnownFile[] {
    return this.#on.read('select id, path, bytes, changed, hash from files') as KnownFile[];
  }

  counts(): { readonly files: number; readonly passages: number } {
    const [found] = this.#on.read(
      'select (select count(*) from files) as files, (select count(*) from passages) as passages',
    ) as { files: number; passages: number }[];
    return found!;
  }

  /** A file was touched and is the same. */
  touched(id: number, { bytes, changed }: Pick<KnownFile, 'bytes' | 'changed'>): void {
    this.#on.write('update files set bytes = ?, changed = ? where id = ?', [bytes, changed, id]);
  }

  /** Forgets files with their passages and vectors. */
  remove(ids: readonly number[]): void {
    this.#on.transaction(() => {
      for (const id of ids) this.#on.write('delete from files where id = ?', [id]);
    });
  }

  /** Replaces the passages that a file had; one whose text stayed keeps its vectors. */
  put(
    file: Omit<KnownFile, 'id'>,
    { passages, isCut }: { readonly passages: readonly FilePassage[]; readonly isCut: boolean },
  ): void {
    const on = this.#on;
    on.transaction(() => {
      on.write(
        `insert into files (path, bytes, changed, hash, isCut) values (?, ?, ?, ?, ?) on conflict (path) do update
          set bytes = excluded.bytes, changed = excluded.changed, hash = excluded.hash, isCut = excluded.isCut`,
        [file.path, file.bytes, file.changed, file.hash, isCut ? 1 : 0],
      );
      const [{ id }] = on.read('select id from files where path = ?', [file.path]) as [{ id: number }];
      const before = on.read('select id, text, heading from passages where file = ?', [
        id,
      ]) as StoredPassage[];
      const kept = Map.groupBy(before, ({ text, heading }) => `${heading}\0${text}`);
      for (const [place, { text, heading, page, row = null }] of passages.entries()) {
        const same = kept.get(`${heading}\0${text}`)?.shift();
        if (same)
          on.write('update passages set place = ?, page = ?, "row" = ? where id = ?', [
            place,
            page,
            row,
            same.id,
          ]);
        else {
          const { key } = on.write(
            'insert into passages (file, place, text, heading, page, "row") values (?, ?, ?, ?, ?, ?)',
            [id, place, text, heading, page, row],
          );
          on.write('insert into words(rowid, text, heading) values (?, ?, ?)', [
            key,
            apart(text),
            apart(heading),
          ]);
        }
      }
      for (const old of [...kept.values()].flat()) on.write('delete from passages where id = ?', [old.id]);
    });
  }

  encoders(): EncoderKnown[] {
    return this.#on.read('select * from encoders order by id') as EncoderKnown[];
  }

  /** The encoder of that hash, remembered from now on. */
  encoder({ hash, name, width }: Omit<EncoderKnown, 'id'>): EncoderKnown {
    this.#on.write(
      'insert into encoders (hash, name, width) values (?, ?, ?) on conflict (hash) do update set name = excluded.name',
      [hash, name, width],
    );
    return this.encoders().find((one) => one.hash === hash)!;
  }

  /** Passages that an encoder has not read, in order; `null`: of one that is not known. */
  unread(encoder: number | null, most: number): Pick<StoredPassage, 'id' | 'text' | 'heading'>[] {
    return this.#on.read(
      `select id, text, heading from passages p
        where not exists (select 1 from vectors v where v.encoder = ? and v.passage = p.id) order by id limit ?`,
      [encoder ?? -1, most],
    ) as StoredPassage[];
  }

  unreadCount(encoder: number | null): number {
    const [found] = this.#on.read(
      'select (select count(*) from passages) - (select count(*) from vectors where encoder = ?) as n',
      [encoder ?? -1],
    ) as { n: number }[];
    return found!.n;
  }

  /** Characters that an encoder has not read. */
  unreadLength(encoder: number): number {
    const [found] = this.#on.read(
      `select coalesce(sum(length(text) + length(heading)), 0) as n from passages p
        where not exists (select 1 from vectors v where v.encoder = ? and v.passage = p.id)`,
      [encoder],
    ) as { n: number }[];
    return found!.n;
  }

  /** The texts of the first passages. */
  first(most: number): string[] {
    const rows = this.#on.read('select text from passages order by id limit ?', [most]) as { text: string }[];
    return rows.map(({ text }) => text);
  }

  /** A passage and those around it in its file, in order; null where it is gone. */
  around(
    passage: number,
    most: number,
  ): { path: string; isWhole: boolean; passages: StoredPassage[] } | null {
    const [one] = this.#on.read(
      `select p.file, p.place, f.path, (select count(*) from passages q where q.file = p.file) as n
        from passages p join files f on f.id = p.file where p.id = ?`,
      [passage],
    ) as { file: number; place: number; path: string; n: number }[];
    if (one === undefined) return null;
    const rows = this.#on.read(
      'select id from passages where file = ? and place between ? and ? order by place',
      [one.file, one.place - most, one.place + most],
    ) as { id: number }[];
    const passages = this.passages(rows.map(({ id }) => id));
    return { path: one.path, isWhole: passages.length === one.n, passages };
  }

  /** Keeps the vectors of passages; one that is gone meanwhile is left out. */
  keep(encoder: EncoderKnown, passages: readonly number[], vectors: Float32Array): void {
    const { width } = encoder;
    this.#on.transaction(() => {
      for (const [i, passage] of passages.entries()) {
        const from = vectors.byteOffset + 4 * i * width;
        this.#on.write('insert or replace into vectors select ?, id, ? from passages where id = ?', [
          encoder.id,
          Buffer.from(vectors.buffer, from, 4 * width),
          passage,
        ]);
      }
    });
  }

  /** All vectors of an encoder, one behind the other, with the passage of each. */
  vectors({ id, width }: EncoderKnown): { readonly passages: Int32Array; readonly vectors: Float32Array } {
    const [found] = this.#on.read('select count(*) as n from vectors where encoder = ?', [id]) as {
      n: number;
    }[];
    const { n } = found!;
    const all = { passages: new Int32Array(n), vectors: new Float32Array(n * width) };
    const bytes = new Uint8Array(all.vectors.buffer);
    let [done, after] = [0, -1];
    while (done < n) {
      const rows = this.#on.read(
        'select passage, vector from vectors where encoder = ? and passage > ? order by passage limit ?',
        [id, after, AT_ONCE],
      ) as { passage: number; vector: Buffer }[];
      if (rows.length === 0) break;
      for (const { passage, vector } of rows) {
        if (done === n) break;
        all.passages[done] = passage;
        bytes.set(vector.subarray(0, 4 * width), 4 * width * done++);
        after = passage;
      }
    }
    return all;
  }

  /** The passages with words of the question, the best first, by BM25 as SQLite computes it (k1 1.2, b 0.75). */
  byWords(question: string, most: number): { readonly id: number; readonly score: number }[] {
    const words = anyWord(question);
    if (words === null) return [];
    return this.#on.read(
      'select rowid as id, -bm25(words) as score from words where words match ? order by rank, rowid limit ?',
      [words, most],
    ) as { id: number; score: number }[];
  }

  passages(ids: readonly number[]): StoredPassage[] {
    const rows = this.#on.read(
      `select p.id, f.path, p.text, p.heading, p.page, p."row" from passages p join files f on f.id = p.file
        where p.id in (select value from json_each(?))`,
      [JSON.stringify(ids)],
    ) as StoredPassage[];
    const byId = new Map(rows.map((row) => [row.id, row]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  /** Changes whenever a search could find something else: numbers of passages are never given twice. */
  version(): string {
    const [found] = this.#on.read(
      `select (select count(*) from passages) as a, (select seq from sqlite_sequence where name = 'passages') as b,
        (select count(*) from vectors) as c`,
    ) as Record<string, number | null>[];
    return Object.values(found!).join(' ');
  }
}

/** Rows that are taken out of the file at once. */
const AT_ONCE = 4096;

function isWorthless(error: unknown): boolean {
  return saysDamaged(error) || (error instanceof AppError && error.code === 'index-of-another-version');
}

/** Throws where a folder has more passages than are searched exactly. */
export function requireRoom(passages: number): void {
  if (passages <= MOST_INDEXED) return;
  throw new AppError(
    'index-limit',
    say`This folder has more than ${MOST_INDEXED / 1000},000 passages, more than are searched.`,
    say`Choose a folder inside it.`,
  );
}
/** Exact search takes a quarter of a second for so many. */
export const MOST_INDEXED = 200_000;
