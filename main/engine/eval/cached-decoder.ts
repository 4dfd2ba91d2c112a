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
import type { HostArray } from '../ir/dtype.ts';
import { Graph } from '../ir/graph.ts';
import { sizeOf, sizeOfAll } from '../ir/shape.ts';
import { type LoadedAdapter, NO_ADAPTER } from '../load/adapter.ts';
import type { ReadyModel } from '../load/ready-model.ts';
import { type Model, modelInputs } from '../models/model.ts';
import { requireAnswers } from '../models/sorting.ts';
import { attendCached, attentionMask, type Memory, oncePerWindow } from '../nn/attention.ts';
import { recurCached } from '../nn/gated-delta.ts';
import { headLoss } from '../nn/loss.ts';
import { convolveCached } from '../nn/mixing.ts';
import { type Method, onBase, Parameters, withoutDropout } from '../nn/parameters.ts';
import { rotationFeeds } from '../nn/rope.ts';
import { logits } from '../nn/table.ts';
import { broadcastTo, concat, gather, scalar } from '../ops/functions.ts';
import { weightBytesOf } from '../passes/graph-cost.ts';

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

/** The segment of tokens of a sequence. */
const REAL = 0;
/** Segment of cache places that hold nothing, and of tokens that are padding: no query sees either. */
const EMPTY = -1;
const PADDING = -2;

export class CachedDecoder {
  readonly #options: DecoderOptions;
  readonly #slots: number;
  readonly #programs: Shaped[] = [];
  readonly #memories: readonly Memory[];
  /** What is remembered, [slots, ...shape] of each memory in their order. */
  readonly #stores: Float32Array[];
  readonly #lengths: Int32Array;
  #capacity = 0;
  #takesTurns = false;
  #positions = new Int32Array();
  #segments = new Int32Array();

