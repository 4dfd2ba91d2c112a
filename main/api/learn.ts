/** The lessons' calculators and the experiment on forgetting. */
import type { MemoryLesson, MemoryQuestion } from '../../common/api/learn.ts';
import { readGrounds, thisComputer } from '../app/grounds.ts';
import { lessonRuns, memoryLesson, modelHere, sized, startLesson, timeLesson } from '../app/learn.ts';
import type { Parts } from '../app/parts.ts';
import { adapterSize } from '../plan/textbook.ts';
import type { Implementer } from './router.ts';

type Asked = MemoryQuestion & { readonly graph: boolean };

export function learnCalls(os: Implementer, parts: Parts) {
  const { store, hub, engine } = parts;
  const memory = async (asked: Asked, signal: AbortSignal | undefined): Promise<MemoryLesson> => {
    const question = await sized(parts, asked);
    if (!asked.graph) return memoryLesson(question, asked.repo, null);
    const here = modelHere(asked.repo, await hub.catalog(), store.models.list());
    const by = { here, prices: engine.prices, known: readGrounds(store) };
    return memoryLesson(question, asked.repo, by, signal);
  };
  return {
    memory: os.learn.memory.handler(({ input, signal }) => memory(input as Asked, signal)),
    time: os.learn.time.handler(async ({ input }) =>
      timeLesson(await sized(parts, input), thisComputer(store)),
    ),
    adapter: os.learn.adapter.handler(({ input }) => adapterSize(input.inputs, input.outputs, input.rank)),
    lesson: os.learn.lesson.handler(() => lessonRuns(store)),
    startLesson: os.learn.startLesson.handler(({ input }) => startLesson(parts, input.variants)),
  };
}
