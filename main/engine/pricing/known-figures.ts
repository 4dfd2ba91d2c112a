/** Figures of steps that were priced before: a change of the learning rate or of the epochs builds no graph again. */
import type { Executor } from '../exec/executor.ts';
import type { OpenedModel } from '../load/open-model.ts';
import type { Method } from '../nn/parameters.ts';
import { type PricedShapes, type StepFigures, stepFigures } from './layers.ts';

/** What is known of a model before its weights are looked at. */
export type KnownModel = Pick<OpenedModel, 'config' | 'model' | 'outline'>;

const KEPT = 100;
const known = new Map<string, StepFigures>();

/** The figures of a step, computed once for all that changes its graphs. */
export function rememberedFigures(
  opened: KnownModel,
  method: Method,
  shapes: PricedShapes,
  executor: Executor,
): StepFigures {
  const key = JSON.stringify([opened.config, trainedBy(method, opened), shapes, executor.name]);
  const figures = known.get(key) ?? stepFigures(opened.model, method, shapes, executor);
  // the newest are at the end
  known.delete(key);
  known.set(key, figures);
  if (known.size > KEPT) known.delete(known.keys().next().value!);
  return figures;
}

function trainedBy(method: Method, { outline }: KnownModel): unknown {
  if (method.kind !== 'lora') return method.kind;
  return [method.dropout, [...outline.linears.keys()].map((module) => method.adapterOf(module))];
}
