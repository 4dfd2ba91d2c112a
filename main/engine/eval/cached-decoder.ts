/**
 * A key-value cache for sequences side by side (slots), and the programs that advance them. A conversation uses one slot; measuring as many
 * as fit, since reading the weights once for many rows makes it quick.
 */
import { assert } from '../../../common/errors.ts';
import {
  type DeviceTensor,
  type Executor,
  type Program,
  takeTurns,
  type WeightSource,
} from '../exec/executor.ts';
import { type LoadedAdapter, NO_ADAPTER } from '../load/adapter.ts';
import type { ReadyModel } from '../load/ready-model.ts';
import type { Model } from '../models/model.ts';
import { requireAnswers } from '../models/sorting.ts';
import { type Method, onBase } from '../nn/parameters.ts';
import { rotationFeeds } from '../nn/rope.ts';
import { weightBytesOf } from '../passes/graph-cost.ts';
import { decodeStep, PADDING, REAL } from './decode-step.ts';
import { SlotMemory } from './slot-memory.ts';

/** Tokens of a prompt that are read at once. */
export const PROMPT_BLOCK = 32;
/** Caches hold multiples of so many tokens. */
export const CAPACITY_STEP = 256;

export interface DecoderOptions {
  readonly executor: Executor;
  readonly model: Model;
  readonly weights: WeightSource;
  readonly method: Method;
  /** Trained parameters or adapters by name, where the method has some. */
  readonly trained: Readonly<Record<string, DeviceTensor>>;
}

/** What `ready` decodes with: as it is, or with an adapter. */
export function decoderOf(
  { executor, opened, weights }: Omit<ReadyModel, 'tokenizer'>,
  { method, trained }: LoadedAdapter = NO_ADAPTER,
): DecoderOptions {
  const onThis = onBase(method, weights.format, opened.halves);
  return { executor, model: opened.model, weights: weights.source, method: onThis, trained };
}

interface SlotTokens {
  readonly slot: number;
  readonly ids: readonly number[];
  /** Of the sequence with what is known to follow these tokens: some rotary scalings depend on it. */
  readonly length?: number;
}

/** A token that may come behind the one at place `after` of those that are appended. */
export interface Follower {
  readonly after: number;
  readonly id: number;
}

interface FollowedTokens extends SlotTokens {
  readonly followers: readonly Follower[];
}

/** A program with its shape: slots side by side, tokens of each, and how many followers of each it scores. */
interface Shaped {
  readonly program: Program;
  readonly width: number;
  readonly time: number;
  readonly followerCount: number;
}

export class CachedDecoder {
  readonly #options: DecoderOptions;
  readonly #slots: number;
  readonly #programs: Shaped[] = [];
  readonly #memory: SlotMemory;
  #takesTurns = false;

  /** Throws an AppError for a model that writes no texts. */
  constructor(options: DecoderOptions, slots: number) {
    requireAnswers(options.model);
    this.#options = options;
    this.#slots = slots;
    this.#memory = new SlotMemory(options.model, slots);
  }

  /** Positions that each slot has room for. */
  get capacity(): number {
    return this.#memory.capacity;
  }

  lengthOf(slot: number): number {
    return this.#memory.lengthOf(slot);
  }

