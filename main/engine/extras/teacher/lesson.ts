/** What a teacher is told: categories, fields or style from the person's own examples, some of which it is shown. */
import { createHash } from 'node:crypto';
import { AppError } from '../../../../common/errors.ts';
import type { AnswerKind, ExampleRow, Lesson } from '../../../../common/extras/teacher/kinds.ts';
import { say } from '../../../../common/words/language.ts';
import { parseObject } from '../../eval/assess/task.ts';
import { AnswerTally, placeIn } from '../../eval/classify/closed-set.ts';

export interface LessonAsked {
  readonly examples: readonly ExampleRow[];
  /** Left out: what the examples look like. */
  readonly kind?: AnswerKind;
  /** What the person adds in words. */
  readonly rubric?: string;
}

/** Examples that are shown of a category, and of answers of other kinds. */
const SHOWN = { category: 2, other: 8 };
const MOST_SHOWN = 60;
const MOST_SHOWN_CHARS = 8000;

export function lessonOf({ examples, kind: wanted, rubric }: LessonAsked): Lesson {
  if (examples.length === 0)
    throw new AppError(
      'no-examples',
      say`There are no examples to learn from.`,
      say`Give a file of rows with a text and its answer.`,
    );
  const { kind, answers } = kindOf(examples, wanted);
  const instructions = [TASKS[kind](answers, examples), rubric?.trim() ?? ''].filter((part) => part !== '');
  const shown = shownOf(examples, kind, answers).flatMap(({ text, answer }) => [
    { role: 'user', content: text } as const,
    { role: 'assistant', content: answer } as const,
  ]);
  const messages = [{ role: 'system', content: instructions.join('\n\n') } as const, ...shown];
  const id = createHash('sha256').update(JSON.stringify(messages)).digest('hex').slice(0, 12);
  return { kind, answers, messages, id };
}

function kindOf(examples: readonly ExampleRow[], wanted: AnswerKind | undefined) {
  const tally = new AnswerTally();
  for (const { answer } of examples) tally.add(answer.trim());
  const { closed } = tally;
  if (wanted === 'categories') {
    const answers = closed ?? [...new Set(examples.map(({ answer }) => answer.trim()))];
    if (answers.length < 2)
      throw new AppError(
        'no-categories',
        say`All examples have the same answer.`,
        say`Give an example of each category.`,
      );
    return { kind: wanted, answers };
  }
  if (wanted !== undefined) return { kind: wanted, answers: [] };
  if (closed) return { kind: 'categories' as const, answers: closed };
  const isJson = examples.every(({ answer }) => parseObject(answer) !== null);
  return { kind: isJson ? ('json' as const) : ('free' as const), answers: [] };
}

/** The model reads English best, whatever language the rows are in. */
const TASKS: Readonly<
  Record<AnswerKind, (answers: readonly string[], examples: readonly ExampleRow[]) => string>
> = {
  categories: (answers) =>
    `Sort each text into one of these categories:\n${answers.map((one) => `- ${one}`).join('\n')}\nReply with the category alone, exactly as it is written above.`,
  json: (_, examples) => {
    const fields = new Set(examples.flatMap(({ answer }) => Object.keys(parseObject(answer) ?? {})));
    return `Reply to each text with one JSON object, with the fields ${[...fields].map((one) => JSON.stringify(one)).join(', ')}. Reply with the JSON alone. Write values as in the examples.`;
  },
  free: () =>
    'Reply to each text as in the examples: with the same kind of content, length, tone and language. Reply with the answer alone.',
};

/** The first examples of each category in turn, so that all are shown before any is shown twice. */
function shownOf(
  examples: readonly ExampleRow[],
  kind: AnswerKind,
  answers: readonly string[],
): ExampleRow[] {
  const place = placeIn(answers);
  const groups =
    kind === 'categories'
      ? [...Map.groupBy(examples, ({ answer }) => place(answer)).values()]
      : [examples.slice(0, SHOWN.other)];
  const each = kind === 'categories' ? SHOWN.category : SHOWN.other;
  const turns = Array.from({ length: each }, (_, turn) => groups.flatMap((group) => group[turn] ?? []));
  let chars = 0;
  const shown: ExampleRow[] = [];
  for (const one of turns.flat().slice(0, MOST_SHOWN)) {
    chars += one.text.length + one.answer.length;
    if (chars > MOST_SHOWN_CHARS) break;
    shown.push(one);
  }
  return shown;
}
