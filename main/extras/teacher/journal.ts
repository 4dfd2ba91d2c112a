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
  /** Raw texts of the person's; what a teacher writes follows in lines of its own. */
  texts: z.array(z.string()),
  samples: z.int().min(1),
  temperature: z.number(),
  rubric: z.string().optional(),
  /** Texts like each example that the teacher writes. */
  vary: z.int().min(1).optional(),
  /** Of a million tokens. */
  price: z.number().optional(),
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
/** What a teacher wrote like an example. */
const VariedLine = z.object({
  example: number,
  varied: z.array(z.string()),
  model: z.string(),
  lesson: z.string(),
  tokens: z.number(),
  seconds: z.number(),
});
const DecidedLine = z.object({ row: number, decided: z.string().nullable() });
const UndoneLine = z.object({ undone: number });
/** What a lesson was, by its id. */
const LessonLine = z.object({ lesson: z.string(), messages: z.array(z.unknown()) });
const Line = z.union([SaidLine, VariedLine, DecidedLine, UndoneLine, LessonLine]);
export type SaidRow = Readonly<z.infer<typeof SaidLine>>;
export type VariedRow = Readonly<z.infer<typeof VariedLine>>;
export type DecidedRow = Readonly<z.infer<typeof DecidedLine>>;
type Line = z.infer<typeof Line>;

export class Journal {
  readonly head: Head;
  /** Raw texts and variations, each once; a row is a place in them. */
  readonly texts: string[];
  /** By example. */
  readonly varied = new Map<number, VariedRow>();
  /** By variation. */
  readonly written = new Map<string, VariedRow>();
  /** By row; a later one replaces an earlier one. */
  readonly said = new Map<number, SaidRow>();
  /** In order; one of a row replaces an earlier one. */
  decided: readonly DecidedRow[] = [];
  readonly #known: Set<string>;
  readonly #lessons = new Set<string>();
  readonly #file: LineFile<Line>;

  private constructor(file: LineFile<Line>, head: Head) {
    this.#file = file;
    this.head = head;
    this.texts = [...head.texts];
    this.#known = new Set([...head.texts, ...head.examples.map(({ text }) => text)].map(sameText));
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

  /** Examples of which no variation is there yet. */
  get unvaried(): number[] {
    if (this.head.vary === undefined) return [];
    return [...this.head.examples.keys()].filter((example) => !this.varied.has(example));
  }

  /** Those of `texts` that are no copy of a text or an example, nor of each other. */
  fresh(texts: readonly string[]): string[] {
    const found = new Map(texts.map((text) => [sameText(text), text]));
    return [...found].flatMap(([same, text]) => (same === '' || this.#known.has(same) ? [] : [text]));
  }

  async lesson(id: string, messages: readonly unknown[]): Promise<void> {
    if (!this.#lessons.has(id)) await this.#add({ lesson: id, messages: [...messages] });
  }

  add(line: SaidRow | VariedRow | DecidedRow): Promise<void> {
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
    else if ('varied' in line) {
      if (line.example >= this.head.examples.length || this.varied.has(line.example)) return;
      this.varied.set(line.example, line);
      for (const text of this.fresh(line.varied)) {
        this.#known.add(sameText(text));
        this.texts.push(text);
        this.written.set(text, line);
      }
    } else if ('said' in line) {
      if (line.row < this.texts.length) this.said.set(line.row, line);
    } else {
      const row = 'undone' in line ? line.undone : line.row;
      const others = this.decided.filter((one) => one.row !== row);
      this.decided = 'undone' in line || row >= this.texts.length ? others : [...others, line];
    }
  }
}

/** The same for texts that differ in case, spaces and marks alone; empty where nothing is said. */
const sameText = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]+/gu, '');

function unreadable(file: string, cause: unknown): AppError {
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
