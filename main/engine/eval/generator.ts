/** Text generation with a key-value cache: the prompt in blocks, then one token at a time. */
import { AppError } from '../../errors.ts';
import type { DeviceTensor, Executor, Program, WeightSource } from '../exec/executor.ts';
import type { HostArray } from '../ir/dtype.ts';
import type { Model } from '../models/model.ts';
import type { Method } from '../nn/parameters.ts';
import { ropeRows } from '../nn/rope.ts';
import { decodeStep } from './decode-graph.ts';

const PROMPT_BLOCK = 32;
const CAPACITY_STEP = 256;

export interface GeneratorOptions {
  readonly executor: Executor;
  readonly model: Model;
  readonly weights: WeightSource;
  readonly method: Method;
  /** Trained parameters or adapters by name, where the method has some. */
  readonly trained: Readonly<Record<string, DeviceTensor>>;
}

/** Chooses the next id from logits [V]. */
export type Sampler = (logits: Float32Array) => number;

/** The largest logit's id; the first of equal ones. */
export const greedy: Sampler = (logits) => {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
};

interface Cache {
  capacity: number;
  readonly keys: Float32Array[];
  readonly values: Float32Array[];
  positions: Int32Array;
  segments: Int32Array;
}

/** Continues one sequence; make one for each conversation. */
export class Generator {
  readonly #options: GeneratorOptions;
  readonly #programs = new Map<number, Program>();
  readonly #cache: Cache = {
    capacity: 0,
    keys: [],
    values: [],
    positions: new Int32Array(),
    segments: new Int32Array(),
  };
  #length = 0;

  constructor(options: GeneratorOptions) {
    this.#options = options;
  }

  /** Tokens seen so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends `ids` to the sequence and gives the logits [V] after the last of them. */
  async advance(ids: readonly number[]): Promise<Float32Array> {
    this.#checkRoom(ids.length);
    await this.#reserve(this.#length + ids.length);
    const end = this.#length + ids.length;
    let logits: Float32Array | null = null;
    for (let start = 0; start < ids.length; start += PROMPT_BLOCK) {
      logits = await this.#block(ids.slice(start, start + PROMPT_BLOCK), end);
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
    this.#length = 0;
    this.#cache.segments.fill(-1);
  }

  async release(): Promise<void> {
    for (const program of this.#programs.values()) await program.release();
    this.#programs.clear();
  }

  #checkRoom(count: number): void {
    const { maxPositions } = this.#options.model;
    if (this.#length + count <= maxPositions) return;
    throw new AppError(
      'context-full',
      `The text has ${this.#length + count} tokens; this model reads at most ${maxPositions}.`,
      'Shorten the prompt, or ask for fewer new tokens.',
    );
  }

  /** Makes the cache hold `tokens`; programs are compiled for its size. */
  async #reserve(tokens: number): Promise<void> {
    const cache = this.#cache;
    if (tokens <= cache.capacity) return;
    const { layers, kvHeads, headDim } = this.#options.model;
    const capacity =
      Math.max(Math.ceil(tokens / CAPACITY_STEP), (2 * cache.capacity) / CAPACITY_STEP) * CAPACITY_STEP;
    for (const store of [cache.keys, cache.values]) {
      for (let layer = 0; layer < layers; layer++) {
        const grown = new Float32Array(kvHeads * capacity * headDim);
        const old = store[layer];
        if (old) moveHeads(old, cache.capacity, grown, capacity, kvHeads, headDim);
        store[layer] = grown;
      }
    }
    cache.positions = grownInts(cache.positions, capacity, 0);
    cache.segments = grownInts(cache.segments, capacity, -1);
    cache.capacity = capacity;
    await this.release();
  }

  async #block(ids: readonly number[], end: number): Promise<Float32Array> {
    const time = ids.length === 1 ? 1 : PROMPT_BLOCK;
    const program = await this.#program(time);
    const tokens = new Int32Array(time);
    tokens.set(ids);
    const positions = Int32Array.from({ length: time }, (_, i) => (i < ids.length ? this.#length + i : 0));
    const segments = Int32Array.from({ length: time }, (_, i) => (i < ids.length ? 0 : -2));
    const { outputs } = await program.run({
      ...this.#feeds(tokens, positions, segments, end),
      row: Int32Array.of(ids.length - 1),
    });
    this.#store(outputs, ids.length, time);
    return outputs.logits as Float32Array;
  }

  #feeds(
    tokens: Int32Array,
    positions: Int32Array,
    segments: Int32Array,
    end: number,
  ): Record<string, HostArray | DeviceTensor> {
    const { model, trained } = this.#options;
    const cache = this.#cache;
    const rotation = model.rope ? ropeRows(model.rope, positions, end) : {};
    const feeds: Record<string, HostArray | DeviceTensor> = {
      ...trained,
      tokens,
      positions,
      segments,
      ...rotation,
    };
    feeds.pastPositions = cache.positions;
    feeds.pastSegments = cache.segments;
    for (let layer = 0; layer < model.layers; layer++) {
      feeds[`pastK.${layer}`] = cache.keys[layer]!;
      feeds[`pastV.${layer}`] = cache.values[layer]!;
    }
    return feeds;
  }

  /** Copies the new keys and values behind the cached ones. */
  #store(outputs: Readonly<Record<string, HostArray>>, count: number, time: number): void {
    const { layers, kvHeads, headDim } = this.#options.model;
    const cache = this.#cache;
    for (let layer = 0; layer < layers; layer++) {
      for (const [name, store] of [
        ['k', cache.keys],
        ['v', cache.values],
      ] as const) {
        const fresh = outputs[`${name}.${layer}`] as Float32Array;
        for (let head = 0; head < kvHeads; head++) {
          const part = fresh.subarray(head * time * headDim, (head * time + count) * headDim);
          store[layer]!.set(part, (head * cache.capacity + this.#length) * headDim);
        }
      }
    }
    for (let i = 0; i < count; i++) {
      cache.positions[this.#length + i] = this.#length + i;
      cache.segments[this.#length + i] = 0;
    }
    this.#length += count;
  }

  async #program(time: number): Promise<Program> {
    const known = this.#programs.get(time);
    if (known) return known;
    const { executor, model, method, weights } = this.#options;
    const { graph } = decodeStep(model, method, { time, capacity: this.#cache.capacity });
    const program = await executor.compile(graph, { weights });
    this.#programs.set(time, program);
    return program;
  }
}

function moveHeads(
  from: Float32Array,
  oldCapacity: number,
  to: Float32Array,
  capacity: number,
  heads: number,
  headDim: number,
): void {
  for (let head = 0; head < heads; head++) {
    to.set(
      from.subarray(head * oldCapacity * headDim, (head + 1) * oldCapacity * headDim),
      head * capacity * headDim,
    );
  }
}

function grownInts(from: Int32Array, size: number, fill: number): Int32Array {
  const grown = new Int32Array(size).fill(fill);
  grown.set(from);
  return grown;
}
