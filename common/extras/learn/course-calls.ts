/** What the calls of the course take. Apart from its lessons, so that pages load no checks of data. */
import { z } from 'zod';
import { filePath } from '../../api/base.ts';
import { type Choices, COURSE, LESSON_IDS, type LessonId } from './course.ts';

/** As the store keeps it. */
export const LessonProgress = z.object({
  predicted: z.string().max(40).nullable(),
  answers: z.array(z.string().max(40)).max(20),
});

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
