/** The file of a teaching: its first line says what is taught, every other one what a teacher or the person said. */
import { z } from 'zod';
import { AppError } from '../../../common/errors.ts';
import { ANSWER_KINDS } from '../../../common/extras/teacher/kinds.ts';
import { say } from '../../../common/words/language.ts';
import { LineFile } from '../../line-file.ts';

const VERSION = 1;

const Example = z.object({ text: z.string(), answer: z.string() });
const Head = z.object({
  fettle: z.literal('teaching'),
  version: z.number(),
  name: z.string(),
  created: z.string(),
  kind: z.enum(ANSWER_KINDS),
  answers: z.array(z.string()),
  examples: z.array(Example).min(1),
  texts: z.array(z.string()).min(1),
  samples: z.int().min(1),
  temperature: z.number(),
  rubric: z.string().optional(),
  /** Where it is asked, for who has no command that says so. */
  teacher: z
    .union([
      z.object({ url: z.string(), model: z.string().optional() }),
      z.object({ modelId: z.string() }),
      z.object({ runId: z.string() }),
    ])
    .optional(),
});
export type Head = z.infer<typeof Head>;

const number = z.int().min(0);
/** What a teacher said of a text; `answers` is empty where it gave none. */
const SaidLine = z.object({
  row: number,
  said: z.array(z.string()),
  model: z.string(),
  lesson: z.string(),
  tokens: z.number(),
  seconds: z.number(),
});
const DecidedLine = z.object({ row: number, decided: z.string().nullable() });
const UndoneLine = z.object({ undone: number });
/** What a lesson was, by its id. */
const LessonLine = z.object({ lesson: z.string(), messages: z.array(z.unknown()) });
const Line = z.union([SaidLine, DecidedLine, UndoneLine, LessonLine]);
export type SaidRow = Readonly<z.infer<typeof SaidLine>>;
export type DecidedRow = Readonly<z.infer<typeof DecidedLine>>;
type Line = z.infer<typeof Line>;

export class Journal {
  readonly head: Head;
  /** By row; a later one replaces an earlier one. */
  readonly said = new Map<number, SaidRow>();
  /** In order; one of a row replaces an earlier one. */
  decided: readonly DecidedRow[] = [];
  readonly #lessons = new Set<string>();
  readonly #file: LineFile<Line>;

  private constructor(file: LineFile<Line>, head: Head) {
    this.#file = file;
    this.head = head;
  }

  static async create(file: string, about: Omit<Head, 'fettle' | 'version' | 'created'>): Promise<Journal> {
    const head: Head = { fettle: 'teaching', version: VERSION, created: new Date().toISOString(), ...about };
    return new Journal(await LineFile.create(file, head), head);
  }

  /** Throws an AppError where the file is none, or of a newer Fettle. */
  static async open(path: string): Promise<Journal> {
    const { file, head, lines } = await LineFile.open(path, {
      head: (value) => Head.refine(({ version }) => version <= VERSION).safeParse(value).data,
      line: (value) => Line.safeParse(value).data,
      unreadable: (cause) => unreadable(path, cause),
    });
    const journal = new Journal(file, head);
    for (const line of lines) journal.#take(line);
    return journal;
  }

  async lesson(id: string, messages: readonly unknown[]): Promise<void> {
    if (!this.#lessons.has(id)) await this.#add({ lesson: id, messages: [...messages] });
  }

  add(line: SaidRow | DecidedRow): Promise<void> {
    return this.#add(line);
  }

  /** Takes the last decision back, and gives its row; null where there is none. */
  async undo(): Promise<number | null> {
    const last = this.decided.at(-1);
    if (!last) return null;
    await this.#add({ undone: last.row });
    return last.row;
  }

  #add(line: Line): Promise<void> {
    return this.#file.add(line, (written) => this.#take(written));
  }

  #take(line: Line): void {
    if ('messages' in line) this.#lessons.add(line.lesson);
    else if ('said' in line) {
      if (line.row < this.head.texts.length) this.said.set(line.row, line);
    } else {
      const row = 'undone' in line ? line.undone : line.row;
      const others = this.decided.filter((one) => one.row !== row);
      this.decided = 'undone' in line || row >= this.head.texts.length ? others : [...others, line];
    }
  }
}

export function unreadable(file: string, cause: unknown): AppError {
  return new AppError(
    'bad-data-teaching',
    say`${file} can't be read.`,
    say`Start again under another name, or delete it.`,
    { cause },
  );
}

export function otherRows(file: string): AppError {
  return new AppError(
    'path-exists-teaching',
    say`${file} was begun with other rows or settings.`,
    say`Choose another name for the rows, or delete that file.`,
  );
}
