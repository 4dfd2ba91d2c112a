/** Trains an encoder whose vectors find passages, or tell how similar texts are: whole, its layers alone, or by adapters that are merged. */
import type { Graph } from '../../ir/graph.ts';
import type { Shape } from '../../ir/shape.ts';
import { addProduct } from '../../load/adapter-product.ts';
import type { LoraShape, Method } from '../../nn/parameters.ts';
import { peftName } from '../../nn/parameters.ts';
import { initialAdapter } from '../../step/method.ts';
import type { TrainState } from '../../step/state.ts';
import type { VectorLossSettings } from '../../step/vector-losses.ts';
import { ADAMW, isStopped, rateAt } from './schedule.ts';
import { type Batch, shareRows, tokensFitting } from './share-rows.ts';
import { planSteps } from './steps.ts';
import { trainingOf } from './train-encoder.ts';
import { VectorSteps } from './vector-steps.ts';
import { type GradedRow, gradedTask, type RankedRow, rankingTask, type VectorTask } from './vector-tasks.ts';
import type { TextVectors } from './vectors.ts';

export interface VectorRecipe extends VectorLossSettings {
  /** `layers`: all but the embeddings; `whole`: these, too. */
  readonly trains: 'layers' | 'whole' | LoraShape;
  /** The highest learning rate; it rises over a tenth of the steps and falls to zero. */
  readonly rate: number;
  readonly passes: number;
  /** Rows of a step: each query is told from the passages of all. */
  readonly batch: number;
  /** Tokens of a micro-batch; as many as fit in about 1.5 GB where it is left out. */
  readonly mostTokens?: number;
}

/** Rows of one kind, whose texts are numbers in `ids`. */
export interface VectorTexts {
  readonly ids: readonly (readonly number[])[];
  readonly rows: readonly RankedRow[] | readonly GradedRow[];
  /** The rows of each step, where they are not drawn. */
  readonly steps?: readonly (readonly number[])[];
}

export interface VectorTrainingIo {
  readonly threads: number;
  readonly seed: number;
  readonly stop: AbortSignal;
  /** Before the first step. */
  onPlan?(plan: TrainingPlan): Promise<void>;
  /** After each step, by its number from 1, with its mean loss and the tokens of its texts. */
  onStep?(step: number, steps: number, loss: number, tokens: number): void;
}

/** The steps that are to be taken. */
export interface TrainingPlan {
  /** What each micro-batch runs, and the parameters that it trains. */
  readonly graphs: readonly Graph[];
  readonly trainables: readonly { readonly shape: Shape }[];
  /** Tokens of all steps, as `shareRows` counts them. */
  readonly places: number;
  /** How often the encoder reads each, the backward pass counted as two. */
  readonly reads: number;
}

export function isGraded(rows: VectorTexts['rows']): rows is readonly GradedRow[] {
  return rows.length > 0 && 'score' in rows[0]!;
}

function taskOf({ rows, steps }: Required<VectorTexts>, settings: VectorLossSettings): VectorTask {
  return isGraded(rows) ? gradedTask(rows, steps, settings) : rankingTask(rows, steps, settings);
}

export function vectorMethod(trains: VectorRecipe['trains'], layers: number): Method {
  if (trains === 'whole') return { kind: 'full' };
  if (trains === 'layers') return trainingOf(null, layers);
  return { kind: 'lora', dropout: 0, adapterOf: () => trains };
}

/** The parameters that differ afterwards, adapters merged into them. */
export async function trainVectors(
  vectors: TextVectors,
  texts: VectorTexts,
  recipe: VectorRecipe,
  io: VectorTrainingIo,
): Promise<ReadonlyMap<string, Float32Array>> {
  const { opened, weights } = vectors;
  const { ids, rows } = texts;
  const rowSteps = texts.steps ?? planSteps(rows.length, recipe, io.seed);
  const task = taskOf({ ids, rows, steps: rowSteps }, recipe);
  const lengths = ids.map((own) => own.length);
  const room = task.texts.reduce((most, { length }) => Math.max(most, length), 1);
  const { layers, hiddenSize } = opened.encoder;
  const shared = shareRows(task.texts, lengths, room, recipe.mostTokens ?? tokensFitting(layers, hiddenSize));
  const { steps, places } = shared;
  const fullest = steps.flat().reduce((all, batch) => Math.max(all, batch.texts.length), 1);
  const shape = { ...shared.shape, texts: fullest };
  const method = vectorMethod(recipe.trains, opened.encoder.layers);
  const most = steps.reduce((all, { length }) => Math.max(all, length), 1);
  const running = await VectorSteps.open(vectors, task, { method, shape, most, threads: io.threads });
  const { state } = running;
  try {
    for (const one of state.trainables) {
      const isAdapter = one.kind === 'lora_a' || one.kind === 'lora_b';
      state.setValues(one.name, isAdapter ? initialAdapter(one, io.seed) : await weights.read(one.name));
    }
    await state.commit();
    await io.onPlan?.({
      graphs: running.graphs,
      trainables: state.trainables,
      places,
      reads: most > 1 ? 4 : 3,
    });
    for (const [number, batches] of steps.entries()) {
      if (isStopped(number, io.stop)) break;
      state.clearGradients();
      const loss = await running.add(number, batches, (text) => ids[text]!);
      const count = task.countOf(number);
      await state.update({ ...ADAMW, rate: rateAt(recipe.rate, number, steps.length) }, count);
      io.onStep?.(number + 1, steps.length, loss / count, tokensOf(batches, lengths));
    }
    await state.fetch(['param']);
    return typeof recipe.trains === 'string' ? trained(state) : await merged(vectors, state, recipe.trains);
  } finally {
    await running.release();
  }
}

/** Tokens of the texts of micro-batches. */
export function tokensOf(batches: readonly Batch[], lengths: readonly number[]): number {
  return batches.reduce((all, { texts }) => texts.reduce((sum, { text }) => sum + lengths[text]!, all), 0);
}

function trained(state: TrainState): Map<string, Float32Array> {
  return new Map(state.trainables.map(({ name }) => [name, state.values(name).slice()]));
}

async function merged({ opened, weights }: TextVectors, state: TrainState, { rank: r, scale }: LoraShape) {
  const values = new Map<string, Float32Array>();
  for (const module of opened.outline.linears.keys()) {
    const weight = (await weights.read(`${module}.weight`)).slice();
    const of = (which: 'A' | 'B') => state.values(peftName(module, which));
    addProduct(weight, { a: of('A'), b: of('B'), r, scale }, false);
    values.set(`${module}.weight`, weight);
  }
  return values;
}
