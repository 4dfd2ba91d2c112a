/**
 * Trains an encoder, or its upper layers, so that a head on its vectors sorts. The steps are those of any training: graph, gradients, AdamW
 * on onnxruntime; a run takes seconds to minutes and has no checkpoints.
 */
import type { Executor, Program } from '../../exec/executor.ts';
import type { Method } from '../../nn/parameters.ts';
import { layerOf } from '../../passes/layer-scopes.ts';
import {
  encoderStep,
  frozenEncoderStep,
  headName,
  sortingLoss,
  type Vectors,
} from '../../step/encoder-steps.ts';
import { TrainState } from '../../step/state.ts';
import { arrange } from './arrange.ts';
import { ADAMW, rateAt } from './schedule.ts';
import { shareRows } from './share-rows.ts';
import { type Kept, keptFeed, planSteps, targetFeeds } from './steps.ts';
import { textFeeds } from './text-feeds.ts';
import type { TextVectors } from './vectors.ts';

/** How an encoder is trained. */
export interface Recipe {
  /** So many upper layers; null for all of them. The embeddings stay as they are. */
  readonly layers: number | null;
  /** The highest learning rate; it rises over a tenth of the steps and falls to zero. */
  readonly rate: number;
  readonly passes: number;
  /** Texts of a step. */
  readonly batch: number;
}

export interface SortingTexts {
  readonly ids: readonly (readonly number[])[];
  /** Of each part the label of each text; -1 where it has none. */
  readonly targets: readonly Int32Array[];
  /** Of each part the first values of its head, [labels, width + 1]. */
  readonly heads: readonly Float32Array[];
}

export interface TrainingIo {
  readonly threads: number;
  readonly seed: number;
  readonly stop: AbortSignal;
  /** After each step, by its number from 1, with its texts and their mean loss. */
  onStep?(step: number, texts: number, loss: number): void;
}

export interface TrainedSorter {
  /** The trained parameters of the encoder. */
  readonly values: ReadonlyMap<string, Float32Array>;
  readonly heads: readonly Float32Array[];
}

/** The method that trains the upper `layers` of an encoder that has `count`; what stands above all layers is trained with them. */
export function trainingOf(layers: number | null, count: number): Method {
  const first = layers === null ? 0 : Math.max(0, count - layers);
  const trains = (name: string) => !/(^|\.)embed/.test(name) && (layerOf(name) ?? count) >= first;
  return { kind: 'full', trains };
}

export async function trainSorting(
  vectors: TextVectors,
  { ids, targets, heads }: SortingTexts,
  recipe: Recipe,
  io: TrainingIo,
): Promise<TrainedSorter> {
  const { opened, weights, executor } = vectors;
  const { encoder, sentences } = opened;
  const of: Vectors = { encoder, isUnit: sentences.isUnit };
  const method = trainingOf(recipe.layers, encoder.layers);
  const isCut = recipe.layers !== null && recipe.layers < encoder.layers;
  const plan = planSteps(ids.length, recipe, io.seed).map((texts) =>
    texts.filter((text) => ids[text]!.length > 0),
  );
  const { shape, steps } = shareRows(
    plan,
    ids.map((own) => own.length),
    recipe.batch,
  );
  const widths = heads.map((head) => head.length / (vectors.width + 1));
  const { graph, trainables } = encoderStep(
    of,
    method,
    shape,
    sortingLoss(widths),
    isCut ? 'f32' : undefined,
  );
  const state = TrainState.create(executor, trainables, { threads: io.threads });
  let step: Program | null = null;
  try {
    for (const { name } of trainables) {
      const part = heads.findIndex((_, i) => name === headName(i));
      state.setValues(name, part >= 0 ? heads[part]! : await weights.read(name));
    }
    await state.commit();
    const kept = isCut ? await keepFrozen(executor, vectors, of, method, ids, io.stop) : null;
    step = await executor.compile(graph, { weights: weights.source, kept: state.kept });
    for (const [number, batches] of steps.entries()) {
      io.stop.throwIfAborted();
      state.clearGradients();
      let [loss, count] = [0, 0];
      for (const batch of batches) {
        const feeds = {
          ...textFeeds(opened, batch, shape, (text) => ids[text]!),
          ...targetFeeds(batch, shape, targets),
          ...(kept && { kept: keptFeed(batch, shape, kept, encoder.hiddenSize) }),
          ...state.feeds(true),
        };
        const known = Object.fromEntries(Object.entries(feeds).filter(([name]) => graph.inputs.has(name)));
        const { outputs } = await step.run(known, state.gradientTargets());
        const losses = outputs.losses as Float32Array;
        for (let i = 0; i < batch.texts.length; i++) loss += losses[i]!;
        count += batch.texts.length;
      }
      await state.update({ ...ADAMW, rate: rateAt(recipe.rate, number, steps.length) }, count);
      io.onStep?.(number + 1, count, loss / count);
    }
    await state.fetch(['param']);
    const isHead = (name: string) => heads.some((_, part) => name === headName(part));
    return {
      values: new Map(
        trainables.filter(({ name }) => !isHead(name)).map(({ name }) => [name, state.values(name).slice()]),
      ),
      heads: heads.map((_, part) => state.values(headName(part)).slice()),
    };
  } finally {
    await step?.release();
    await state.release();
  }
}

async function keepFrozen(
  executor: Executor,
  { opened, weights }: TextVectors,
  of: Vectors,
  method: Method,
  ids: readonly (readonly number[])[],
  stop: AbortSignal,
): Promise<Kept> {
  const kept: Float32Array[] = ids.map(() => new Float32Array(0));
  const width = of.encoder.hiddenSize;
  const programs = new Map<string, Program>();
  try {
    for (const batch of arrange(ids.map((own) => own.length))) {
      stop.throwIfAborted();
      const shape = { rows: batch.rows, rowLength: batch.rowLength, texts: batch.texts.length };
      const key = `${shape.rows}x${shape.rowLength}`;
      const graph = frozenEncoderStep(of, method, { ...shape, texts: 1 });
      const program = programs.get(key) ?? (await executor.compile(graph, { weights: weights.source }));
      programs.set(key, program);
      const feeds = textFeeds(opened, batch, shape, (text) => ids[text]!);
      const known = Object.fromEntries(Object.entries(feeds).filter(([name]) => graph.inputs.has(name)));
      const hidden = (await program.run(known)).outputs.kept as Float32Array;
      for (const { text, row, start } of batch.texts) {
        const at = (row * batch.rowLength + start) * width;
        kept[text] = hidden.slice(at, at + ids[text]!.length * width);
      }
    }
    return kept;
  } finally {
    for (const program of programs.values()) await program.release();
  }
}
