/**
 * A key-value cache for sequences side by side (slots), and the programs that advance them. A conversation
 * uses one slot; measuring as many as fit, since reading the weights once for many rows makes it quick.
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
import { type LoadedAdapter, NO_ADAPTER } from '../load/adapter.ts';
import type { ReadyModel } from '../load/ready-model.ts';
import { type Model, modelInputs } from '../models/model.ts';
import { attendCached, attentionMask, oncePerWindow } from '../nn/attention.ts';
import { type Method, onBase, Parameters, type Trainable, withoutDropout } from '../nn/parameters.ts';
import { rotationFeeds } from '../nn/rope.ts';
import { logits } from '../nn/table.ts';
import { concat, gather } from '../ops/functions.ts';
import { weightBytesOf } from '../passes/graph-cost.ts';

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
}

/** Segment of cache places that hold nothing, and of tokens that are padding: no query sees either. */
const EMPTY = -1;
const PADDING = -2;

export class CachedDecoder {
  readonly #options: DecoderOptions;
  readonly #slots: number;
  readonly #programs = new Map<number, Program>();
  readonly #keys: Float32Array[] = [];
  readonly #values: Float32Array[] = [];
  readonly #lengths: Int32Array;
  #capacity = 0;
  #positions = new Int32Array();
  #segments = new Int32Array();

