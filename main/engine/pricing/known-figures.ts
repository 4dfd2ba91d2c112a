/** Figures of steps that were priced before: a change of the learning rate or of the epochs builds no graph again. */
import { LRUCache } from 'lru-cache';
import type { Executor } from '../exec/executor.ts';
import type { OpenedModel } from '../load/open-model.ts';
import type { Method } from '../nn/parameters.ts';
import { evaluationFigures, type PricedShapes, type StepFigures, trainingFigures } from './layers.ts';

/** What is known of a model before its weights are looked at. */
export type KnownModel = Pick<OpenedModel, 'config' | 'model' | 'outline' | 'halves'>;

const KEPT = 200;
const known = new LRUCache<string, object>({ max: KEPT });

/** The figures of a step, computed once for all that changes its graphs; other held-out rows leave the training as it is. */
export function rememberedFigures(
  opened: KnownModel,
  method: Method,
  { training, evaluation }: PricedShapes,
  executor: Executor,
): StepFigures {
  const { model } = opened;
  // each device has lowerings and an account of memory of its own
  const about = JSON.stringify([
    ...[opened.config, model.newTokens, trainedBy(method, opened), executor.name, executor.device],
  ]);
  const keyOf = (shape: unknown) => `${JSON.stringify(shape)} ${about}`;
  return {
    ...remembered(`training ${keyOf(training)}`, () => trainingFigures(model, method, training, executor)),
    evaluation:
      evaluation &&
      remembered(`evaluation ${keyOf(evaluation)}`, () =>
        evaluationFigures(model, method, evaluation, executor),
      ),
  };
}

function remembered<Figures extends object>(key: string, compute: () => Figures): Figures {
  const figures = (known.get(key) as Figures | undefined) ?? compute();
  known.set(key, figures);
  return figures;
}

function trainedBy(method: Method, { outline }: KnownModel): unknown {
  if (method.kind !== 'lora') return method.kind === 'full' ? method : method.kind;
  return [
    method.rounded ?? null,
    // figures hang on sizes alone, so that either type of 16 bits is the same
    method.halves ? [...outline.parameters.keys()].filter((name) => !method.halves?.has(name)) : null,
    method.precision ?? null,
    method.dropout,
    [...outline.linears.keys()].map((module) => method.adapterOf(module)),
  ];
}
