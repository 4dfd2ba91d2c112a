/**
 * The course: six lessons in order, each with what is predicted before it and what is asked after it. Words belong to the pages; here is which
 * choices there are and which answer is right, so that progress is checked and kept.
 */
import { z } from 'zod';
import { filePath } from '../../api/base.ts';
import type { Estimate } from '../../protocol/protocol.ts';

interface Choices {
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
export const LessonProgress = z.object({
  predicted: z.string().max(40).nullable(),
  answers: z.array(z.string().max(40)).max(20),
});
export type LessonProgress = z.output<typeof LessonProgress>;
export type Progress = Readonly<Partial<Record<LessonId, LessonProgress>>>;

export const isDone = (lesson: LessonId, progress: Progress): boolean =>
  progress[lesson]?.answers.includes(COURSE[lesson].right) ?? false;

const isChoice = ({
  lesson,
  predicted,
  answered,
}: {
  lesson: LessonId;
  predicted?: string;
  answered?: string;
}) => {
  const { predictions, answers }: Choices = COURSE[lesson];
  return (
    (predicted === undefined || predictions.includes(predicted)) &&
    (answered === undefined || answers.includes(answered))
  );
};

/** A prediction or an answer. */
export const CourseStep = z
  .object({
    lesson: z.enum(LESSON_IDS as [LessonId, ...LessonId[]]),
    predicted: z.string().max(40).exactOptional(),
    answered: z.string().max(40).exactOptional(),
  })
  .refine(isChoice, { error: 'no such choice in this lesson' });
export type CourseStep = z.output<typeof CourseStep>;

/** What the experiment's runs came to, as shares; null before they were made. */
export interface CourseRuns {
  /** At a good rate: the task, and what counting words gets of the same messages. */
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

export const JudgeQuestion = z
  .object({ rows: z.int().min(1).max(1_000_000), right: z.int().min(0) })
  .refine(({ rows, right }) => right <= rows, { error: 'more rows right than there are' });

const line = z.string().max(2000);
/** A sheet of paper: what a page would print, without any markup. */
export const Sheet = z.object({
  title: line,
  lead: line,
  parts: z
    .array(
      z.object({
        title: line,
        blocks: z
          .array(
            z.object({
              text: line,
              /** With a box to tick, or a mark on the right one. */
              choices: z.array(z.object({ text: line, isRight: z.boolean().nullable() })).max(20),
              /** Empty lines to write on. */
              lines: z.int().min(0).max(20),
            }),
          )
          .max(40),
      }),
    )
    .max(40),
});
export type Sheet = z.output<typeof Sheet>;
export type SheetBlock = Sheet['parts'][number]['blocks'][number];
export const SheetPdf = z.object({ sheet: Sheet, out: filePath });
