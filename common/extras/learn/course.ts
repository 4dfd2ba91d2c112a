/**
 * The course: six lessons in order, each with what is predicted before it and what is asked after it. Words belong to the pages; here is which
 * choices there are and which answer is right, so that progress is checked and kept.
 */
import type { Estimate } from '../../protocol/protocol.ts';

export interface Choices {
  /** In the order of the page. */
  readonly predictions: readonly string[];
  readonly answers: readonly string[];
  readonly right: string;
}

export const COURSE = {
  tuning: {
    predictions: ['few-few', 'few-most', 'half-most'],
    answers: ['prices', 'style', 'short', 'folders'],
    right: 'style',
  },
  memory: {
    predictions: ['same', 'twice', 'four', 'more'],
    answers: ['weights', 'moments', 'activations', 'nothing'],
    right: 'activations',
  },
  time: {
    predictions: ['hundredth', 'half', 'two-thirds', 'same'],
    answers: ['twice', 'half', 'same'],
    right: 'same',
  },
  forgetting: {
    predictions: ['most', 'half', 'little'],
    answers: ['more-passes', 'lower-rate', 'more-test', 'fewer-general'],
    right: 'lower-rate',
  },
  lora: {
    predictions: ['half', 'tenth', 'hundredth'],
    answers: ['rank', 'quantise', 'passes', 'full'],
    right: 'quantise',
  },
  judging: {
    predictions: ['little', 'some', 'much'],
    answers: ['model', 'training-rows', 'again', 'close'],
    right: 'close',
  },
} as const satisfies Readonly<Record<string, Choices>>;

export type LessonId = keyof typeof COURSE;
export const LESSON_IDS = Object.keys(COURSE) as readonly LessonId[];

/** What a person did in a lesson. The question is answered when the right answer is among those given. */
export interface LessonProgress {
  readonly predicted: string | null;
  readonly answers: readonly string[];
}
export type Progress = Readonly<Partial<Record<LessonId, LessonProgress>>>;

export const isDone = (lesson: LessonId, progress: Progress): boolean =>
  progress[lesson]?.answers.includes(COURSE[lesson].right) ?? false;

/** What the experiment's runs came to, as shares; null before they were made. */
export interface CourseRuns {
  /** At a good rate: the task, and what word counts get of the same messages. */
  readonly gentle: {
    readonly taskBefore: number;
    readonly taskAfter: number;
    readonly taskRows: number;
    readonly words: number | null;
    readonly quizAfter: number;
  } | null;
  readonly hard: {
    readonly quizBefore: number;
    readonly quizAfter: number;
    readonly taskAfter: number;
  } | null;
}

/** The figures of the lessons, from the same computations as the calculators. Bytes, seconds, shares. */
export interface CourseFacts extends CourseRuns {
  readonly memory: {
    readonly parameters: number;
    readonly weightBytes: number;
    readonly totalBytes: number;
    readonly qloraBytes: number;
    readonly loraBytes: number;
    readonly loraWeightBytes: number;
    /** Of one row, and of one that is twice as long. */
    readonly activationBytes: readonly [number, number];
  };
  readonly time: { readonly card: string; readonly fullSeconds: number; readonly loraSeconds: number };
  readonly adapter: { readonly matrix: number; readonly adapter: number; readonly rank: number };
  readonly judged: {
    readonly right: number;
    readonly rows: number;
    readonly few: Estimate;
    readonly many: Estimate;
  };
}

export interface Course {
  readonly progress: Progress;
  readonly facts: CourseFacts;
}
