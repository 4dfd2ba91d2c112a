/** The words of the course; figures in them come from the app, none is typed. */
import type { CourseFacts } from '../../../../common/extras/learn/course.ts';
import { bytes, count, duration, number, percent } from '../../../../common/words/format.ts';
import english from '../../../../words/en/pages/learn-course.json' with { type: 'json' };
import { texts } from '../../../text/texts.ts';

type Hard = NonNullable<CourseFacts['hard']>;
type Gentle = NonNullable<CourseFacts['gentle']>;

export const { courseText } = texts('learn-course', english, {
  courseText: {
    lesson: (number: number, title: string) => ({ number, title }),
    progress: (done: number, all: number) => ({ done, all }),
    goOn: (number: number) => ({ number }),
    next: (title: string) => ({ title }),
    whole: (title: string) => ({ title }),
    predicted: (choice: string) => ({ choice }),
    lessons: {
      tuning: {
        happened: ({ taskBefore, taskAfter, taskRows, words }: Gentle) => ({
          before: percent(taskBefore),
          after: percent(taskAfter),
          rows: taskRows,
          counted: words !== null,
          words: percent(words),
        }),
      },
      memory: {
        prediction: ({ memory }: CourseFacts) => ({
          parameters: count(memory.parameters),
          weights: bytes(memory.weightBytes),
        }),
        happened: ({ memory }: CourseFacts) => ({
          weights: bytes(memory.weightBytes),
          total: bytes(memory.totalBytes),
          times: number(memory.totalBytes / memory.weightBytes, 1, 0),
          qlora: bytes(memory.qloraBytes),
        }),
        feedback: {
          activations: ({ memory: { activationBytes } }: CourseFacts) => ({
            one: bytes(activationBytes[0]),
            two: bytes(activationBytes[1]),
          }),
        },
      },
      time: {
        happened: ({ time: { card, fullSeconds, loraSeconds } }: CourseFacts) => ({
          card,
          full: duration(fullSeconds),
          lora: duration(loraSeconds),
          share: percent(loraSeconds / fullSeconds),
        }),
      },
      forgetting: {
        happened: ({ quizBefore, quizAfter, taskAfter }: Hard) => ({
          before: percent(quizBefore),
          after: percent(quizAfter),
          task: percent(taskAfter),
        }),
        feedback: {
          'lower-rate': ({ gentle }: CourseFacts) => ({
            known: gentle !== null,
            quiz: percent(gentle?.quizAfter),
          }),
        },
      },
      lora: {
        prediction: ({ adapter: { matrix, rank } }: CourseFacts) => ({ matrix, rank }),
        happened: ({ adapter: { matrix, adapter } }: CourseFacts) => ({
          adapter,
          share: percent(adapter / matrix, 2),
        }),
        question: ({ memory }: CourseFacts) => ({
          total: bytes(memory.loraBytes),
          weights: bytes(memory.loraWeightBytes),
        }),
        feedback: {
          rank: ({ memory }: CourseFacts) => ({ adapters: bytes(memory.loraBytes - memory.loraWeightBytes) }),
          quantise: ({ memory }: CourseFacts) => ({ qlora: bytes(memory.qloraBytes) }),
          full: ({ memory }: CourseFacts) => ({ full: bytes(memory.totalBytes) }),
        },
      },
      judging: {
        prediction: ({ judged: { right, rows } }: CourseFacts) => ({ right, rows }),
        happened: ({ judged: { right, rows, few, many } }: CourseFacts) => ({
          right,
          rows,
          low: percent(few.low, 1),
          high: percent(few.high, 1),
          lowMany: percent(many.low, 1),
          highMany: percent(many.high, 1),
        }),
        question: ({ judged: { right, rows } }: CourseFacts) => ({ right, rows }),
        feedback: {
          model: ({ judged: { right, few } }: CourseFacts) => ({
            right,
            low: percent(few.low, 1),
            high: percent(few.high, 1),
          }),
        },
      },
    },
    teacher: {
      plan: (minutes: number) => ({ minutes }),
      saved: (path: string) => ({ path }),
      rightAnswer: (answer: string) => ({ answer }),
    },
  },
});
