import type { CallInput } from '../../../common/api/contract.ts';
import type { MemoryLesson } from '../../../common/extras/learn/calls.ts';
import type { Implementer } from '../../api/router.ts';
import { readGrounds, thisComputer } from '../../app/grounds.ts';
import type { Parts } from '../../app/parts.ts';
import { rate } from '../../engine/eval/assess/statistics.ts';
import { clusterTraining } from './cluster.ts';
import { course, restartCourse, takeStep } from './course.ts';
import { lessonRuns, memoryLesson, modelHere, sized, startLesson, timeLesson } from './lessons.ts';
import { sheetPdf } from './sheet.ts';
import { adapterSize } from './textbook.ts';

/** The lessons' calculators and the experiment on forgetting. */
export function learnCalls(os: Implementer, parts: Parts) {
  const { store, hub, engine } = parts;
  const memory = async (
    asked: CallInput<'learn', 'memory'>,
    signal: AbortSignal | undefined,
  ): Promise<MemoryLesson> => {
    const question = await sized(parts, asked);
    if (!asked.graph) return memoryLesson(question, asked.repo, null);
    const here = modelHere(asked.repo, await hub.catalog(), store.models.list());
    const by = { here, prices: engine.prices, known: readGrounds(store) };
    return memoryLesson(question, asked.repo, by, signal);
  };
  return {
    memory: os.learn.memory.handler(({ input, signal }) => memory(input, signal)),
    cluster: os.learn.cluster.handler(({ input }) => clusterTraining(input)),
    time: os.learn.time.handler(async ({ input }) =>
      timeLesson(await sized(parts, input), thisComputer(store)),
    ),
    adapter: os.learn.adapter.handler(({ input }) => adapterSize(input.inputs, input.outputs, input.rank)),
    lesson: os.learn.lesson.handler(() => lessonRuns(store)),
    course: os.learn.course.handler(() => course(store)),
    courseStep: os.learn.courseStep.handler(({ input }) => takeStep(store, input)),
    restartCourse: os.learn.restartCourse.handler(() => restartCourse(store)),
    judge: os.learn.judge.handler(({ input }) => rate(input.right, input.rows)),
    sheetPdf: os.learn.sheetPdf.handler(async ({ input }) => {
      await parts.allowed.write(input.out);
      return sheetPdf(parts, input.sheet, input.out);
    }),
    startLesson: os.learn.startLesson.handler(({ input }) => startLesson(parts, input.variants)),
  };
}
