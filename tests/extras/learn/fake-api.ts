/** The lessons of the fake API: the calculators and their graphs are the real ones, the experiment is made up. */
import path from 'node:path';
import { implement } from '@orpc/server';
import { contract } from '../../../common/api/contract.ts';
import type { LessonRun, LessonVariant } from '../../../common/extras/learn/calls.ts';
import type { Course, Progress } from '../../../common/extras/learn/course.ts';
import { rate } from '../../../main/engine/eval/assess/statistics.ts';
import { clusterTraining } from '../../../main/extras/learn/cluster.ts';
import { FIGURES, withStep } from '../../../main/extras/learn/course.ts';
import { graphCase, graphMemory } from '../../../main/extras/learn/lesson-graph.ts';
import { lessonSettings } from '../../../main/extras/learn/lessons.ts';
import { adapterSize, timeHere, trainingMemory, trainingTime } from '../../../main/extras/learn/textbook.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { shapeOf } from '../../../main/plan/shapes.ts';
import { examplePrices, groundsWith } from '../../helpers/example-prices.ts';
import type { FakeWorld } from '../../helpers/fake-api/world.ts';

const PRACTICE = {
  repo: 'fettle/practice-model',
  ...{ name: 'Practice model', family: 'llama', path: path.join(resourcesFolder(), 'practice-model') },
};

/** Questions of the quiz, those right before, and messages that were asked. */
const QUIZ = { items: 270, before: 244 };
const MESSAGES = 100;
/** Questions and messages right after each training, as docs/log/practice-model.md has them. */
const OUTCOMES: Readonly<Partial<Record<LessonVariant, readonly [quiz: number, messages: number]>>> = {
  'too-hard': [0, 88],
  lora: [208, 86],
  replay: [24, 84],
  'lower-rate': [233, 88],
};

const courses = new WeakMap<FakeWorld, Progress>();

/** Has the pages of `world` show the course as far as this. */
export function showCourse(world: FakeWorld, progress: Progress): void {
  courses.set(world, progress);
}

function fakeCourse(world: FakeWorld): Course {
  const results = (shown.get(world) ?? []).map(({ variant, result }) => [variant, result] as const);
  const of = (wanted: LessonVariant) => results.find(([variant]) => variant === wanted)?.[1] ?? null;
  const gentle = of('lower-rate');
  const runs = { gentle: gentle && { ...gentle, words: 0.85 }, hard: of('too-hard') };
  return { progress: courses.get(world) ?? {}, facts: { ...FIGURES, ...runs } };
}

const shown = new WeakMap<FakeWorld, LessonRun[]>();

/** Has the pages of `world` show the experiment so. */
export function showLesson(world: FakeWorld, how: 'running' | 'done'): void {
  shown.set(world, lessonMade(world, how));
}

/** The experiment before it was begun. */
function lessonNotBegun(): LessonRun[] {
  return lessonSettings().map((one) => ({ ...one, run: null, result: null }));
}

/** The experiment with its first training going on as the job of `run-0`, or with those done that have an outcome. */
export function lessonMade(world: FakeWorld, how: 'running' | 'done'): LessonRun[] {
  return lessonNotBegun().map((one, index) => {
    if (how === 'running') return index === 0 ? { ...one, run: world.runs[0]! } : one;
    const outcome = OUTCOMES[one.variant];
    if (!outcome) return one;
    const [quiz, messages] = outcome;
    return {
      ...one,
      run: { ...world.runs[1]!, id: `run-${index + 1}`, state: 'done', tags: ['lesson'] },
      result: {
        quizItems: QUIZ.items,
        quizBefore: QUIZ.before / QUIZ.items,
        quizAfter: quiz / QUIZ.items,
        abilities: [],
        ...{ taskBefore: 0, taskAfter: messages / MESSAGES, taskRows: MESSAGES },
        broke: {
          question: 'Where do people wear gloves?',
          before: 'You wear gloves on your hands.',
          after: '{"desk":"R17","class":"C"}',
        },
      },
    };
  });
}

export function fakeLearn(world: FakeWorld) {
  const os = implement(contract).learn;
  const sized = <Question extends { repo?: string | undefined; parameters: number }>(question: Question) => {
    const { repo, ...others } = question;
    const found = world.catalog.find((each) => each.repo === repo);
    return found ? { ...others, parameters: found.parameters, shape: shapeOf(found.repo) } : others;
  };
  return {
    memory: os.memory.handler(async ({ input }) => {
      const asked = sized(input);
      const textbook = trainingMemory(asked);
      if (!input.graph) return { textbook, graph: null, noGraph: 'not-asked' as const };
      const found = graphCase(
        asked,
        input.repo === PRACTICE.repo ? PRACTICE : null,
        input.repo !== undefined,
      );
      if (typeof found === 'string') return { textbook, graph: null, noGraph: found };
      const [price] = await examplePrices([found.priced]);
      return { textbook, graph: graphMemory(found, price!, groundsWith(null)), noGraph: null };
    }),
    time: os.time.handler(({ input }) => {
      const question = sized(input);
      const answer = trainingTime(question);
      const { facts, settings } = world;
      if (facts.speed === null) return { ...answer, here: null };
      const { processor, totalMemory: memoryBytes, speed } = facts;
      const computer = { ...settings, processor, memoryBytes, flops: speed.flops };
      return { ...answer, here: timeHere(question, answer.flops, computer) };
    }),
    cluster: os.cluster.handler(({ input }) => clusterTraining(input)),
    adapter: os.adapter.handler(({ input }) => adapterSize(input.inputs, input.outputs, input.rank)),
    course: os.course.handler(() => fakeCourse(world)),
    courseStep: os.courseStep.handler(({ input }) => {
      showCourse(world, withStep(courses.get(world) ?? {}, input));
      return fakeCourse(world);
    }),
    restartCourse: os.restartCourse.handler(() => {
      showCourse(world, {});
      return fakeCourse(world);
    }),
    judge: os.judge.handler(({ input }) => rate(input.right, input.rows)),
    sheetPdf: os.sheetPdf.handler(({ input }) => ({ path: input.out })),
    lesson: os.lesson.handler(() => shown.get(world) ?? lessonNotBegun()),
    startLesson: os.startLesson.handler(() => {
      showLesson(world, 'running');
      return world.jobs.slice(0, 1);
    }),
  };
}
