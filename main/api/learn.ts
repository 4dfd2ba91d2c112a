/** The lessons' calculators: the textbook's figures, and beside them what Fettle's own graph and this computer's speed say. */
import path from 'node:path';
import type {
  GraphMemory,
  MemoryLesson,
  MemoryQuestion,
  NoGraph,
  TimeHere,
} from '../../preload/contract/learn.ts';
import type { LocalModel } from '../../preload/contract.ts';
import { AppError } from '../errors.ts';
import { resourcesFolder } from '../paths.ts';
import { shapeOf } from '../plan/shapes.ts';
import { adapterSize, trainingMemory, trainingTime } from '../plan/textbook.ts';
import { groundsOf } from './grounds.ts';
import { lessonRuns, startLesson } from './lesson.ts';
import type { Parts } from './parts.ts';
import { figuresOf } from './plan.ts';
import { PlanCache } from './plan-cache.ts';
import type { Implementer } from './router.ts';

type Asked = MemoryQuestion & { readonly graph: boolean };

export function learnCalls(os: Implementer, parts: Parts) {
  const { store } = parts;
  const cache = new PlanCache(parts);
  return {
    memory: os.learn.memory.handler(({ input, signal }) =>
      memoryLesson(parts, cache, input as Asked, signal),
    ),
    time: os.learn.time.handler(async ({ input }) => {
      const answer = trainingTime(await sized(parts, input));
      return { ...answer, here: timeHere(store, answer.flops) };
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
  cache: PlanCache,
  question: Asked,
  signal: AbortSignal | undefined,
): Promise<MemoryLesson> {
  const textbook = trainingMemory(await sized(parts, question));
  if (!question.graph || question.repo === undefined) return { textbook, graph: null, noGraph: 'not-asked' };
  const graph = await graphMemory(parts, cache, question, question.repo, signal);
  return typeof graph === 'string'
    ? { textbook, graph: null, noGraph: graph }
    : { textbook, graph, noGraph: null };
}

/** The memory of the graph that would run, over text that fills its rows, all of it trained on, as the textbook has it. */
async function graphMemory(
  parts: Parts,
  cache: PlanCache,
  question: Asked,
  repo: string,
  signal: AbortSignal | undefined,
): Promise<GraphMemory | NoGraph> {
  const { method, batch, length, rank } = question;
  const entry = (await parts.hub.catalog()).find((each) => each.repo === repo);
  const model = entry?.localId ? parts.store.models.find(entry.localId) : null;
  if (!model?.available) return 'not-here';
  if (method === 'qlora') return 'no-method';
  const targets = targetNames(model, question.targets);
  if (targets === null) return 'no-targets';
  const request = {
    ...{ name: 'lesson', modelId: model.id, prompts: [] },
    data: { paths: [path.join(resourcesFolder(), 'samples', 'continued-text.md')] },
    settings: {
      ...{ method, maxLength: Math.max(8, length), trainOn: 'all', heldOut: 0 },
      tokensPerMicroBatch: Math.max(8, length) * Math.max(1, batch),
      ...(method === 'lora' && { 'lora.rank': rank, 'lora.targets': targets }),
    },
  };
  const { plan, config } = await cache.plan(request, signal);
  const figures = figuresOf(plan, config, groundsOf(parts.store, plan.executor));
  const { weightBytes, stateBytes, workingBytes, peakBytes } = figures;
  return {
    ...{ model: model.name, rows: plan.rowsPerBatch, rowLength: plan.rowLength },
    ...{ weightBytes, stateBytes, workingBytes, totalBytes: peakBytes },
    trainableParameters: plan.trainableParameters,
    programBytes: peakBytes - weightBytes - stateBytes - workingBytes,
  };
}

/** The names of the matrices that are meant; null where a family calls two of them the same. */
function targetNames({ family }: LocalModel, targets: MemoryQuestion['targets']): string | string[] | null {
  if (targets === 'all') return 'all-linear';
  if (family === 'gpt2') return null;
  return targets === 'attention' ? ['q_proj', 'k_proj', 'v_proj', 'o_proj'] : ['q_proj', 'v_proj'];
}

/** The same operations at the speed that was measured here, in float32; null before it was. */
function timeHere(store: Parts['store'], flops: number): TimeHere | null {
  const found = store.hardware.latest();
  if (!found?.speed) return null;
  const { watts, pricePerKwh, currency } = store.settings.get();
  const seconds = flops / found.speed.flops;
  const kwh = watts === null ? null : (watts * seconds) / 3.6e6;
  return {
    ...{ processor: found.processor, flops: found.speed.flops, seconds, kwh, currency },
    cost: kwh === null ? null : kwh * pricePerKwh,
  };
}
