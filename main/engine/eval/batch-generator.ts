/**
 * Generation for measuring: many prompts in slots of one cache; a slot that is done takes the next prompt.
 */
import { AppError } from '../../../common/errors.ts';
import { number } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import type { Model } from '../models/model.ts';
import { dependsOnLength, rereadBeyond } from '../nn/rope.ts';
import { CachedDecoder, type DecoderOptions, PROMPT_BLOCK } from './cached-decoder.ts';
import { memoryBytes } from './decode-step.ts';
import { likeliest, requireNumber } from './generator.ts';

export interface BatchRequest {
  /** Token ids of the prompt, at least one. */
  readonly prompt: readonly number[];
  readonly maxNewTokens: number;
  /** Whether an answer that begins with these tokens is judged the same however it goes on: it ends there. */
  readonly isDecided?: (ids: readonly number[]) => boolean;
  /** Chooses the next id from logits [V]; left out: the likeliest. */
  readonly choose?: (logits: Float32Array) => number;
}

interface BatchAnswer {
  /** New tokens, without the one that ended the answer. */
  readonly ids: readonly number[];
  /** `end`: a stop token came; `length`: the limit of new tokens, or of what the model reads. */
  readonly stopReason: 'end' | 'length' | 'decided';
}

export interface BatchOptions {
  readonly stopIds: readonly number[];
  readonly stop?: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
  /** Gets each answer as soon as it has ended, with its place among the requests. */
  readonly onAnswer?: (index: number, answer: BatchAnswer) => void;
}

const MAX_SLOTS = 32;
/** Memory for the keys and values of all slots together. */
const CACHE_BYTES = 256 * 2 ** 20;
/** Sizes of a cache that are near each other, as a factor. */
const NEARLY = 1.5;
/** A beginning that several prompts share is computed once from this length on. */
const SHARED_TOKENS = 16;
/** Prompts that are read together, so that a block is nearly full. */
const READ_TOGETHER = 8;

/**
 * Answers to all `requests`, in their order, greedy where they don't choose. Throws `context-full` for a prompt too long,
 * `bad-model-weights` for logits that are not numbers, and the reason of `stop`.
 */
export async function generateAll(
  parts: DecoderOptions,
  requests: readonly BatchRequest[],
  options: BatchOptions,
): Promise<BatchAnswer[]> {
  const decoders = new Decoders(parts, requests.length);
  try {
    return await decoders.answer(requests, options);
  } finally {
    await decoders.release();
  }
}

/** Answers batch after batch and keeps what was compiled for the last one. */
export class Decoders {
  readonly #parts: DecoderOptions;
  readonly #most: number;
  #kept: { readonly decoder: CachedDecoder; readonly slots: number } | null = null;

  /** `most`: how many answers at most at once, for which there is memory. */
  constructor(parts: DecoderOptions, most = MAX_SLOTS) {
    this.#parts = parts;
    this.#most = most;
  }

  /** As `generateAll`. */
  async answer(requests: readonly BatchRequest[], options: BatchOptions): Promise<BatchAnswer[]> {
    const { model } = this.#parts;
    const { maxPositions } = model;
    for (const { prompt } of requests) checkPrompt(prompt, maxPositions);
    const answers = new Array<BatchAnswer>(requests.length);
    let done = 0;
    const finish = (index: number, answer: BatchAnswer) => {
      answers[index] = answer;
      options.onAnswer?.(index, answer);
      options.onProgress?.(++done / requests.length);
    };
    for (const [capacity, indices] of byCapacity(requests, maxPositions)) {
      const { decoder, slots } = await this.#decoder(capacity);
      await new Wave(decoder, slots, model, requests, indices, options, finish).run();
    }
    return answers;
  }

  async release(): Promise<void> {
    await this.#kept?.decoder.release();
    this.#kept = null;
  }

