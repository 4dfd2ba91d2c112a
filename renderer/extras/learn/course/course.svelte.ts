/** The course as the app has kept it, for all of its pages. */

import type { Problem } from '../../../../common/api/contract.ts';
import type { Course, LessonId } from '../../../../common/extras/learn/course.ts';
import { isDone } from '../../../../common/extras/learn/course.ts';
import type { CourseStep } from '../../../../common/extras/learn/course-calls.ts';
import { api, problemOf } from '../../../api.ts';
import { type Lesson, lessonsWith } from './lessons.ts';

export type LessonState = 'new' | 'begun' | 'done';

class CourseNow {
  #course = $state.raw<Course | null>(null);
  problem = $state.raw<Problem | null>(null);
  readonly lessons: readonly Lesson[] = $derived(this.#course ? lessonsWith(this.#course.facts) : []);
  readonly done = $derived(this.lessons.filter(({ id }) => this.stateOf(id) === 'done').length);
  /** The first that is not done. */
  readonly next = $derived(this.lessons.find(({ id }) => this.stateOf(id) !== 'done'));

  get isKnown(): boolean {
    return this.#course !== null;
  }

  progressOf(id: LessonId) {
    return this.#course?.progress[id] ?? { predicted: null, answers: [] };
  }

  stateOf(id: LessonId): LessonState {
    const progress = this.#course?.progress ?? {};
    if (isDone(id, progress)) return 'done';
    return progress[id] ? 'begun' : 'new';
  }

  async refresh(): Promise<void> {
    try {
      this.#course = await api.learn.course();
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  async step(step: CourseStep): Promise<void> {
    this.#course = await api.learn.courseStep(step);
  }

  async restart(): Promise<void> {
    this.#course = await api.learn.restartCourse();
  }
}

export const course = new CourseNow();
