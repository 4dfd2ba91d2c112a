/** The engine calls of a teacher. It imports types and the makers of rows alone. */
import type { Lesson, Studied } from '../../../../common/extras/teacher/kinds.ts';
import { COMPUTING, call, QUICK } from '../../session/call-row.ts';
import type { LessonAsked } from './lesson.ts';
import type { StudyAsked } from './study.ts';

/** What a teacher is told, from a person's examples. */
export const teacherLesson = call<LessonAsked, Lesson>(QUICK, 'reader');
/** What a teacher's answers come to, beside those of a sorter that learns from them. */
export const teacherStudy = call<StudyAsked, Studied>(COMPUTING, 'vectors');
