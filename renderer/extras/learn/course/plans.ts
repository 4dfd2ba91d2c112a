/** Plans of a class: how many minutes for what. */
import type { LessonId } from '../../../../common/extras/learn/course.ts';
import { LESSON_IDS } from '../../../../common/extras/learn/course.ts';
import { marks } from '../../../../common/words/marks.ts';
import { courseText as text } from '../text/course.ts';
import type { Lesson } from './lessons.ts';

type Item = readonly [minutes: number, what: LessonId | 'open' | 'close'];

export interface Plan {
  readonly minutes: number;
  readonly items: readonly Item[];
}

/** Of 45 minutes memory, forgetting and judging, which stand for the three walls; of 90 all lessons. */
export const PLANS: readonly Plan[] = [
  {
    minutes: 45,
    items: [
      [5, 'open'],
      [10, 'memory'],
      [15, 'forgetting'],
      [10, 'judging'],
      [5, 'close'],
    ],
  },
  {
    minutes: 90,
    items: [[5, 'open'], ...LESSON_IDS.map((id): Item => [12, id]), [13, 'close']],
  },
];

/** Of its table, which must not have the name of the section around it. */
export const planName = ({ minutes }: Plan): string =>
  `${text.title}${marks().colon}${text.teacher.plan(minutes)}`;

export function planRows({ items }: Plan, lessons: readonly Lesson[]) {
  let from = 0;
  return items.map(([minutes, what]) => {
    const lesson = lessons.find(({ id }) => id === what);
    const at = `${from}–${from + minutes}`;
    from += minutes;
    const words = lesson
      ? text.lesson(lesson.number, lesson.title)
      : text.teacher[what === 'open' ? 'open' : 'close'];
    return { at, minutes: at, what: words };
  });
}
