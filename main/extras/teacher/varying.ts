/** Variations of a person's examples that a teacher writes: texts that it then answers like any other, without seeing the example's answer. */
import { createHash } from 'node:crypto';
import type { Written } from '../../../common/extras/teacher/calls.ts';
import type { ExampleRow } from '../../../common/extras/teacher/kinds.ts';
import { say } from '../../../common/words/language.ts';
import type { Journal } from './journal.ts';
import { type AnswerOptions, askTeacher, type TeacherAddress, Unanswered } from './teacher.ts';

/** A variation may be so many times as long as its example, and so many characters more. */
const LONGEST = { times: 4, more: 200 };
/** Stands before the answer in what a teacher is told; small ones repeat it. */
const TOLD = 'The right answer:';

/** Has `teacher` write texts like one example, and keeps those that are new. Throws `Unanswered` where none is. */
export async function vary(
  journal: Journal,
  teacher: TeacherAddress,
  example: number,
  options: Omit<AnswerOptions, 'samples'>,
): Promise<{ readonly tokens: number; readonly written: Written }> {
  const { examples, rubric, vary: samples = 1 } = journal.head;
  const like = examples[example]!;
  const messages = wish(like, rubric);
  const lesson = createHash('sha256').update(JSON.stringify(messages)).digest('hex').slice(0, 12);
  const { answers, tokens, seconds } = await askTeacher(teacher, messages, { ...options, samples });
  const longest = LONGEST.times * like.text.length + LONGEST.more;
  const readable = answers
    .map((one) => one.trim())
    .filter((one) => /[\p{L}\p{N}]/u.test(one) && one.length <= longest && !one.includes(TOLD));
  if (readable.length === 0) throw new Unanswered(say`It wrote nothing like the example.`);
  const texts = journal.fresh(readable);
  if (texts.length === 0) throw new Unanswered(say`It only repeated a text that is there.`);
  await journal.lesson(lesson, messages);
  await journal.add({ example, varied: texts, model: teacher.model, lesson, tokens, seconds });
  return { tokens, written: { like: like.text, texts } };
}

/** The model reads English best, whatever language the rows are in. */
function wish({ text, answer }: ExampleRow, rubric = '') {
  const task =
    'Write another text like the one that you are given: with other words and details, in the same language and style, and so that the right answer to it stays the same. Reply with the text alone.';
  const content = [task, `${TOLD}\n${answer}`, rubric.trim()].filter((part) => part !== '');
  return [
    { role: 'system', content: content.join('\n\n') },
    { role: 'user', content: text },
  ] as const;
}
