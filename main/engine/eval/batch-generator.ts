/**
 * Generation for measuring: many prompts in slots of one cache; a slot that is done takes the next prompt.
 */
import { AppError } from '../../../common/errors.ts';
import { number } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import type { Model } from '../models/model.ts';
import { dependsOnLength } from '../nn/rope.ts';
import { CachedDecoder, type DecoderOptions } from './cached-decoder.ts';
import { greedy, requireNumber } from './generator.ts';

export interface BatchRequest {
  /** Token ids of the prompt, at least one. */
  readonly prompt: readonly number[];
  readonly maxNewTokens: number;
}

interface BatchAnswer {
  /** New tokens, without the one that ended the answer. */
  readonly ids: readonly number[];
  /** `end`: a stop token came; `length`: the limit of new tokens, or of what the model reads. */
  readonly stopReason: 'end' | 'length';
}

export interface BatchOptions {
  readonly stopIds: readonly number[];
  readonly stop?: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}

const PROMPT_BLOCK = 32;
const MAX_SLOTS = 32;
/** Memory for the keys and values of all slots together. */
const CACHE_BYTES = 256 * 2 ** 20;
/** A beginning that all prompts share is computed once from this length on. */
const SHARED_TOKENS = 16;

/**
 * Greedy answers to all `requests`, in their order. Throws `context-full` for a prompt too long,
 * `bad-model-weights` for logits that are not numbers, and the reason of `stop`.
 */
export async function generateAll(
  parts: DecoderOptions,
  requests: readonly BatchRequest[],
  options: BatchOptions,
): Promise<BatchAnswer[]> {
  const { maxPositions } = parts.model;
  for (const { prompt } of requests) checkPrompt(prompt, maxPositions);
  const answers = new Array<BatchAnswer>(requests.length);
  let done = 0;
  const finish = (index: number, answer: BatchAnswer) => {
    answers[index] = answer;
    options.onProgress?.(++done / requests.length);
  };
  for (const [capacity, indices] of byCapacity(requests, maxPositions)) {
    const slots = slotCount(parts.model, capacity, indices.length);
    const decoder = new CachedDecoder(parts, slots);
    try {
      await decoder.reserve(capacity);
      await new Wave(decoder, slots, maxPositions, requests, indices, options, finish).run();
    } finally {
      await decoder.release();
    }
  }
  return answers;
}

function checkPrompt(prompt: readonly number[], maxPositions: number): void {
  if (prompt.length > 0 && prompt.length <= maxPositions) return;
  throw new AppError(
    prompt.length === 0 ? 'empty-prompt' : 'context-full',
    say`A question has ${number(prompt.length)} tokens. This model reads 1 to ${number(maxPositions)}.`,
    say`Shorten or leave out rows with such questions.`,
  );
}

/** Tokens that the cache must hold for a request: the last new token is only said, not read. */
function roomFor({ prompt, maxNewTokens }: BatchRequest, maxPositions: number): number {
  return Math.min(maxPositions, prompt.length + Math.max(0, maxNewTokens - 1));
}

/** Requests by the cache size that they need, in steps of a half: attention costs what the cache holds. */
function byCapacity(requests: readonly BatchRequest[], maxPositions: number): [number, number[]][] {
  const groups = new Map<number, number[]>();
  requests.forEach((request, index) => {
    const capacity = capacityFor(roomFor(request, maxPositions));
    groups.set(capacity, [...(groups.get(capacity) ?? []), index]);
  });
  return [...groups].sort(([a], [b]) => a - b);
}

function capacityFor(tokens: number): number {
  let capacity = 64;
  while (capacity < tokens)
    capacity = Number.isInteger(Math.log2(capacity)) ? capacity * 1.5 : (capacity * 4) / 3;
  return capacity;
}

/** Slots that fit into the memory for caches; one where rotation depends on a sequence's length. */
function slotCount(model: Model, capacity: number, wanted: number): number {
  if ([...model.ropes.values()].some(dependsOnLength)) return 1;
  const bytes = 2 * 4 * model.layers * model.kvHeads * model.headDim * capacity;
  return Math.max(1, Math.min(wanted, MAX_SLOTS, Math.floor(CACHE_BYTES / bytes)));
}

interface Running {
  readonly index: number;
  /** Prompt tokens that are not in the cache yet. */
  prompt: readonly number[];
  readonly ids: number[];
  readonly limit: number;
}

/** One pass over the requests of one capacity. */
class Wave {
  readonly #decoder: CachedDecoder;
  readonly #running: (Running | null)[];
  readonly #pending: number[];
  readonly #maxPositions: number;
  readonly #requests: readonly BatchRequest[];
  readonly #options: BatchOptions;
  readonly #finish: (index: number, answer: BatchAnswer) => void;
  readonly #stops: ReadonlySet<number>;
  /** Tokens that all prompts begin with, kept in the last slot until nobody waits any more. */
  #shared = 0;

