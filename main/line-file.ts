/**
 * A file of JSON lines that is only ever added to, each written at once, so that nothing is lost however Fettle ends. Its first line says
 * what the others are about; a line that was not written whole is none.
 */
import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { parsedJson } from '../common/values.ts';

/** Reads a line; undefined for what is none. */
type Read<T> = (value: unknown) => T | undefined;

export class LineFile<Line> {
  readonly path: string;
  /** Lines are written one after the other. */
  #turn: Promise<void> = Promise.resolve();

  private constructor(path: string) {
    this.path = path;
  }

  /** Begins the file, which must not be there. */
  static async create<Line>(path: string, head: object): Promise<LineFile<Line>> {
    await writeFile(path, lineOf(head), { flag: 'wx', mode: 0o600, flush: true });
    return new LineFile(path);
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
    return { file: new LineFile<Line>(path), head: found, lines };
  }

  /** Writes `line`, and then tells `written`. */
  add(line: Line, written: (line: Line) => void): Promise<void> {
    const turn = this.#turn.then(async () => {
      await appendFile(this.path, lineOf(line), { flush: true });
      written(line);
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }
}

const lineOf = (value: unknown) => `${JSON.stringify(value)}\n`;
