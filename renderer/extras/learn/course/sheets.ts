/** The worksheet and its solutions as sheets of paper, from the same words as the lessons. */
import type { Sheet, SheetBlock } from '../../../../common/extras/learn/course-calls.ts';
import { marks } from '../../../../common/words/marks.ts';
import { courseText as text } from '../text/course.ts';
import type { Lesson } from './lessons.ts';

const LINES = 2;

const block = (words: string, given: Partial<SheetBlock> = {}): SheetBlock => ({
  text: words,
  choices: [],
  lines: 0,
  ...given,
});

/** To fill in: predictions, room for what happened, tasks, questions. */
export function worksheet(lessons: readonly Lesson[]): Sheet {
  const { teacher, steps } = text;
  return {
    title: `${text.title}${marks().colon}${teacher.worksheet}`,
    lead: teacher.name,
    parts: lessons.map((lesson) => ({
      title: text.lesson(lesson.number, lesson.title),
      blocks: [
        block(`${steps.predict}${marks().stop}${lesson.prediction}`, {
          choices: lesson.predictions.map(({ title }) => ({ text: title, isRight: false })),
        }),
        ...lesson.tasks.map((task) => block(task, { lines: 1 })),
        block(teacher.wrote, { lines: LINES }),
        block(`${steps.question}${marks().stop}${lesson.question}`, {
          choices: lesson.answers.map(({ title }) => ({ text: title, isRight: false })),
        }),
      ],
    })),
  };
}

/** What came out here, and why each answer is right or wrong. */
export function solutions(lessons: readonly Lesson[]): Sheet {
  const { teacher, steps } = text;
  return {
    title: `${text.title}${marks().colon}${teacher.solutions}`,
    lead: text.lead,
    parts: lessons.map((lesson) => ({
      title: text.lesson(lesson.number, lesson.title),
      blocks: [
        block(`${steps.predict}${marks().stop}${lesson.prediction}`, {
          choices: lesson.predictions.map(({ value, title }) => ({
            text: title,
            isRight: value === lesson.outcome?.choice,
          })),
        }),
        block(lesson.outcome ? lesson.outcome.sentence : text.notYet),
        block(`${steps.question}${marks().stop}${lesson.question}`, {
          choices: lesson.answers.map(({ title, feedback, isRight }) => ({
            text: `${title.replace(/[.。]$/, '')}${marks().colon}${feedback}`,
            isRight,
          })),
        }),
      ],
    })),
  };
}
