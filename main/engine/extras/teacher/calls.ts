import type { CallIo } from '../../session/call-row.ts';
import type { LessonAsked } from './lesson.ts';
import type { StudyAsked } from './study.ts';

export const teacherLesson = async (asked: LessonAsked) => (await import('./lesson.ts')).lessonOf(asked);
export const teacherStudy = async (asked: StudyAsked, { stop }: CallIo) =>
  (await import('./study.ts')).study(asked, stop);
