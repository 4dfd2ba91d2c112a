/** Text generation for one conversation: the prompt in blocks, then one token at a time. */
import { AppError } from '../../../common/errors.ts';
import { number } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import type { Rng } from '../../rows/rng.ts';
import { rereadBeyond } from '../nn/rope.ts';
import { CAPACITY_STEP, CachedDecoder, type DecoderOptions, PROMPT_BLOCK } from './cached-decoder.ts';

/** Chooses the next id from logits [V]. */
type Sampler = (logits: Float32Array) => number;

/** The place of the largest number; the first of equal ones. */
export function likeliest(scores: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[best]!) best = i;
  return best;
}

/** Fails for a largest logit that is not a number: damaged weights must not look like an odd answer. */
export function requireNumber(logit: number | undefined): void {
  if (!Number.isNaN(logit)) return;
  throw new AppError(
    'bad-model-weights',
    say`The model computes invalid values.`,
    say`Its weights or those of the adapter are damaged. Download or train it again.`,
  );
}

/** Log-probabilities of what has the log-probabilities `scores` where nothing else can be: they may all be far below what counts. */
export function amongEachOther(scores: readonly number[]): Float64Array {
  const largest = Math.max(...scores);
  requireNumber(largest);
  const sum = largest + Math.log(scores.reduce((all, score) => all + Math.exp(score - largest), 0));
  return Float64Array.from(scores, (score) => score - sum);
}

/** Continues one sequence; make one for each conversation. */
export class Generator {
  readonly #maxPositions: number;
  readonly #decoder: CachedDecoder;
  /** Beyond so many tokens all are read again; `#ids` are those so far. */
  readonly #rereadBeyond: number | null;
  #ids: readonly number[] = [];

  constructor(options: DecoderOptions) {
    this.#maxPositions = options.model.maxPositions;
    this.#rereadBeyond = rereadBeyond(options.model.ropes);
    this.#decoder = new CachedDecoder(options, 1);
  }

  get length(): number {
    return this.#decoder.lengthOf(0);
  }

  /** Appends `ids` to the sequence and gives the logits [V] after the last of them. */
  async advance(given: readonly number[]): Promise<Float32Array> {
    this.#checkRoom(given.length);
    const ids = this.#withReread(given);
    await this.#reserve(this.length + ids.length);
    let logits: Float32Array | undefined;
    for (let start = 0; start < ids.length; start += PROMPT_BLOCK) {
      const block = ids.slice(start, start + PROMPT_BLOCK);
      [logits] = await this.#decoder.advance(
        [{ slot: 0, ids: block, length: this.length + ids.length - start }],
        block.length === 1 ? 1 : PROMPT_BLOCK,
      );
    }
    if (!logits) throw new AppError('empty-prompt', say`The message is empty.`, say`Write a message.`);
    return logits;
  }

  /** Forgets the sequence and keeps what was compiled. */
  reset(): void {
    this.#decoder.reset(0);
    this.#ids = [];
  }

  /** What is to be read for `ids`: all tokens, where the sequence passes the length up to which keys are as they were cached. */
  #withReread(ids: readonly number[]): readonly number[] {
    const limit = this.#rereadBeyond;
    if (limit === null) return ids;
    const all = [...this.#ids, ...ids];
    const passes = this.length > 0 && this.length <= limit && all.length > limit;
    if (passes) this.#decoder.reset(0);
    this.#ids = all;
    return passes ? all : ids;
  }

  release(): Promise<void> {
    return this.#decoder.release();
  }

  #checkRoom(count: number): void {
    if (this.length + count <= this.#maxPositions) return;
    throw new AppError(
      'context-full',
      say`The text has ${number(this.length + count)} tokens. This model reads at most ${number(this.#maxPositions)}.`,
      say`Shorten the message, or start a new conversation.`,
    );
  }

  /** Makes the cache hold `tokens`; it at least doubles, because programs are compiled for its size. */
  #reserve(tokens: number): Promise<void> {
    const { capacity } = this.#decoder;
    if (tokens <= capacity) return Promise.resolve();
    return this.#decoder.reserve(Math.max(Math.ceil(tokens / CAPACITY_STEP) * CAPACITY_STEP, 2 * capacity));
  }
}

export interface Sampling {
  /** 0 always takes the most likely token. */
  readonly temperature: number;
  /** Draw from the most likely tokens that together have this probability. */
  readonly topP: number;
  /** Draw from this many most likely tokens; 0 for all. */
  readonly topK: number;
}

/** The sampler for these settings; draws come from `rng`. */
export function createSampler({ temperature, topP, topK }: Sampling, rng: Rng): Sampler {
  if (temperature === 0) return likeliest;
  return (logits) => {
    const order = Uint32Array.from(logits, (_, id) => id).sort((a, b) => logits[b]! - logits[a]! || a - b);
    const kept = topK > 0 ? order.subarray(0, topK) : order;
    const largest = logits[kept[0]!]!;
    const weights = Float64Array.from(kept, (id) => Math.exp((logits[id]! - largest) / temperature));
    return kept[draw(weights, topP, rng.uniform())]!;
  };
}

/** The same from all tokens, without sorting them, which takes longer than the step of a small model. */
export function drawnFrom(temperature: number, rng: Rng): Sampler {
  let weights = new Float32Array();
  return (logits) => {
    if (weights.length !== logits.length) weights = new Float32Array(logits.length);
    const best = likeliest(logits);
    let total = 0;
    for (let id = 0; id < logits.length; id++) {
      weights[id] = Math.exp((logits[id]! - logits[best]!) / temperature);
      total += weights[id]!;
    }
    let rest = rng.uniform() * total;
    for (let id = 0; id < weights.length; id++) {
      rest -= weights[id]!;
      if (rest < 0) return id;
    }
    return best;
  };
}

/** Index drawn from descending weights cut off after the share `topP`. */
function draw(weights: Float64Array, topP: number, uniform: number): number {
  const total = weights.reduce((a, b) => a + b, 0);
  let end = 0;
  let nucleus = 0;
  while (end < weights.length && nucleus < topP * total) nucleus += weights[end++]!;
  let rest = uniform * nucleus;
  for (let i = 0; i < end; i++) {
    rest -= weights[i]!;
    if (rest < 0) return i;
  }
  return Math.max(0, end - 1);
}

export interface GreedyStep {
  readonly id: number;
  /** Natural logarithms of the probabilities of all next tokens, [V]. */
  readonly logProbs: Float32Array;
}

/** Something that answers: Fettle's engine, or another program with the model in it. */
export interface Answers {
  /** The answer to `prompt`, at most `most` tokens, ended by a stop token, which is given as well. */
  steps(prompt: readonly number[], most: number): AsyncIterable<GreedyStep>;
}

/** The answers of Fettle's engine; one at a time. */
export function answersOf(generator: Generator, stopIds: readonly number[]): Answers {
  const stops = new Set(stopIds);
  return {
    async *steps(prompt, most) {
      generator.reset();
      let logits = await generator.advance(prompt);
      for (let count = 1; count <= most; count++) {
        const id = likeliest(logits);
        yield { id, logProbs: logSoftmax(logits) };
        if (stops.has(id) || count === most) return;
        logits = await generator.advance([id]);
      }
    },
  };
}

function logSoftmax(logits: Float32Array): Float32Array {
  const highest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  const shift = highest + Math.log(sum);
  return logits.map((logit) => logit - shift);
}
