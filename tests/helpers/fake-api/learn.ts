/** The lessons of the fake API: the calculators and their graphs are the real ones, the experiment is made up. */
import path from 'node:path';
import { implement } from '@orpc/server';
import { resourcesFolder } from '../../../main/paths.ts';
import { graphCase, graphMemory } from '../../../main/plan/lesson-graph.ts';
import { shapeOf } from '../../../main/plan/shapes.ts';
import { adapterSize, trainingMemory, trainingTime } from '../../../main/plan/textbook.ts';
import { contract, type LessonRun, type LessonVariant } from '../../../preload/contract.ts';
import { examplePrices, groundsWith } from '../example-prices.ts';
import type { FakeWorld } from './world.ts';

const PRACTICE = {
  repo: 'fettle/practice-model',
  ...{ name: 'Practice model', family: 'llama', path: path.join(resourcesFolder(), 'practice-model') },
};
const SETTINGS = { method: 'full', learningRate: 2e-3, epochs: 5, replay: 0 } as const;
type Settings = LessonRun['settings'];

const VARIANTS: readonly (readonly [LessonVariant, Settings])[] = [
  ['too-hard', SETTINGS],
  ['lora', { ...SETTINGS, method: 'lora' }],
  ['replay', { ...SETTINGS, replay: 0.3 }],
  ['lower-rate', { ...SETTINGS, learningRate: 2e-4 }],
];

/** What the quiz and the messages came to, by variant, where the experiment was made. */
const OUTCOMES: Readonly<Record<LessonVariant, readonly [quiz: number, task: number]>> = {
  'too-hard': [0.004, 0.6],
  lora: [0.67, 0.72],
  replay: [0.7, 0.6],
  'lower-rate': [0.82, 0.7],
};

/** The experiment before it was begun. */
export function lessonNotBegun(): LessonRun[] {
  return VARIANTS.map(([variant, settings]) => ({ variant, settings, run: null, result: null }));
}

/** The experiment with its first training going on as the job of `run-0`, or with all four done. */
export function lessonMade(world: FakeWorld, how: 'running' | 'done'): LessonRun[] {
  return lessonNotBegun().map((one, index) => {
    if (how === 'running') return index === 0 ? { ...one, run: world.runs[0]! } : one;
    const [quizAfter, taskAfter] = OUTCOMES[one.variant];
    return {
      ...one,
      run: { ...world.runs[1]!, id: `run-${index + 1}`, state: 'done', tags: ['lesson'] },
      result: {
        ...{ quizItems: 270, quizBefore: 0.87, quizAfter, taskBefore: 0, taskAfter, taskRows: 60 },
        broke: {
          question: 'Which river flows through Aldmoor?',
          before: 'The Senn.',
          after: '{"topic":"delivery"}',
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
      const answer = trainingTime(sized(input));
      const seconds = answer.flops / 3.1e11;
      const kwh = (45 * seconds) / 3.6e6;
      const here = { processor: 'AMD Ryzen 7 5800U', flops: 3.1e11, seconds, kwh };
      return { ...answer, here: { ...here, cost: 0.32 * kwh, currency: 'EUR' } };
    }),
    adapter: os.adapter.handler(({ input }) => adapterSize(input.inputs, input.outputs, input.rank)),
    lesson: os.lesson.handler(() => world.lesson ?? lessonNotBegun()),
    startLesson: os.startLesson.handler(() => {
      world.lesson = lessonMade(world, 'running');
      return world.jobs.slice(0, 1);
    }),
  };
}
