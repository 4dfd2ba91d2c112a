import type { Implementer } from '../../api/router.ts';
import type { Parts } from '../../app/parts.ts';
import { Finder } from './finder.ts';
import { figuresIn } from './training.ts';
import { Trainings } from './trainings.ts';

/** Calls of the page that finds by meaning. */
export function findCalls(os: Implementer, parts: Parts) {
  const finder = new Finder(parts);
  const trainings = new Trainings(parts);
  const { find } = os;
  return {
    readers: find.readers.handler(() => finder.readers()),
    folders: find.folders.handler(() => finder.folders()),
    index: find.index.handler(({ input, signal }) => finder.index(input, signal)),
    train: find.train.handler(({ input, signal }) => trainings.train(input, signal)),
    finishTraining: find.finishTraining.handler(({ input }) => trainings.finish(input.key)),
    trained: find.trained.handler(({ input }) => figuresIn(parts.store.runs.get(input.runId).folder)),
    ask: find.ask.handler(({ input, signal }) => finder.ask(input, signal)),
    inFile: find.inFile.handler(({ input }) => finder.inFile(input)),
    remove: find.remove.handler(({ input }) => finder.remove(input.id)),
  };
}
