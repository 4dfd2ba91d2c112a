/**
 * A file of JSON lines that is only ever added to, each written at once, so that nothing is lost however Fettle ends. Its first line says
 * what the others are about; a line that was not written whole is none.
 */
import { appendFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { parsedJson } from '../common/values.ts';

/** Reads a line; undefined for what is none. */
type Read<T> = (value: unknown) => T | undefined;

export class LineFile<Line> {
  readonly path: string;
  /** Lines are written one after the other. */
  #turn: Promise<void> = Promise.resolve();
  /** Bytes of the lines that are whole, and whether more may be there: a full disk takes half a line. */
  #whole: number;
  #isTorn = false;

  private constructor(path: string, whole: number) {
    this.path = path;
    this.#whole = whole;
  }

  /** Begins the file, which must not be there. */
  static async create<Line>(path: string, head: object): Promise<LineFile<Line>> {
    const first = lineOf(head);
    await writeFile(path, first, { flag: 'wx', mode: 0o600, flush: true }).catch(async (error: unknown) => {
      // half a head is no file; one that was there before stays
      if (!isThere(error)) await rm(path, { force: true });
      throw error;
    });
    return new LineFile(path, first.length);
  }

  /** Throws where it can't be read, or `unreadable` of a line that is none. */
  static async open<Head, Line>(
    path: string,
    { head, line, unreadable }: { head: Read<Head>; line: Read<Line>; unreadable(cause?: unknown): Error },
  ): Promise<{ readonly file: LineFile<Line>; readonly head: Head; readonly lines: readonly Line[] }> {
    const content = await readFile(path).catch((cause: unknown) => {
      throw unreadable(cause);
    });
    const end = content.lastIndexOf('\n') + 1;
    const [first = '', ...others] = content.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
    const found = head(parsedJson(first));
    if (found === undefined) throw unreadable();
    const lines = others.map((text) => {
      const one = line(parsedJson(text));
      if (one === undefined) throw unreadable();
      return one;
    });
    if (end < content.length) await truncate(path, end);
    return { file: new LineFile<Line>(path, end), head: found, lines };
  }

  /** Writes `line`, and then tells `written`. */
  add(line: Line, written: (line: Line) => void): Promise<void> {
    const turn = this.#turn.then(async () => {
      const text = lineOf(line);
      if (this.#isTorn) await truncate(this.path, this.#whole);
      this.#isTorn = true;
      await appendFile(this.path, text, { flush: true });
      this.#isTorn = false;
      this.#whole += text.length;
      written(line);
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

const lineOf = (value: unknown) => Buffer.from(`${JSON.stringify(value)}\n`);
const isThere = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EEXIST';
