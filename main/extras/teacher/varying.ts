/** Variations of a person's examples that a teacher writes: texts that it then answers like any other. A file keeps them line by line. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { ExampleRow } from '../../../common/extras/teacher/kinds.ts';
import { LineFile } from '../../line-file.ts';
import { MOST_FAILED, silent } from './asking.ts';
import { otherRows, unreadable } from './journal.ts';
import { type AnswerOptions, askTeacher, type TeacherAddress, Unanswered } from './teacher.ts';

const Head = z.object({
  fettle: z.literal('variations'),
  version: z.literal(1),
  each: z.int().min(1),
  examples: z.array(z.object({ text: z.string(), answer: z.string() })).min(1),
});
const Line = z.object({
  example: z.int().min(0),
  texts: z.array(z.string()),
  model: z.string(),
  tokens: z.number(),
});
type Line = z.infer<typeof Line>;

export interface Variations {
  /** Examples that have none yet. */
  readonly left: readonly number[];
  /** Asks `teacher` for those of the examples that are left, and keeps them at once. Throws an AppError where asking on is no use. */
  ask(teacher: TeacherAddress, options: VaryOptions): Promise<void>;
  /** Each variation, with the example that it was made of. */
  texts(): ReadonlyMap<string, string>;
}

interface VaryOptions extends Omit<AnswerOptions, 'samples'> {
  readonly rubric?: string | undefined;
  tell(done: number, total: number): void;
}

/** The variations in `file`, begun where there is none. Throws an AppError where it is about other examples. */
export async function openVariations(
  file: string,
  examples: readonly ExampleRow[],
  each: number,
): Promise<Variations> {
  const about = { each, examples: examples.map(({ text, answer }) => ({ text, answer })) };
  const head = { fettle: 'variations', version: 1, ...about };
  const found = existsSync(file)
    ? await LineFile.open(file, {
        head: (value) => Head.safeParse(value).data,
        line: (value) => Line.safeParse(value).data,
        unreadable: (cause) => unreadable(file, cause),
      })
    : { file: await LineFile.create<Line>(file, head), head, lines: [] };
  if (JSON.stringify([found.head.each, found.head.examples]) !== JSON.stringify(Object.values(about)))
    throw otherRows(file);
  const lines = new Map(found.lines.map((line) => [line.example, line]));
  const left = () => [...examples.keys()].filter((row) => !lines.has(row));
  return {
    get left() {
      return left();
    },
    async ask(teacher, { tell, rubric, ...options }) {
      let inTurn = 0;
      for (const example of left()) {
        tell(lines.size, examples.length);
        try {
          const messages = wish(examples[example]!, rubric);
          const { answers, tokens } = await askTeacher(teacher, messages, { ...options, samples: each });
          const texts = [...new Set(answers.map((one) => one.trim()))].filter((one) => one !== '');
          const line = { example, texts, model: teacher.model, tokens };
          await found.file.add(line, (written) => lines.set(example, written));
          inTurn = 0;
        } catch (error) {
          if (!(error instanceof Unanswered)) throw error;
          inTurn++;
          if (inTurn >= MOST_FAILED) throw silent(error.message);
        }
      }
    },
    texts: () =>
      new Map(
        [...lines.values()]
          .sort((a, b) => a.example - b.example)
          .flatMap(({ example, texts }) => texts.map((text) => [text, examples[example]!.text] as const)),
      ),
  };
}

/** The model reads English best, whatever language the rows are in. */
function wish({ text, answer }: ExampleRow, rubric = '') {
  const task =
    'Write another text like the one that you are given: with other words and details, in the same language and style, and so that the right answer to it stays the same. Reply with the text alone.';
  const content = [task, `The right answer:\n${answer}`, rubric.trim()].filter((part) => part !== '');
  return [
    { role: 'system', content: content.join('\n\n') },
    { role: 'user', content: text },
  ] as const;
}
