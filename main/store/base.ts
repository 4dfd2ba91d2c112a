/**
 * What every table works on: the connection and the data folder. The folder may be moved, also by hand, so
 * paths inside it are kept relative: `⟦data⟧/runs/first` in columns and anywhere in JSON. What comes with
 * Fettle is kept by name (paths.ts).
 */
import path from 'node:path';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { bundledName, bundledPath, toBundledName, toBundledPath } from '../paths.ts';
import type { Connection } from './connection.ts';

const MARK = '⟦data⟧/';
/** A path begins the text, or follows one of these. */
const BEFORE_A_PATH = '(?<![^\\s"\'=(\\[{,:;`<>|])';

export class Base {
  #on: Connection;
  #folder: string;
  #inside!: RegExp;
  #prefix!: string;

  constructor(on: Connection, folder: string) {
    this.#on = on;
    this.#folder = folder;
    this.moveTo(on, folder);
  }

  get on(): Connection {
    return this.#on;
  }

  get folder(): string {
    return this.#folder;
  }

  /** From now on everything is there. */
  moveTo(on: Connection, folder: string): void {
    this.#on = on;
    this.#folder = folder;
    this.#prefix = JSON.stringify(folder.endsWith(path.sep) ? folder : folder + path.sep).slice(1, -1);
    this.#inside = new RegExp(BEFORE_A_PATH + this.#prefix.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'g');
  }

  /** A value as JSON with relative paths. */
  json(value: unknown): string {
    return JSON.stringify(value, toBundledName).replace(this.#inside, MARK);
  }

  jsonOrNull(value: unknown): string | null {
    return value === null || value === undefined ? null : this.json(value);
  }

  parse<T>(text: string): T {
    return JSON.parse(
      text.replaceAll(MARK, () => this.#prefix),
      toBundledPath,
    ) as T;
  }

  parseOrNull<T>(text: string | null): T | null {
    return text === null ? null : this.parse<T>(text);
  }

  /** A path as it is kept: relative with slashes where it is inside the data folder, else absolute. */
  kept(file: string): string {
    const inside = path.relative(this.folder, path.resolve(file));
    if (inside === '' || inside === '..' || inside.startsWith(`..${path.sep}`) || path.isAbsolute(inside))
      return bundledName(path.resolve(file));
    return MARK + inside.split(path.sep).join('/');
  }

  /** The path that `kept` stands for. */
  found(kept: string): string {
    if (!kept.startsWith(MARK)) return bundledPath(kept);
    return path.join(this.folder, ...kept.slice(MARK.length).split('/'));
  }
}

export function noRun(id: string): AppError {
  return new AppError(
    'no-run',
    say`There is no run with the id ${id}.`,
    say`It may have been deleted. See the history.`,
  );
}

/** The key of a run. Throws `AppError('no-run')`. */
export function runKey({ on }: Base, id: string): number {
  const [row] = on.read('select key from runs where id = ?', [id]) as { key: number }[];
  if (!row) throw noRun(id);
  return row.key;
}
