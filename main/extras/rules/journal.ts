/** The file of a drill: its first line says what is practised and by which rules, every other one what came of it. */
import { z } from 'zod';
import { AppError } from '../../../common/errors.ts';
import type { JudgedAnswer, RoundKind } from '../../../common/extras/rules/drill.ts';
import { Rules } from '../../../common/extras/rules/rules.ts';
import { say } from '../../../common/words/language.ts';
import { LineFile } from '../../line-file.ts';

const VERSION = 1;

const count = z.int().min(0);
const Row = z.object({
  turns: z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })).min(1),
  tools: z.array(z.custom<never>((value) => typeof value === 'object' && value !== null)).optional(),
  answer: z.string().optional(),
});
const Head = z.object({
  fettle: z.literal('drill'),
  version: z.number().max(VERSION),
  name: z.string(),
  created: z.string(),
  rules: Rules,
  rows: z.array(Row).min(2),
  /** Numbers of the rows that are never learned. */
  test: z.array(count).min(1),
  samples: z.int().min(2).max(64),
  temperature: z.number().min(0).max(10),
  maxNewTokens: z.int().min(1),
  rounds: z.int().min(1).max(100),
  pairs: z.boolean(),
  seed: count,
  /** The model and settings of a training, for who has no command that says so. */
  modelId: z.string().optional(),
});
export type Head = z.infer<typeof Head>;

const AnswerLine = z.object({
  /** The round in which it was asked; of a test question the round whose model answered, 0 for the base model. */
  round: count,
  row: count,
  sample: count,
  text: z.string(),
  passes: z.boolean(),
  score: z.number(),
  reason: z.string(),
});
const TrainedLine = z.object({
  round: count,
  kind: z.enum(['answers', 'pairs']),
  rows: count,
  run: z.string(),
});
const Line = z.union([AnswerLine, TrainedLine]);
type Line = z.infer<typeof Line>;
export type Trained = Readonly<{ round: number; kind: RoundKind; rows: number; run: string }>;

export class Journal {
  readonly head: Head;
  /** By round and row, in the order in which they were given. */
  readonly #answers = new Map<string, JudgedAnswer[]>();
  readonly trained: Trained[] = [];
  readonly #file: LineFile<Line>;

  private constructor(file: LineFile<Line>, head: Head) {
    this.#file = file;
    this.head = head;
  }

  static async create(path: string, about: Omit<Head, 'fettle' | 'version' | 'created'>): Promise<Journal> {
    const head: Head = { fettle: 'drill', version: VERSION, created: new Date().toISOString(), ...about };
    return new Journal(await LineFile.create(path, head), head);
  }

  /** Throws an AppError where the file is none, or of a newer Fettle. */
  static async open(path: string): Promise<Journal> {
    const { file, head, lines } = await LineFile.open(path, {
      head: (value) => Head.safeParse(value).data,
      line: (value) => Line.safeParse(value).data,
      unreadable: (cause) => unreadable(path, cause),
    });
    const journal = new Journal(file, head);
    for (const line of lines) journal.#take(line);
    return journal;
  }

  answers(round: number, row: number): readonly JudgedAnswer[] {
    return this.#answers.get(`${round} ${row}`) ?? [];
  }

  answered(round: number, answer: JudgedAnswer): Promise<void> {
    return this.#file.add({ round, ...answer }, (line) => this.#take(line));
  }

  addTrained(trained: Trained): Promise<void> {
    return this.#file.add(trained, (line) => this.#take(line));
  }

  #take(line: Line): void {
    if ('run' in line) this.trained.push(line);
    else {
      const { round, ...answer } = line;
      const key = `${round} ${line.row}`;
      this.#answers.set(key, [...(this.#answers.get(key) ?? []), answer]);
    }
  }
}

function unreadable(file: string, cause: unknown): AppError {
  return new AppError(
    'bad-data-drill',
    say`What was practised so far can't be read: ${file} is damaged.`,
    say`Choose another folder, or delete that file.`,
    { cause },
  );
}
