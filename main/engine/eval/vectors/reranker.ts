/** A reranker: an encoder that reads a query and a passage together and gives one score; it is trained, asked and kept. */
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { Rng, streamSeed } from '../../../rows/rng.ts';
import type { Program } from '../../exec/executor.ts';
import { Programs } from '../../exec/programs.ts';
import { sizeOf } from '../../ir/shape.ts';
import { withNamed } from '../../load/weights.ts';
import { ggufNameOf } from '../../models/encoder-gguf.ts';
import { type PairHead, pairHeadOf, pairHeadOutline } from '../../models/pair-heads.ts';
import { encoderStep } from '../../step/encoder-steps.ts';
import { scoreLoss, scoreStep } from '../../step/score-loss.ts';
import { TrainState } from '../../step/state.ts';
import { arrange, TEXTS_PER_TOKEN } from './arrange.ts';
import { type PairIds, pairIds } from './pair-texts.ts';
import { ADAMW, isStopped, rateAt } from './schedule.ts';
import { shareRows } from './share-rows.ts';
import { planSteps } from './steps.ts';
import { textFeeds } from './text-feeds.ts';
import { tokensOf, type VectorRecipe, type VectorTrainingIo, vectorMethod } from './train-vectors.ts';
import type { TextVectors } from './vectors.ts';

type Values = ReadonlyMap<string, Float32Array>;
type Known = Pick<TextVectors, 'weights' | 'executor'> & {
  readonly opened: Pick<TextVectors['opened'], 'path' | 'encoder' | 'sentences' | 'config' | 'store'>;
};
type Recipe = Pick<VectorRecipe, 'rate' | 'passes' | 'batch'> & { readonly trains: 'layers' | 'whole' };

export class Reranker {
  readonly head: PairHead;
  readonly #encoder: Known;
  /** Values that are not those of the encoder's files: of the head, and what was trained. */
  #values: Values;
  readonly #programs = new Programs<string>();

  private constructor(encoder: Known, head: PairHead, values: Values) {
    this.#encoder = encoder;
    this.head = head;
    this.#values = values;
  }

  /** The reranker in the files of `encoder`, as `headOf` reads its head. */
  static async of(encoder: Known, seed: number | null): Promise<Reranker> {
    const { head, values } = await headOf(encoder.opened, seed);
    return new Reranker(encoder, head, values);
  }

  /** All values that its files need beside those of the encoder's, by their names in Transformers' class. */
  get values(): Values {
    return this.#values;
  }

  pair(
    { tokenizer, maxTokens }: Pick<TextVectors, 'tokenizer' | 'maxTokens'>,
    texts: readonly [string, string],
    { most = maxTokens, ofSecond }: { readonly most?: number; readonly ofSecond?: number | undefined } = {},
  ): PairIds {
    return pairIds(tokenizer, this.head, texts, most, ofSecond);
  }

  /** The score of each pair; the higher, the better the second answers the first. */
  async scores(pairs: readonly PairIds[], stop: AbortSignal): Promise<Float32Array> {
    const { opened, executor, weights } = this.#encoder;
    const found = new Float32Array(pairs.length);
    const source = withNamed(weights, this.#values).source;
    for (const batch of arrange(pairs.map(({ ids }) => ids.length))) {
      stop.throwIfAborted();
      const { rows, rowLength } = batch;
      const shape = { rows, rowLength, texts: Math.max(1, Math.floor(rows * rowLength * TEXTS_PER_TOKEN)) };
      const graph = scoreStep(opened.encoder, this.head, shape, { kind: 'frozen' });
      const program = await this.#programs.get(`${rows}x${rowLength}`, () =>
        executor.compile(graph, { weights: source }),
      );
      const feeds = this.feeds(batch, shape, pairs);
      const { scores } = (await program.run(feeds)).outputs;
      for (const [i, { text }] of batch.texts.entries()) found[text] = (scores as Float32Array)[i]!;
    }
    return found;
  }

  feeds(
    batch: Parameters<typeof textFeeds>[1],
    shape: Parameters<typeof textFeeds>[2],
    pairs: readonly PairIds[],
  ) {
    const { opened } = this.#encoder;
    const { pooling } = this.head;
    const read = { ...opened, sentences: { ...opened.sentences, pooling, isUnit: false } } as const;
    return textFeeds(
      read,
      batch,
      shape,
      (text) => pairs[text]!.ids,
      (text) => pairs[text]!.second,
    );
  }