  /** Throws an AppError for a model that writes no texts. */
  constructor(options: DecoderOptions, slots: number) {
    requireAnswers(options.model);
    this.#options = options;
    this.#slots = slots;
    this.#memories = memoriesOf(options.model, 0);
    this.#stores = this.#memories.map(
      ({ keeps, shape }) => new Float32Array(keeps === 'all' ? 0 : slots * sizeOf(shape)),
    );
    this.#lengths = new Int32Array(slots);
  }

  /** Positions that each slot has room for. */
  get capacity(): number {
    return this.#capacity;
  }

  lengthOf(slot: number): number {
    return this.#lengths[slot]!;
  }

  /** Gives every slot room for `capacity` tokens; what is cached stays, programs are compiled again. */
  async reserve(capacity: number): Promise<void> {
    if (capacity <= this.#capacity) return;
    this.#memories.forEach(({ keeps, shape }, i) => {
      if (keeps !== 'all') return;
      const [heads, width] = [shape[0]!, shape[2]!];
      const [before, after] = [this.#capacity * width, capacity * width];
      this.#stores[i] = widened(this.#stores[i]!, this.#slots * heads, before, after, 0);
    });
    this.#positions = widened(this.#positions, this.#slots, this.#capacity, capacity, 0);
    this.#segments = widened(this.#segments, this.#slots, this.#capacity, capacity, EMPTY);
    this.#capacity = capacity;
    await this.release();
  }

  reset(slot: number): void {
    this.#lengths[slot] = 0;
    this.#segments.fill(EMPTY, slot * this.#capacity, (slot + 1) * this.#capacity);
    this.#memories.forEach(({ keeps }, i) => {
      if (keeps !== 'all') this.#part(this.#stores[i]!, slot, 1).fill(0);
    });
  }

  /** Makes slot `to` begin with the first `count` tokens of slot `from`. */
  copy(from: number, to: number, count: number): void {
    this.reset(to);
    this.#memories.forEach(({ keeps, shape }, i) => {
      const store = this.#stores[i]!;
      const [source, target] = [this.#part(store, from, 1), this.#part(store, to, 1)];
      if (keeps !== 'all') {
        assert(count === this.#lengths[from], 'what the last tokens left cannot be cut at an earlier one');
        target.set(source);
        return;
      }
      const [heads, width] = [shape[0]!, shape[2]!];
      for (let head = 0; head < heads; head++) {
        const start = head * this.#capacity * width;
        target.set(source.subarray(start, start + count * width), start);
      }
    });
    this.#mark(to, count);
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
      assert(this.#lengths[slot]! + ids.length <= this.#capacity, `slot ${slot} is full`);
      const start = (slot - first) * time;
      ids.forEach((id, i) => {
        tokens[start + i] = id;
        positions[start + i] = this.#lengths[slot]! + i;
        segments[start + i] = REAL;
      });
      lengths.fill(Math.max(length, this.#lengths[slot]! + ids.length), start, start + ids.length);
      row[slot - first] = start + ids.length - 1;
      wantedIds.forEach(({ after, id }, i) => {
        followed[(slot - first) * most + i] = start + after;
        followers[(slot - first) * most + i] = id;
      });
    }
    const feeds = this.#feeds({ tokens, positions, segments, lengths }, first, width);
    const { outputs } = await program.run({ ...feeds, row, ...(most > 0 && { followed, followers }) });
    for (const { slot, ids } of parts) this.#store(outputs, slot, slot - first, ids.length, time);
    const { vocabSize } = this.#options.model;
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

  /** What `width` slots from `first` on read: their new tokens, and their part of the cache. */
  #feeds(
    { lengths, ...fresh }: Readonly<Record<'tokens' | 'positions' | 'segments' | 'lengths', Int32Array>>,
    first: number,
    width: number,
  ) {
    const { model, trained } = this.#options;
    const feeds: Record<string, HostArray | DeviceTensor> = {
      ...trained,
      ...fresh,
      ...rotationFeeds(model.ropes, fresh.positions, lengths),
      pastPositions: this.#part(this.#positions, first, width),
      pastSegments: this.#part(this.#segments, first, width),
    };
    this.#memories.forEach(({ past }, i) => {
      feeds[past] = this.#part(this.#stores[i]!, first, width);
    });
    return feeds;
  }

  /** That part of `all` [slots, ...] that belongs to `count` slots. */
  #part<A extends Float32Array | Int32Array>(all: A, slot: number, count: number): A {
    const each = all.length / this.#slots;
    return all.subarray(slot * each, (slot + count) * each) as A;
  }

  /** Adds what the first `count` new tokens in a `line` of the outputs leave to what is remembered of their slot. */
  #store(
    outputs: Readonly<Record<string, HostArray>>,
    slot: number,
    line: number,
    count: number,
    time: number,
  ): void {
    const length = this.#lengths[slot]!;
    this.#memories.forEach(({ fresh: name, keeps, shape }, i) => {
      const store = this.#part(this.#stores[i]!, slot, 1);
      const outcome = outputs[name] as Float32Array;
      const width = shape.at(-1)!;
      if (keeps === 'state') store.set(outcome.subarray(line * store.length, (line + 1) * store.length));
      else if (keeps === 'last')
        shiftIn(store, outcome.subarray(line * time * width, (line * time + count) * width));
      else
        for (let head = 0; head < shape[0]!; head++) {
          const from = (line * shape[0]! + head) * time * width;
          store.set(outcome.subarray(from, from + count * width), (head * this.#capacity + length) * width);
        }
    });
    this.#mark(slot, count);
  }

  #mark(slot: number, count: number): void {
    const start = slot * this.#capacity + this.#lengths[slot]!;
    for (let i = 0; i < count; i++) {
      this.#positions[start + i] = this.#lengths[slot]! + i;
      this.#segments[start + i] = REAL;
    }
    this.#lengths[slot]! += count;
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
    const shape = { batch: width, time: wanted, capacity: this.#capacity, followerCount };
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

/** Leaves in `store` the last rows of what was there with `rows` behind. */
function shiftIn(store: Float32Array, rows: Float32Array): void {
  const kept = Math.max(0, store.length - rows.length);
  store.copyWithin(0, store.length - kept);
  store.set(rows.subarray(Math.max(0, rows.length - store.length)), kept);
}

/** `old` [rows, before] as [rows, after], the new places holding `fill`. */
function widened<A extends Float32Array | Int32Array>(
  old: A,
  rows: number,
  before: number,
  after: number,
  fill: number,
): A {
  const grown = (
    old instanceof Int32Array ? new Int32Array(rows * after) : new Float32Array(rows * after)
  ) as A;
  if (fill !== 0) grown.fill(fill);
  for (let row = 0; row < rows; row++) grown.set(old.subarray(row * before, (row + 1) * before), row * after);
  return grown;
}

interface DecodeShape {
  readonly batch: number;
  /** New tokens of each per run. */
  readonly time: number;
  /** Cached positions of each. */
  readonly capacity: number;
  /** Followers of each that are scored. */
  readonly followerCount: number;
}

/** What `model` remembers of one sequence of at most `capacity` tokens. */
function memoriesOf(model: Model, capacity: number): readonly Memory[] {
  return decodeStep(
    model,
    { kind: 'frozen' },
    { batch: 1, time: 1, capacity: Math.max(1, capacity), followerCount: 0 },
  ).memories;
}

/** Bytes of what `model` remembers of one sequence of at most `capacity` tokens. */
export function memoryBytes(model: Model, capacity: number): number {
  return 4 * sizeOfAll(memoriesOf(model, capacity));
}

/**
 * (tokens, positions, segments [B,T], pastPositions, pastSegments [B,C], row [B], memories [B, ...]) -> (logits [B,V], what is new of the
 * memories); where F followers a slot are scored also (followed, followers [B * F]) -> nll [B * F]. Empty cache slots have segment -1.
 */
function decodeStep(
  model: Model,
  method: Method,
  { batch, time, capacity, followerCount }: DecodeShape,
): { graph: Graph; memories: readonly Memory[] } {
  const graph = new Graph();
  const p = new Parameters(graph, withoutDropout(method));
  const inputs = modelInputs(graph, model, batch, time);
  const ints = (name: string, size: number) => graph.input(name, 'i32', [batch, size]);
  const queries = { positions: inputs.positions, segments: ints('segments', time) };
  const keys = {
    positions: concat([ints('pastPositions', capacity), queries.positions], 1),
    segments: concat([ints('pastSegments', capacity), queries.segments], 1),
  };
  const maskFor = oncePerWindow((window) => attentionMask(queries, keys, window));
  const memories: Memory[] = [];
  const remember = (memory: Memory) => void memories.push(memory);
  const mixing = {
    attend: attendCached(maskFor, capacity, remember),
    convolve: convolveCached(remember),
    recur: recurCached(queries.segments, REAL, remember),
  };
  const hidden = model.hidden(p, inputs, mixing);
  const table = model.head(p);
  graph.output('logits', logits(gather(hidden, graph.input('row', 'i32', [batch])), table));
  if (followerCount > 0) {
    const { rows: head, added, cap } = table;
    const scored = {
      hidden: gather(hidden, graph.input('followed', 'i32', [batch * followerCount])),
      targets: graph.input('followers', 'i32', [batch * followerCount]),
      // nothing is trained: no weight counts
      weights: broadcastTo(scalar(graph, 1), [batch * followerCount]),
    };
    graph.output('nll', headLoss({ ...scored, head, added, cap }, { hidden: false, head: false }).nll);
  }
  return { graph, memories };
}