  constructor(options: DecoderOptions, slots: number) {
    this.#options = options;
    this.#slots = slots;
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
    const { layers, kvHeads, headDim } = this.#options.model;
    const rows = this.#slots * kvHeads;
    for (const store of [this.#keys, this.#values])
      for (let layer = 0; layer < layers; layer++)
        store[layer] = widened(
          store[layer] ?? new Float32Array(),
          rows,
          this.#capacity * headDim,
          capacity * headDim,
          0,
        );
    this.#positions = widened(this.#positions, this.#slots, this.#capacity, capacity, 0);
    this.#segments = widened(this.#segments, this.#slots, this.#capacity, capacity, EMPTY);
    this.#capacity = capacity;
    await this.release();
  }

  reset(slot: number): void {
    this.#lengths[slot] = 0;
    this.#segments.fill(EMPTY, slot * this.#capacity, (slot + 1) * this.#capacity);
  }

  /** Makes slot `to` begin with the first `count` tokens of slot `from`. */
  copy(from: number, to: number, count: number): void {
    const { layers, kvHeads, headDim } = this.#options.model;
    const capacity = this.#capacity;
    this.reset(to);
    for (const store of [this.#keys, this.#values]) {
      for (let layer = 0; layer < layers; layer++) {
        for (let head = 0; head < kvHeads; head++) {
          const start = (from * kvHeads + head) * capacity * headDim;
          const target = (to * kvHeads + head) * capacity * headDim;
          store[layer]!.copyWithin(target, start, start + count * headDim);
        }
      }
    }
    this.#mark(to, count);
  }

  /**
   * Appends up to `wanted` tokens to each slot in `parts` and gives the logits [V] after the last of each.
   * `longest`: the full length of the longest sequence, on which some rotary scalings depend.
   */
  async advance(parts: readonly SlotTokens[], wanted: number, longest = 0): Promise<Float32Array[]> {
    const { program, time } = await this.#program(wanted);
    const tokens = new Int32Array(this.#slots * time);
    const positions = new Int32Array(tokens.length);
    const segments = new Int32Array(tokens.length).fill(PADDING);
    const row = Int32Array.from({ length: this.#slots }, (_, slot) => slot * time);
    for (const { slot, ids } of parts) {
      assert(ids.length > 0 && ids.length <= time, `${ids.length} tokens in a block of ${time}`);
      assert(this.#lengths[slot]! + ids.length <= this.#capacity, `slot ${slot} is full`);
      ids.forEach((id, i) => {
        tokens[slot * time + i] = id;
        positions[slot * time + i] = this.#lengths[slot]! + i;
        segments[slot * time + i] = 0;
      });
      row[slot] = slot * time + ids.length - 1;
    }
    const reach = parts.reduce(
      (most, { slot, ids }) => Math.max(most, this.#lengths[slot]! + ids.length),
      longest,
    );
    const { outputs } = await program.run({ ...this.#feeds(tokens, positions, segments, reach), row });
    for (const { slot, ids } of parts) this.#store(outputs, slot, ids.length, time);
    const { vocabSize } = this.#options.model;
    const logits = outputs.logits as Float32Array;
    return parts.map(({ slot }) => logits.subarray(slot * vocabSize, (slot + 1) * vocabSize));
  }

  async release(): Promise<void> {
    for (const program of this.#programs.values()) await program.release();
    this.#programs.clear();
  }

  #feeds(tokens: Int32Array, positions: Int32Array, segments: Int32Array, longest: number) {
    const { model, trained } = this.#options;
    const feeds: Record<string, HostArray | DeviceTensor> = {
      ...trained,
      tokens,
      positions,
      segments,
      ...rotationFeeds(model.ropes, positions, longest),
      pastPositions: this.#positions,
      pastSegments: this.#segments,
    };
    for (let layer = 0; layer < model.layers; layer++) {
      feeds[`pastK.${layer}`] = this.#keys[layer]!;
      feeds[`pastV.${layer}`] = this.#values[layer]!;
    }
    return feeds;
  }

  /** Copies the first `count` new keys and values of a slot behind its cached ones. */
  #store(outputs: Readonly<Record<string, HostArray>>, slot: number, count: number, time: number): void {
    const { layers, kvHeads, headDim } = this.#options.model;
    const length = this.#lengths[slot]!;
    for (let layer = 0; layer < layers; layer++) {
      for (const [name, store] of [
        ['k', this.#keys],
        ['v', this.#values],
      ] as const) {
        const fresh = outputs[`${name}.${layer}`] as Float32Array;
        for (let head = 0; head < kvHeads; head++) {
          const line = slot * kvHeads + head;
          const part = fresh.subarray(line * time * headDim, (line * time + count) * headDim);
          store[layer]!.set(part, (line * this.#capacity + length) * headDim);
        }
      }
    }
    this.#mark(slot, count);
  }

  #mark(slot: number, count: number): void {
    const start = slot * this.#capacity + this.#lengths[slot]!;
    for (let i = 0; i < count; i++) {
      this.#positions[start + i] = this.#lengths[slot]! + i;
      this.#segments[start + i] = 0;
    }
    this.#lengths[slot]! += count;
  }

  /**
   * The program for `wanted` tokens of each slot; where programs take turns, the present one if it is for no
   * fewer.
   */
  async #program(wanted: number): Promise<{ readonly program: Program; readonly time: number }> {
    const known = this.#programs.get(wanted);
    if (known) return { program: known, time: wanted };
    const { executor, model, method, weights } = this.#options;
    const shape = { batch: this.#slots, time: wanted, capacity: this.#capacity };
    const { graph } = decodeStep(model, method, shape);
    if (this.#programs.size > 0 && takeTurns(executor, weightBytesOf(graph))) {
      const [there] = this.#programs;
      if (there && there[0] >= wanted) return { program: there[1], time: there[0] };
      await this.release();
    }
    const program = await executor.compile(graph, { weights });
    this.#programs.set(wanted, program);
    return { program, time: wanted };
  }
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
  grown.fill(fill);
  for (let row = 0; row < rows; row++) grown.set(old.subarray(row * before, (row + 1) * before), row * after);
  return grown;
}

interface DecodeShape {
  readonly batch: number;
  /** New tokens of each per run. */
  readonly time: number;
  /** Cached positions of each. */
  readonly capacity: number;
}

/**
 * (tokens, positions, segments [B,T], pastPositions, pastSegments [B,C], pastK.l, pastV.l [B,G,C,D], row [B])
 * -> (logits [B,V], k.l, v.l [B,G,T,D]). Empty cache slots have segment -1.
 */
function decodeStep(
  model: Model,
  method: Method,
  { batch, time, capacity }: DecodeShape,
): { graph: Graph; trainables: readonly Trainable[] } {
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
  const hidden = model.hidden(p, inputs, attendCached(maskFor, capacity));
  graph.output('logits', logits(gather(hidden, graph.input('row', 'i32', [batch])), model.head(p)));
  return { graph, trainables: [...p.trainables.values()] };
}
