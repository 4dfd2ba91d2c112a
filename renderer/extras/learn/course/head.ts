/** What stands above a page of the course. */
import { LESSON_IDS, type LessonId } from '../../../../common/extras/learn/course.ts';
import { courseText as text } from '../text/course.ts';

/** The place of the page for teachers, beside those of the lessons. */
export const TEACHER = 'teacher';

export function lessonAt(place: string | undefined): LessonId | null {
  return LESSON_IDS.find((id) => id === place) ?? null;
}

export function courseHead(place: string | undefined): { readonly title: string; readonly lead: string } {
  const id = lessonAt(place);
  if (id !== null) {
    const { title, goal } = text.lessons[id];
    return { title: text.lesson(LESSON_IDS.indexOf(id) + 1, title), lead: goal };
  }
  if (place === TEACHER) return text.teacher;
  return { title: text.title, lead: place === undefined ? text.lead : text.notFound };
}
