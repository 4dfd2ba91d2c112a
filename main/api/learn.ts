/** The lessons' calculators: the textbook's figures, and beside them what Fettle's own graph and this computer's speed say. */
import type { LocalModel } from '../../common/api/contract.ts';
import type { MemoryLesson, MemoryQuestion } from '../../common/api/learn.ts';
import { AppError } from '../../common/errors.ts';
import { graphCase, graphMemory } from '../plan/lesson-graph.ts';
import { shapeOf } from '../plan/shapes.ts';
import { adapterSize, timeHere, trainingMemory, trainingTime } from '../plan/textbook.ts';
import { groundsOf } from './grounds.ts';
import { lessonRuns, startLesson } from './lesson.ts';
import type { Parts } from './parts.ts';
import type { Implementer } from './router.ts';
import { thisComputer } from './this-computer.ts';

type Asked = MemoryQuestion & { readonly graph: boolean };

export function learnCalls(os: Implementer, parts: Parts) {
  const { store } = parts;
  return {
    memory: os.learn.memory.handler(({ input, signal }) => memoryLesson(parts, input as Asked, signal)),
    time: os.learn.time.handler(async ({ input }) => {
      const question = await sized(parts, input);
      const answer = trainingTime(question);
      const computer = thisComputer(store);
      return { ...answer, here: computer && timeHere(question, answer.flops, computer) };
    }),
    adapter: os.learn.adapter.handler(({ input }) => adapterSize(input.inputs, input.outputs, input.rank)),
    lesson: os.learn.lesson.handler(() => lessonRuns(store)),
    startLesson: os.learn.startLesson.handler(({ input }) => startLesson(parts, input.variants)),
  };
}

/** The question with size and shape of the model of the catalog that it names. */
async function sized<Question extends { repo?: string | undefined; parameters: number }>(
  { hub }: Pick<Parts, 'hub'>,
  question: Question,
) {
  const { repo, ...others } = question;
  if (repo === undefined) return others;
  const model = (await hub.catalog()).find((each) => each.repo === repo);
  if (!model)
    throw new AppError(
      'no-model',
      `There is no ${repo} in the catalog.`,
      'Choose a model of the catalog, or give the number of its parameters.',
    );
  return { ...others, parameters: model.parameters, shape: shapeOf(repo) };
}

async function memoryLesson(
  parts: Parts,
  question: Asked,
  signal: AbortSignal | undefined,
): Promise<MemoryLesson> {
  const asked = await sized(parts, question);
  const textbook = trainingMemory(asked);
  if (!question.graph) return { textbook, graph: null, noGraph: 'not-asked' };
  const isNamed = question.repo !== undefined;
  const found = graphCase(asked, await modelHere(parts, question.repo), isNamed);
  if (typeof found === 'string') return { textbook, graph: null, noGraph: found };
  const [price] = await parts.engine.prices([found.priced], signal);
  if (!price) return { textbook, graph: null, noGraph: 'not-here' };
  const grounds = groundsOf(parts.store, price.executor);
  return { textbook, graph: graphMemory(found, price, grounds), noGraph: null };
}

/** The model of the catalog where it is on this computer: its own files say more than a table of shapes. */
async function modelHere({ hub, store }: Parts, repo: string | undefined): Promise<LocalModel | null> {
  if (repo === undefined) return null;
  const entry = (await hub.catalog()).find((each) => each.repo === repo);
  const model = entry?.localId ? store.models.find(entry.localId) : null;
  return model?.available ? model : null;
}