  /** Learns to give each pair the score that is wanted, from 0 to 1. */
  async train(
    pairs: readonly PairIds[],
    wanted: readonly number[],
    recipe: Recipe,
    io: VectorTrainingIo,
  ): Promise<void> {
    const { opened, executor, weights } = this.#encoder;
    const { encoder } = opened;
    const plan = planSteps(pairs.length, recipe, io.seed);
    const lengths = pairs.map(({ ids }) => ids.length);
    const { shape, steps, places } = shareRows(plan, lengths, recipe.batch);
    const method = vectorMethod(recipe.trains, encoder.layers);
    const { graph, trainables } = encoderStep(
      { encoder, isUnit: false },
      method,
      shape,
      scoreLoss(this.head),
    );
    const state = TrainState.create(executor, trainables, { threads: io.threads });
    let step: Program | null = null;
    try {
      for (const { name } of trainables)
        state.setValues(name, this.#values.get(name) ?? (await weights.read(name)));
      await state.commit();
      await io.onPlan?.({ graphs: [graph], trainables, places, reads: 3 });
      step = await executor.compile(graph, { weights: weights.source, kept: state.kept });
      for (const [number, batches] of steps.entries()) {
        if (isStopped(number, io.stop)) break;
        state.clearGradients();
        let loss = 0;
        for (const batch of batches) {
          const feeds = {
            ...this.feeds(batch, shape, pairs),
            ...wantedFeeds(batch, shape.texts, wanted),
            ...state.feeds(true),
          };
          const known = Object.fromEntries(Object.entries(feeds).filter(([name]) => graph.inputs.has(name)));
          const { outputs } = await step.run(known, state.gradientTargets());
          loss += (outputs.losses as Float32Array).reduce((sum, one) => sum + one, 0);
        }
        const count = plan[number]!.length;
        await state.update({ ...ADAMW, rate: rateAt(recipe.rate, number, steps.length) }, count);
        io.onStep?.(number + 1, steps.length, loss / count, tokensOf(batches, lengths));
      }
      await state.fetch(['param']);
      const trained = trainables.map(({ name }) => [name, state.values(name).slice()] as const);
      this.#values = new Map([...this.#values, ...trained]);
      await this.#programs.release();
    } finally {
      await step?.release();
      await state.release();
    }
  }

  async release(): Promise<void> {
    await this.#programs.release();
  }
}

/**
 * The head of one score in the files of an encoder; where they have none, first values are drawn with `seed` as Transformers draws them, or
 * an AppError is thrown without one.
 */
export async function headOf(
  opened: Known['opened'],
  seed: number | null,
): Promise<{ readonly head: PairHead; readonly values: Values }> {
  const head = pairHeadOf(opened.encoder, opened.config);
  const values = new Map<string, Float32Array>();
  const spread = typeof opened.config.initializer_range === 'number' ? opened.config.initializer_range : 0.02;
  for (const [name, { shape, kind }] of pairHeadOutline(head, opened.encoder.hiddenSize)) {
    const { store, encoder } = opened;
    const inGguf = store.kind === 'gguf' ? ggufNameOf(encoder.modelType, name) : null;
    const stored = (inGguf === null ? head.storedNames(name) : [inGguf]).find((one) => {
      // converters to GGUF write a matrix of one row as a list
      const there = store.tensors.get(one)?.shape.filter((size) => size > 1);
      return there && String(there) === String(shape.filter((size) => size > 1));
    });
    if (stored === undefined && seed === null) throw noReranker(opened.path);
    const rng = Rng.fromSeed(streamSeed(seed ?? 0, 'head', name));
    const drawn = () => (kind === 'matrix' ? spread * rng.normal() : kind === 'norm' ? 1 : 0);
    values.set(
      name,
      stored === undefined ? new Float32Array(sizeOf(shape)).map(drawn) : await store.readF32(stored),
    );
  }
  return { head, values };
}

export function noReranker(folder: string): AppError {
  return new AppError(
    'no-reranker',
    say`${folder} is not a reranker that Fettle computes.`,
    say`Choose a BERT, RoBERTa or ModernBERT model with a head of one score: a folder, or a GGUF file. Or train one.`,
  );
}

/** What is wanted of the pairs of a batch. */
export function wantedFeeds(
  { texts }: Parameters<typeof textFeeds>[1],
  room: number,
  wanted: readonly number[],
) {
  const weights = new Float32Array(room).fill(1, 0, texts.length);
  const own = new Float32Array(room);
  for (const [i, { text }] of texts.entries()) own[i] = wanted[text]!;
  return { weights, wanted: own };
}
