/** What scores categories: a model with a head for them, or one that answers with their names. */

import type { Message } from '../../../rows/messages.ts';
import { batchFromArrays } from '../../data/batches/batch.ts';
import type { AskedPrompt } from '../../data/tokens/border.ts';
import { sortedIds } from '../../data/tokens/encode-category.ts';
import { NOT_TRAINED, type Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import type { Program } from '../../exec/executor.ts';
import { Programs } from '../../exec/programs.ts';
import { evaluationStep } from '../../step/step-graphs.ts';
import { sortTexts } from '../../tasks/categories.ts';
import { batchFeeds } from '../../tasks/feeds.ts';
import type { DecoderOptions } from '../cached-decoder.ts';
import { amongEachOther } from '../generator.ts';
import { Classifier, type ScoringOptions } from './classifier.ts';

/** Texts that are read side by side. */
const ROWS = 8;
/** Programs are compiled for so many tokens, and twice, four times, … as many. */
const SHORTEST = 32;

export type Sorter = Pick<Classifier, 'labels' | 'promptOf' | 'score' | 'tokens' | 'release'>;

/** The sorter into `labels`; those of a head are its own. */
export function sorterOf(options: DecoderOptions, tokenizer: Tokenizer, labels: readonly string[]): Sorter {
  const { categories } = options.model;
  return categories
    ? new HeadSorter(options, tokenizer, categories)
    : new Classifier(options, tokenizer, labels);
}

class HeadSorter implements Sorter {
  readonly labels: readonly string[];
  /** A head reads nothing beside the text. */
  readonly tokens = 0;
  readonly #options: DecoderOptions;
  readonly #tokenizer: Tokenizer;
  /** By the tokens of a text that they have room for. */
  readonly #programs = new Programs<number>();

  constructor(options: DecoderOptions, tokenizer: Tokenizer, labels: readonly string[]) {
    this.#options = options;
    this.#tokenizer = tokenizer;
    this.labels = labels;
  }

  promptOf(turns: readonly Message[]): AskedPrompt | null {
    const ids = sortedIds(this.#tokenizer, turns);
    const fits = ids.length > 0 && ids.length <= this.#options.model.maxPositions;
    return fits ? { ids, space: '' } : null;
  }

  async score(
    prompts: readonly Pick<AskedPrompt, 'ids'>[],
    { stop, onProgress }: ScoringOptions = {},
  ): Promise<Float64Array[]> {
    const scores: Float64Array[] = [];
    for (let start = 0; start < prompts.length && !stop?.aborted; start += ROWS) {
      scores.push(...(await this.#scoreSome(prompts.slice(start, start + ROWS).map(({ ids }) => ids))));
      onProgress?.(scores.length / prompts.length);
    }
    return scores;
  }

  release(): Promise<void> {
    return this.#programs.release();
  }

  async #scoreSome(texts: readonly (readonly number[])[]): Promise<Float64Array[]> {
    const { model, trained } = this.#options;
    const longest = Math.max(...texts.map(({ length }) => length));
    const time = SHORTEST * 2 ** Math.ceil(Math.log2(Math.max(1, longest / SHORTEST)));
    const of = (value: (ids: readonly number[], t: number) => number) =>
      Int32Array.from({ length: ROWS * time }, (_, i) => value(texts[Math.floor(i / time)] ?? [], i % time));
    const batch = batchFromArrays({
      rowCount: ROWS,
      rowLength: time,
      labelCapacity: ROWS,
      tokens: of((ids, t) => ids[t] ?? 0),
      labels: of(() => NOT_TRAINED),
      // which one is asked for changes no score
      categories: of((ids, t) => (t === ids.length - 1 ? 0 : NOT_TRAINED)),
      attentionMask: of((ids, t) => (t < ids.length ? 1 : 0)),
    });
    const program = await this.#programFor(time);
    const { outputs } = await program.run({ ...batchFeeds(model, batch), ...trained });
    const { scores } = outputs;
    const width = this.labels.length;
    return texts.map((_, i) => amongEachOther([...scores!.subarray(i * width, (i + 1) * width)]));
  }

  #programFor(time: number): Promise<Program> {
    const { model, method, executor, weights } = this.#options;
    const shape = { batch: ROWS, time, labels: ROWS };
    return this.#programs.get(time, () =>
      executor.compile(evaluationStep(model, method, shape, sortTexts.loss).graph, { weights }),
    );
  }
}