  constructor(
    decoder: CachedDecoder,
    slots: number,
    maxPositions: number,
    requests: readonly BatchRequest[],
    indices: readonly number[],
    options: BatchOptions,
    finish: (index: number, answer: BatchAnswer) => void,
  ) {
    this.#decoder = decoder;
    this.#running = new Array<Running | null>(slots).fill(null);
    // prompts of like length are read together: a block costs the same however many of its places are used
    this.#pending = [...indices].sort((a, b) => requests[b]!.prompt.length - requests[a]!.prompt.length);
    this.#maxPositions = maxPositions;
    this.#requests = requests;
    this.#options = options;
    this.#finish = finish;
    this.#stops = new Set(options.stopIds);
  }

  async run(): Promise<void> {
    await this.#readShared();
    while (this.#pending.length > 0 || this.#running.some(Boolean)) {
      this.#options.stop?.throwIfAborted();
      this.#fill();
      const reading = this.#slotsWhere(({ prompt }) => prompt.length > 0);
      if (reading.length > 0) await this.#read(reading);
      else await this.#speak();
    }
  }

  /** Reads what all prompts begin with into the last slot; each keeps at least its last token for itself. */
  async #readShared(): Promise<void> {
    const prompts = this.#pending.map((index) => this.#requests[index]!.prompt);
    const length = prompts.length < 2 || this.#running.length < 2 ? 0 : sharedLength(prompts);
    if (length < SHARED_TOKENS) return;
    const slot = this.#running.length - 1;
    for (let start = 0; start < length; start += PROMPT_BLOCK) {
      this.#options.stop?.throwIfAborted();
      const ids = prompts[0]!.slice(start, Math.min(length, start + PROMPT_BLOCK));
      await this.#decoder.advance([{ slot, ids }], PROMPT_BLOCK);
    }
    this.#shared = length;
  }

  /** Gives free slots to waiting prompts, several at once: a block costs the same for one slot as for all. */
  #fill(): void {
    const free = this.#running.flatMap((running, slot) => (running ? [] : [slot]));
    const isWorthIt = free.length >= Math.min(this.#pending.length, this.#running.length / 2);
    if (this.#pending.length === 0 || !isWorthIt) return;
    // the last slot holds the shared beginning, so it is the last to be overwritten
    for (const slot of free) {
      if (slot === this.#running.length - 1 && this.#shared > 0 && this.#pending.length > 1) continue;
      const index = this.#pending.pop();
      if (index === undefined) return;
      const { prompt, maxNewTokens } = this.#requests[index]!;
      if (this.#shared > 0) this.#decoder.copy(this.#running.length - 1, slot, this.#shared);
      else this.#decoder.reset(slot);
      const limit = Math.min(maxNewTokens, this.#maxPositions - prompt.length + 1);
      this.#running[slot] = { index, prompt: prompt.slice(this.#shared), ids: [], limit };
    }
  }

  /** One block of the prompts that are still to be read. */
  async #read(slots: readonly number[]): Promise<void> {
    const parts = slots.map((slot) => ({
      slot,
      ids: this.#running[slot]!.prompt.slice(0, PROMPT_BLOCK),
    }));
    const ends = slots.map((slot) => this.#decoder.lengthOf(slot) + this.#running[slot]!.prompt.length);
    const logits = await this.#decoder.advance(parts, PROMPT_BLOCK, Math.max(...ends));
    parts.forEach(({ slot, ids }, i) => {
      const running = this.#running[slot]!;
      running.prompt = running.prompt.slice(ids.length);
      if (running.prompt.length === 0) this.#choose(slot, logits[i]!);
    });
  }

  /** One token of every answer. */
  async #speak(): Promise<void> {
    const slots = this.#slotsWhere(() => true);
    if (slots.length === 0) return;
    const parts = slots.map((slot) => ({ slot, ids: this.#running[slot]!.ids.slice(-1) }));
    const logits = await this.#decoder.advance(parts, 1);
    slots.forEach((slot, i) => {
      this.#choose(slot, logits[i]!);
    });
  }

  #choose(slot: number, logits: Float32Array): void {
    const running = this.#running[slot]!;
    const id = greedy(logits);
    requireNumber(logits[id]);
    const ended = running.limit === 0 || this.#stops.has(id);
    if (!ended) running.ids.push(id);
    if (!ended && running.ids.length < running.limit) return;
    const stopReason = ended && running.limit > 0 ? 'end' : 'length';
    this.#finish(running.index, { ids: running.ids, stopReason });
    this.#running[slot] = null;
  }

  #slotsWhere(is: (running: Running) => boolean): number[] {
    return this.#running.flatMap((running, slot) => (running && is(running) ? [slot] : []));
  }
}

/** Tokens that all `prompts` begin with, at most all but one of the shortest. */
function sharedLength(prompts: readonly (readonly number[])[]): number {
  const [first, ...others] = prompts;
  let length = Math.min(...prompts.map((prompt) => prompt.length)) - 1;
  for (const prompt of others) {
    let same = 0;
    while (same < length && prompt[same] === first![same]) same++;
    length = same;
  }
  return length;
}