  /** Gives every slot room for `capacity` tokens; what is cached stays, programs are compiled again. */
  async reserve(capacity: number): Promise<void> {
    if (this.#memory.reserve(capacity)) await this.release();
  }

  reset(slot: number): void {
    this.#memory.reset(slot);
  }

  /** Makes slot `to` begin with the first `count` tokens of slot `from`. */
  copy(from: number, to: number, count: number): void {
    this.#memory.copy(from, to, count);
  }

  /**
   * Appends up to `wanted` tokens to each slot in `parts` and gives the logits [V] after the last of each. Slots near
   * each other cost less.
   */
  async advance(parts: readonly SlotTokens[], wanted: number): Promise<Float32Array[]> {
    return (await this.#advance(parts, wanted, 0)).logits;
  }

  /**
   * Appends tokens as `advance`, and gives for each slot the log-probabilities of its `followers`; `followerCount`: how many each has at most.
   */
  async follow(
    parts: readonly FollowedTokens[],
    wanted: number,
    followerCount: number,
  ): Promise<Float32Array[]> {
    return (await this.#advance(parts, wanted, followerCount)).followers;
  }

  async #advance(
    parts: readonly (SlotTokens & Partial<FollowedTokens>)[],
    wanted: number,
    followerCount: number,
  ) {
    const numbers = parts.map(({ slot }) => slot);
    const lowest = Math.min(...numbers);
    const slots = Math.max(...numbers) - lowest + 1;
    const { program, width, time, followerCount: most } = await this.#program(slots, wanted, followerCount);
    const first = Math.min(lowest, this.#slots - width);
    const tokens = new Int32Array(width * time);
    const positions = new Int32Array(tokens.length);
    const segments = new Int32Array(tokens.length).fill(PADDING);
    const lengths = new Int32Array(tokens.length);
    const row = Int32Array.from({ length: width }, (_, line) => line * time);
    const [followed, followers] = [new Int32Array(width * most), new Int32Array(width * most)];
    for (const { slot, ids, length = 0, followers: wantedIds = [] } of parts) {
      assert(ids.length > 0 && ids.length <= time, `${ids.length} tokens in a block of ${time}`);
      const known = this.#memory.lengthOf(slot);
      assert(known + ids.length <= this.capacity, `slot ${slot} is full`);
      const start = (slot - first) * time;
      ids.forEach((id, i) => {
        tokens[start + i] = id;
        positions[start + i] = known + i;
        segments[start + i] = REAL;
      });
      lengths.fill(Math.max(length, known + ids.length), start, start + ids.length);
      row[slot - first] = start + ids.length - 1;
      wantedIds.forEach(({ after, id }, i) => {
        followed[(slot - first) * most + i] = start + after;
        followers[(slot - first) * most + i] = id;
      });
    }
    const { model, trained } = this.#options;
    const { outputs } = await program.run({
      ...trained,
      tokens,
      positions,
      segments,
      row,
      ...rotationFeeds(model.ropes, positions, lengths),
      ...this.#memory.feeds(first, width),
      ...(most > 0 && { followed, followers }),
    });
    for (const { slot, ids } of parts) this.#memory.append(outputs, slot, slot - first, ids.length, time);
    const { vocabSize } = model;
    const logits = outputs.logits as Float32Array;
    const nll = outputs.nll as Float32Array | undefined;
    return {
      logits: parts.map(({ slot }) =>
        logits.subarray((slot - first) * vocabSize, (slot - first + 1) * vocabSize),
      ),
      followers: parts.map(({ slot, followers: { length } = [] }) =>
        Float32Array.from({ length }, (_, i) => -nll![(slot - first) * most + i]!),
      ),
    };
  }

  async release(): Promise<void> {
    for (const { program } of this.#programs.splice(0)) await program.release();
  }

  /**
   * A program for `wanted` tokens of at least `slots` slots; where programs take turns it is for all slots, and the
   * present one serves if it is for no fewer tokens.
   */
  async #program(slots: number, wanted: number, followerCount: number): Promise<Shaped> {
    const { executor, model, method, weights } = this.#options;
    const width = this.#takesTurns ? this.#slots : Math.min(this.#slots, widthFor(slots, wanted));
    // a step of few slots costs little more than of one, reading a block for them much more
    const most = wanted > 1 ? width : MOST_EMPTY * Math.max(slots, FEW_SLOTS);
    const place = this.#programs.findIndex(
      (one) =>
        one.followerCount === followerCount && one.time === wanted && one.width >= slots && one.width <= most,
    );
    const known = this.#programs[place];
    if (known) {
      // the one that was used last comes last
      this.#programs.push(...this.#programs.splice(place, 1));
      return known;
    }
    const shape = { batch: width, time: wanted, capacity: this.capacity, followerCount };
    const { graph } = decodeStep(model, method, shape);
    if (!this.#takesTurns && takeTurns(executor, weightBytesOf(graph))) {
      this.#takesTurns = true;
      return await this.#program(slots, wanted, followerCount);
    }
    if (this.#takesTurns) {
      const [there] = this.#programs;
      if (there && there.time >= wanted && there.followerCount >= followerCount) return there;
      await this.release();
    }
    for (const { program } of this.#programs.splice(0, this.#programs.length + 1 - MOST_PROGRAMS))
      await program.release();
    const made = { program: await executor.compile(graph, { weights }), width, time: wanted, followerCount };
    this.#programs.push(made);
    return made;
  }
}

const FEW_SLOTS = 4;
/** A program computes so many times the slots that are wanted at most, rather than that one more is compiled. */
const MOST_EMPTY = 2;
/** Of a decoder at a time, one that reads and one that speaks: each maps all weights, and compiling takes less than a step. */
const MOST_PROGRAMS = 2;

/** Slots that a program advances at once by so many tokens: a few sizes, because each is compiled. */
function widthFor(slots: number, wanted: number): number {
  return wanted > 1 && slots <= 4 ? 2 ** Math.ceil(Math.log2(slots)) : 8 * Math.ceil(slots / 8);
}
