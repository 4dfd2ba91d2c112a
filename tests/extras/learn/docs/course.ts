/** The course as a page of docs/learn: what each lesson asks, why answers are right or wrong, and the plans for a class. */
import { FIGURES } from '../../../../main/extras/learn/course.ts';
import { type Lesson, lessonsWith } from '../../../../renderer/extras/learn/course/lessons.ts';
import { PLANS, planRows } from '../../../../renderer/extras/learn/course/plans.ts';
import { courseText } from '../../../../renderer/extras/learn/text.ts';
import { table } from './figures.ts';

/** The page's parts; figures of the experiment come in the app, where it is made. */
export function courseParts(): readonly string[] {
  const lessons = lessonsWith({ ...FIGURES, gentle: null, hard: null });
  const { teacher } = courseText;
  return [
    'In the app: "Learn", then "Course". It keeps your answers, and makes a worksheet and its solutions as PDF.',
    ...lessons.flatMap(lessonParts),
    `## ${teacher.title}`,
    teacher.points.map((point) => `- ${point}`).join('\n'),
    ...PLANS.flatMap((plan) => [
      `### ${teacher.plan(plan.minutes)}`,
      table(
        [teacher.columns.minutes, teacher.columns.what],
        planRows(plan, lessons).map(({ minutes, what }) => [minutes, what]),
      ),
    ]),
  ];
}

function lessonParts({ number, title, goal, page, ...lesson }: Lesson): readonly string[] {
  const { steps, lesson: named } = courseText;
  const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n');
  return [
    `## ${named(number, title)}`,
    goal,
    `**${steps.predict}.** ${lesson.prediction}`,
    list(lesson.predictions.map((choice) => choice.title)),
    `**${steps.try}.** [${page.title}](${page.id}.md)`,
    list(lesson.tasks),
    ...(lesson.outcome ? [`**${steps.happened}.** ${lesson.outcome.sentence}`] : []),
    `**${steps.question}.** ${lesson.question} The right answer is bold.`,
    list(
      lesson.answers.map((one) => `${one.isRight ? `**${one.title}**` : `*${one.title}*`} ${one.feedback}`),
    ),
  ];
}
