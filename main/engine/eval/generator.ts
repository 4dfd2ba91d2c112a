/** Text generation for one conversation: the prompt in blocks, then one token at a time. */
import { AppError } from '../../../common/errors.ts';
import { CachedDecoder, type DecoderOptions } from './cached-decoder.ts';

const PROMPT_BLOCK = 32;
const CAPACITY_STEP = 256;

export type GeneratorOptions = DecoderOptions;

/** Chooses the next id from logits [V]. */
export type Sampler = (logits: Float32Array) => number;

/** The largest logit's id; the first of equal ones. */
export const greedy: Sampler = (logits) => {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
};

/** Fails where the largest logit is not a number: weights that are damaged must not look like an odd answer. */
export function requireNumber(logit: number | undefined): void {
  if (!Number.isNaN(logit)) return;
  throw new AppError(
    'bad-model-weights',
    'The model computes values that are not numbers.',
    'Some of its weights, or of the adapter, are damaged or far too large.',
  );
}

/** Continues one sequence; make one for each conversation. */
export class Generator {
  readonly #maxPositions: number;
  readonly #decoder: CachedDecoder;

  constructor(options: GeneratorOptions) {
    this.#maxPositions = options.model.maxPositions;
    this.#decoder = new CachedDecoder(options, 1);
  }

  /** Tokens seen so far. */
  get length(): number {
    return this.#decoder.lengthOf(0);
  }

  /** Appends `ids` to the sequence and gives the logits [V] after the last of them. */
  async advance(ids: readonly number[]): Promise<Float32Array> {
    this.#checkRoom(ids.length);
    await this.#reserve(this.length + ids.length);
    let logits: Float32Array | undefined;
    for (let start = 0; start < ids.length; start += PROMPT_BLOCK) {
      const block = ids.slice(start, start + PROMPT_BLOCK);
      [logits] = await this.#decoder.advance(
        [{ slot: 0, ids: block }],
        block.length === 1 ? 1 : PROMPT_BLOCK,
        this.length + ids.length - start,
      );
    }
    if (!logits)
      throw new AppError(
        'empty-prompt',
        'There is nothing to continue: the prompt has no tokens.',
        'Give a prompt.',
      );
    return logits;
  }

  /** Forgets the sequence and keeps what was compiled. */
  reset(): void {
    this.#decoder.reset(0);
  }

  release(): Promise<void> {
    return this.#decoder.release();
  }

  #checkRoom(count: number): void {
    if (this.length + count <= this.#maxPositions) return;
    throw new AppError(
      'context-full',
      `The text has ${this.length + count} tokens; this model reads at most ${this.#maxPositions}.`,
      'Shorten the prompt, or ask for fewer new tokens.',
    );
  }

  /** Makes the cache hold `tokens`; it at least doubles, because programs are compiled for its size. */
  #reserve(tokens: number): Promise<void> {
    const { capacity } = this.#decoder;
    if (tokens <= capacity) return Promise.resolve();
    return this.#decoder.reserve(Math.max(Math.ceil(tokens / CAPACITY_STEP) * CAPACITY_STEP, 2 * capacity));
  }
}