  /** One whose slots hold `capacity` tokens, and not so many more that reading its cache costs more than a new one. */
  async #decoder(capacity: number) {
    const { capacity: kept = 0 } = this.#kept?.decoder ?? {};
    if (this.#kept && kept >= capacity && kept <= NEARLY * capacity) return this.#kept;
    await this.release();
    const slots = Math.min(this.#most, slotCount(this.#parts.model, capacity));
    const decoder = new CachedDecoder(this.#parts, slots);
    await decoder.reserve(capacity);
    this.#kept = { decoder, slots };
    return this.#kept;
  }
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

/**
 * Requests by the cache size that they need, in steps of a half: attention costs what the cache holds. A few go with
 * those of the next size, since each size is compiled.
 */
function byCapacity(requests: readonly BatchRequest[], maxPositions: number): [number, number[]][] {
  const groups = new Map<number, number[]>();
  requests.forEach((request, index) => {
    const capacity = capacityFor(roomFor(request, maxPositions));
    groups.set(capacity, [...(groups.get(capacity) ?? []), index]);
  });
  const joined: [number, number[]][] = [];
  for (const [capacity, indices] of [...groups].sort(([a], [b]) => a - b)) {
    const last = joined.at(-1);
    const isFew = last !== undefined && last[1].length < 2 * MAX_SLOTS && capacity <= NEARLY * last[0];
    if (isFew) joined[joined.length - 1] = [capacity, [...last[1], ...indices]];
    else joined.push([capacity, indices]);
  }
  return joined;
}

function capacityFor(tokens: number): number {
  let capacity = 64;
  while (capacity < tokens)
    capacity = Number.isInteger(Math.log2(capacity)) ? capacity * 1.5 : (capacity * 4) / 3;
  return capacity;
}

/** Slots that fit into the memory for caches. */
function slotCount(model: Model, capacity: number): number {
  return Math.max(1, Math.min(MAX_SLOTS, Math.floor(CACHE_BYTES / memoryBytes(model, capacity))));
}

interface Running {
  readonly index: number;
  /** Tokens to be read that are not in the cache yet. */
  prompt: readonly number[];
  readonly ids: number[];
  readonly limit: number;
  hasEnded: boolean;
}

/** One pass over the requests of one capacity. */
class Wave {
  readonly #decoder: CachedDecoder;
  /** One slot after the other from the first on: what ends gives its place to the last, so that a step has no gaps. */
  readonly #running: Running[] = [];
  /** For answers; the last one holds what those that wait begin with. */
  readonly #slots: number;
  readonly #pending: number[];
  readonly #model: Model;
  /** Beyond so many tokens all of a sequence are read again. */
  readonly #rereadBeyond: number | null;
  readonly #requests: readonly BatchRequest[];
  readonly #options: BatchOptions;
  readonly #finish: (index: number, answer: BatchAnswer) => void;
  readonly #stops: ReadonlySet<number>;
  /** What is in the last slot: tokens that all prompts of a kind begin with. */
  #shared = { kind: '', length: 0 };

  constructor(
    decoder: CachedDecoder,
    slots: number,
    model: Model,
    requests: readonly BatchRequest[],
    indices: readonly number[],
    options: BatchOptions,
    finish: (index: number, answer: BatchAnswer) => void,
  ) {
    this.#decoder = decoder;
    this.#slots = slots;
    // prompts of like length are read together: a block costs the same however many of its places are used
    const byLength = [...indices].sort((a, b) => requests[b]!.prompt.length - requests[a]!.prompt.length);
    this.#pending = [...Map.groupBy(byLength, (index) => kindOf(requests[index]!.prompt)).values()].flat();
    this.#model = model;
    this.#rereadBeyond = rereadBeyond(model.ropes);
    this.#requests = requests;
    this.#options = options;
    this.#finish = finish;
    this.#stops = new Set(options.stopIds);
  }

  async run(): Promise<void> {
    while (this.#pending.length > 0 || this.#running.length > 0) {
      await this.#fill();
      this.#reread();
      const first = this.#running.findIndex(({ prompt }) => prompt.length > 0);
      if (first >= 0) await this.#read(first);
      else await this.#speak();
      this.#clear();
    }
  }

  /** Reads what waiting prompts of a kind begin with into the last slot; each keeps a token at least for itself. */
  async #readShared(kind: string): Promise<void> {
    const prompts = this.#pending
      .map((index) => this.#requests[index]!.prompt)
      .filter((prompt) => kindOf(prompt) === kind);
    const isShared = prompts.length > 1 && this.#slots > 1 && !isByLength(this.#model);
    const length = isShared ? sharedLength(prompts) : 0;
    this.#shared = { kind, length: length < SHARED_TOKENS ? 0 : length };
    const slot = this.#slots - 1;
    this.#decoder.reset(slot);
    for (let start = 0; start < this.#shared.length; start += PROMPT_BLOCK) {
      this.#options.stop?.throwIfAborted();
      const ids = prompts[0]!.slice(start, Math.min(length, start + PROMPT_BLOCK));
      await this.#decoder.advance([{ slot, ids }], blockFor(ids.length));
    }
  }

  /** Gives free slots to waiting prompts, several at once. */
  async #fill(): Promise<void> {
    const usable = () => this.#slots - (this.#slots > 1 && this.#pending.length > 1 ? 1 : 0);
    const free = usable() - this.#running.length;
    const enough = Math.min(this.#pending.length, READ_TOGETHER, Math.ceil(usable() / 2));
    if (free < enough) return;
    while (this.#pending.length > 0 && this.#running.length < usable()) {
      const slot = this.#running.length;
      const { prompt, maxNewTokens } = this.#requests[this.#pending.at(-1)!]!;
      if (kindOf(prompt) !== this.#shared.kind) await this.#readShared(kindOf(prompt));
      const index = this.#pending.pop()!;
      const shared = this.#shared.length;
      if (shared > 0) this.#decoder.copy(this.#slots - 1, slot, shared);
      else this.#decoder.reset(slot);
      const limit = Math.min(maxNewTokens, this.#model.maxPositions - prompt.length + 1);
      this.#running.push({ index, prompt: prompt.slice(shared), ids: [], limit, hasEnded: false });
    }
  }

  /** Puts what passes the length up to which its keys are as they were cached among what is to be read. */
  #reread(): void {
    for (const [slot, running] of this.#running.entries()) {
      if (running.prompt.length > 0 || this.#decoder.lengthOf(slot) !== this.#rereadBeyond) continue;
      this.#decoder.reset(slot);
      running.prompt = [...this.#requests[running.index]!.prompt, ...running.ids];
    }
  }

  /** The prompts of the slots from `first` on, block by block, a few slots together. */
  async #read(first: number): Promise<void> {
    for (let start = first; start < this.#running.length; start += READ_TOGETHER) {
      const together = this.#running.slice(start, start + READ_TOGETHER);
      while (together.some(({ prompt }) => prompt.length > 0)) {
        this.#options.stop?.throwIfAborted();
        await this.#readBlock(together, start);
      }
    }
  }

  /** The next block of the prompts of slots from `start` on. */
  async #readBlock(together: readonly Running[], start: number): Promise<void> {
    const longest = Math.max(...together.map(({ prompt }) => prompt.length));
    const parts = together.flatMap((running, i) =>
      running.prompt.length === 0
        ? []
        : [
            {
              running,
              slot: start + i,
              ids: running.prompt.slice(0, PROMPT_BLOCK),
              length: this.#decoder.lengthOf(start + i) + running.prompt.length,
            },
          ],
    );
    const logits = await this.#decoder.advance(parts, blockFor(longest));
    parts.forEach(({ running, ids }, i) => {
      running.prompt = running.prompt.slice(ids.length);
      if (running.prompt.length === 0) this.#choose(running, logits[i]!);
    });
  }

  /** One token of every answer. */
  async #speak(): Promise<void> {
    this.#options.stop?.throwIfAborted();
    const parts = this.#running.map(({ ids }, slot) => ({ slot, ids: ids.slice(-1) }));
    const logits = await this.#decoder.advance(parts, 1);
    this.#running.forEach((running, slot) => {
      this.#choose(running, logits[slot]!);
    });
  }

  #choose(running: Running, logits: Float32Array): void {
    const { ids, limit, index } = running;
    const id = (this.#requests[index]!.choose ?? likeliest)(logits);
    requireNumber(logits[id]);
    const ended = limit === 0 || this.#stops.has(id);
    if (!ended) ids.push(id);
    const isDecided = !ended && this.#requests[index]!.isDecided?.(ids) === true;
    if (!ended && !isDecided && ids.length < limit) return;
    running.hasEnded = true;
    this.#finish(index, {
      ids,
      stopReason: ended && limit > 0 ? 'end' : ids.length < limit ? 'decided' : 'length',
    });
  }

  /** Takes away what has ended. */
  #clear(): void {
    for (let slot = this.#running.length - 1; slot >= 0; slot--) {
      if (!this.#running[slot]!.hasEnded) continue;
      const last = this.#running.length - 1;
      const moved = this.#running.pop()!;
      if (slot === last) continue;
      this.#decoder.copy(last, slot, this.#decoder.lengthOf(last));
      this.#running[slot] = moved;
    }
  }
}

/** The block that `tokens` are read in, short ones in half of one: what is not used of it costs as much as what is. */
function blockFor(tokens: number): number {
  return tokens <= PROMPT_BLOCK / 2 ? PROMPT_BLOCK / 2 : PROMPT_BLOCK;
}

/** Whether tokens are rotated differently in a longer sequence, so that what begins alike is not the same. */
const isByLength = ({ ropes }: Model): boolean => [...ropes.values()].some(dependsOnLength);

/** Prompts of a kind begin alike. */
function kindOf(prompt: readonly number[]): string {
  return prompt.slice(0, SHARED_TOKENS).join(' ');
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
