/** Vectors of texts by an encoder: several texts share a row, each seeing itself alone, and rows of a few shapes are compiled once. */

import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import type { Executor, Program } from '../../exec/executor.ts';
import { Programs } from '../../exec/programs.ts';
import { openExecutor } from '../../exec/registry.ts';
import { type OpenedEncoder, openEncoder } from '../../load/open-encoder.ts';
import { prepareWeights, type Weights, weightsFolder, withNamed } from '../../load/weights.ts';
import { widthOf } from '../../models/encoder.ts';
import type { TextShape } from '../../step/encoder-steps.ts';
import { vectorStep } from '../../step/encoder-steps.ts';
import { type Arranged, arrange, TEXTS_PER_TOKEN } from './arrange.ts';
import { textFeeds } from './text-feeds.ts';

export interface VectorOptions {
  /** What is put before each text; the model's own where it is left out. */
  readonly prompt?: string;
  readonly stop?: AbortSignal;
  onProgress?(done: number, total: number): void;
}

/** Opens the encoder in `folder` on the processor; who asked for it closes it. */
export async function openTextVectors(folder: string, threads: number): Promise<TextVectors> {
  return await TextVectors.open(folder, await openExecutor('ort', { threads }));
}

export class TextVectors {
  readonly width: number;
  readonly opened: OpenedEncoder;
  readonly weights: Weights;
  readonly executor: Executor;
  readonly #programs = new Programs<string>();
  /** Batches run one after the other, whoever asks. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(opened: OpenedEncoder, weights: Weights, executor: Executor) {
    this.opened = opened;
    this.weights = weights;
    this.executor = executor;
    this.width = widthOf(opened.encoder);
  }

  /** Opens the encoder in `folder`; who asked for it closes it. */
  static async open(folder: string, executor: Executor, cache = weightsFolder()): Promise<TextVectors> {
    const opened = await openEncoder(folder);
    try {
      return new TextVectors(opened, await prepareWeights(opened, cache), executor);
    } catch (error) {
      await opened.store.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.release();
    await this.opened.store.close();
  }

  /** Gives the programs back; who goes on has them compiled again. */
  async release(): Promise<void> {
    await this.#programs.release();
  }

  /** The same encoder with other values of the named parameters; whoever asked releases it, and closes this one after it. */
  withValues(values: ReadonlyMap<string, Float32Array>): TextVectors {
    return new TextVectors(this.opened, withNamed(this.weights, values), this.executor);
  }

  /** Tokens of a text, the special ones included; what is longer is cut. */
  get maxTokens(): number {
    const { encoder, sentences } = this.opened;
    return Math.min(encoder.maxTokens, sentences.maxTokens ?? Number.POSITIVE_INFINITY);
  }

  /** What the model's makers put before texts, by their use. */
  get prompts(): Readonly<Record<string, string>> {
    return this.opened.sentences.prompts;
  }

  get tokenizer(): Tokenizer {
    return this.opened.tokenizer;
  }

  /** Its `model_type`. */
  get family(): string {
    return this.opened.encoder.modelType;
  }

  /** The ids of a text behind its prompt, the special ones included; its end is cut where they are more than `atMost`. */
  idsOf(text: string, options: { readonly prompt?: string; readonly atMost?: number } = {}): number[] {
    const { tokenizer, sentences } = this.opened;
    const { prompt = sentences.prompt, atMost = this.maxTokens } = options;
    const whole = prompt + text;
    const spelled = sentences.isLowerCase ? whole.toLowerCase() : whole;
    return tokenizer.encode(spelled, { addSpecial: true, atMost });
  }

  /** The vector of each text. Ends early with what `stop` was aborted with. */
  of(texts: readonly string[], options: VectorOptions = {}): Promise<Float32Array[]> {
    return this.ofIds(
      texts.map((text) => this.idsOf(text, options)),
      options,
    );
  }

  /** The same of texts whose ids are known. */
  async ofIds(
    ids: readonly (readonly number[])[],
    options: Omit<VectorOptions, 'prompt'> = {},
  ): Promise<Float32Array[]> {
    const vectors: Float32Array[] = ids.map(() => new Float32Array(this.width));
    let done = 0;
    // a tokenizer without special tokens makes nothing of an empty text
    const known = ids.flatMap((tokens, text) => (tokens.length > 0 ? [text] : []));
    for (const batch of arrange(known.map((text) => ids[text]!.length))) {
      options.stop?.throwIfAborted();
      const rows = await this.#run(batch, (text) => ids[known[text]!]!);
      for (const [i, { text }] of batch.texts.entries())
        vectors[known[text]!] = rows.slice(i * this.width, (i + 1) * this.width);
      done += batch.texts.length;
      options.onProgress?.(done, known.length);
    }
    return vectors;
  }

  async #run(batch: Arranged, idsOf: (text: number) => readonly number[]): Promise<Float32Array> {
    const shape = shapeOf(batch);
    const program = await this.#program(shape);
    const feeds = textFeeds(this.opened, batch, shape, idsOf);
    const running = this.#turn.then(() => program.run(feeds));
    this.#turn = running.catch(() => {});
    return (await running).outputs.vectors as Float32Array;
  }

  #program(shape: TextShape): Promise<Program> {
    const { encoder, sentences } = this.opened;
    const of = { encoder, isUnit: sentences.isUnit };
    return this.#programs.get(`${shape.rows}x${shape.rowLength}`, () =>
      this.executor.compile(vectorStep(of, { kind: 'frozen' }, shape).graph, {
        weights: this.weights.source,
      }),
    );
  }
}

function shapeOf({ rows, rowLength }: Arranged): TextShape {
  return { rows, rowLength, texts: Math.max(1, Math.floor(rows * rowLength * TEXTS_PER_TOKEN)) };
}
