/** The course: figures of its lessons, from what the calculators compute and the experiment came to, and a person's progress in the store. */
import type { AssessResult } from '../../../common/api/contract.ts';
import { MemoryQuestion, TimeQuestion } from '../../../common/extras/learn/calls.ts';
import {
  type Course,
  type CourseFacts,
  type CourseRuns,
  LESSON_IDS,
  type Progress,
} from '../../../common/extras/learn/course.ts';
import { type CourseStep, LessonProgress } from '../../../common/extras/learn/course-calls.ts';
import type { Parts } from '../../app/parts.ts';
import { rate } from '../../engine/eval/assess/statistics.ts';
import { lessonRuns } from './lessons.ts';
import { adapterSize, trainingMemory, trainingTime } from './textbook.ts';

type Store = Parts['store'];

const KEY = 'course';
/** More answers than a lesson has choices say nothing new. */
const MOST_ANSWERS = 20;
/** The matrix of the lesson on LoRA, and the rows of the one on judging. */
const [SIDE, RANK] = [4096, 16];
const [RIGHT, ROWS, TIMES] = [88, 100, 10];

export function course(store: Store): Course {
  return { progress: progressIn(store), facts: { ...runsOf(store), ...FIGURES } };
}

/** What is kept; of a lesson that can't be read nothing was done. */
function progressIn(store: Store): Progress {
  const kept = Object(store.kept.get(KEY)) as Record<string, unknown>;
  const read = LESSON_IDS.map((lesson) => [lesson, LessonProgress.safeParse(kept[lesson])] as const);
  return Object.fromEntries(read.flatMap(([lesson, { data }]) => (data ? [[lesson, data]] : [])));
}

/** Keeps a prediction or an answer. */
export function takeStep(store: Store, step: CourseStep): Course {
  store.kept.set(KEY, withStep(progressIn(store), step));
  return course(store);
}

/** With a prediction, of which the first counts, or one more answer. */
export function withStep(progress: Progress, { lesson, predicted, answered }: CourseStep): Progress {
  const before = progress[lesson] ?? { predicted: null, answers: [] };
  const answers = [...before.answers, ...(answered === undefined ? [] : [answered])].slice(-MOST_ANSWERS);
  return { ...progress, [lesson]: { predicted: before.predicted ?? predicted ?? null, answers } };
}

export function restartCourse(store: Store): Course {
  store.kept.set(KEY, {});
  return course(store);
}

function runsOf(store: Store): CourseRuns {
  const runs = lessonRuns(store);
  const of = (variant: string) => runs.find((one) => one.variant === variant)!;
  const { run, result } = of('lower-rate');
  return {
    gentle: result && { ...result, words: run && wordsOf(store.assessments.get(run.id)) },
    hard: of('too-hard').result,
  };
}

/** What word counts get of the same messages. */
function wordsOf(assessment: AssessResult | null): number | null {
  return assessment?.rivals?.find(({ name }) => name === 'counter')?.score.value ?? null;
}

export const FIGURES: Omit<CourseFacts, keyof CourseRuns> = figures();

function figures(): Omit<CourseFacts, keyof CourseRuns> {
  const memory = (given: Partial<MemoryQuestion>) => trainingMemory(MemoryQuestion.parse(given));
  const part = ({ parts }: ReturnType<typeof memory>, wanted: string) =>
    parts.find((one) => one.part === wanted)?.bytes ?? 0;
  const activations = (length: number) => part(memory({ batch: 1, length }), 'activations');
  const [full, lora] = [memory({}), memory({ method: 'lora' })];
  const onCard = (method: 'full' | 'lora') =>
    trainingTime(TimeQuestion.parse({ method })).machines.find(({ id }) => id === 'a100-80')!;
  const length = MemoryQuestion.parse({}).length;
  return {
    memory: {
      parameters: full.parameters,
      weightBytes: part(full, 'weights'),
      totalBytes: full.totalBytes,
      qloraBytes: memory({ method: 'qlora', format: 'int4' }).totalBytes,
      loraBytes: lora.totalBytes,
      loraWeightBytes: part(lora, 'weights'),
      activationBytes: [activations(length), activations(2 * length)],
    },
    time: {
      card: onCard('full').name,
      fullSeconds: onCard('full').seconds,
      loraSeconds: onCard('lora').seconds,
    },
    adapter: { ...adapterSize(SIDE, SIDE, RANK), rank: RANK },
    judged: { right: RIGHT, rows: ROWS, few: rate(RIGHT, ROWS), many: rate(TIMES * RIGHT, TIMES * ROWS) },
  };
}
