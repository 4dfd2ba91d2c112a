/** A model under assessment: base or trained, it answers prompts and is measured on rows. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../../atomic.ts';
import type { AskedPrompt } from '../../data/tokens/border.ts';
import { encodeText } from '../../data/tokens/encode.ts';
import type { TokenStats, TokenStore } from '../../data/tokens/token-store.ts';
import { TokenStoreWriter } from '../../data/tokens/token-writer.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import type { LoadedAdapter } from '../../load/adapter.ts';
import type { ReadyModel } from '../../load/ready-model.ts';
import { Batching, wholeLength } from '../../step/batching.ts';
import { rightAnswers } from '../../tasks/right-answers.ts';
import type { Task } from '../../tasks/task.ts';
import { type BatchRequest, Decoders } from '../batch-generator.ts';
import { decoderOf } from '../cached-decoder.ts';
import { Classifier } from '../classify/classifier.ts';
import { measureRows, type RowLosses } from '../measure.ts';
import type { Decision } from './scores.ts';

interface SubjectParts {
  readonly ready: ReadyModel;
  readonly adapter: LoadedAdapter;
  readonly task: Task;
  /** What tells how far better answers are ahead of worse ones, where rows are such pairs. */
  readonly lead: Task | null;
  /** Where the base model's figures are kept; null for a trained one. */
  readonly cache: BaseCache | null;
  readonly stop: AbortSignal;
}

export interface Question {
  readonly prompt: readonly number[];
  readonly maxNewTokens: number;
  /** When its answer need not go on. */
  readonly decision: Decision | null;
  /** Whether special tokens are part of its answer: some models write calls of tools between such. */
  readonly showsSpecial?: boolean;
}

interface Answer {
  readonly text: string;
  readonly newTokens: number;
}

/** Asks all of `questions` and tells each answer as it comes, with its place among them. */
type Ask = (
  questions: readonly Question[],
  onAnswer: (index: number, answer: Answer) => void,
) => Promise<void>;

interface Answers {
  readonly texts: readonly string[];
  readonly newTokens: number;
}

/** Rows of a store in micro-batches. */
export interface MeasuredRows {
  readonly store: TokenStore;
  readonly rows: Uint32Array;
  readonly batching: Batching;
}

type Progress = (fraction: number) => void;

export class Subject {
  readonly #parts: SubjectParts;
  readonly #decoders: Decoders;

  constructor(parts: SubjectParts) {
    this.#parts = parts;
    this.#decoders = new Decoders(decoderOf(parts.ready, parts.adapter));
  }

  /** Gives back what was compiled for answers; they can be asked for again. */
  release(): Promise<void> {
    return this.#decoders.release();
  }

  get ready(): ReadyModel {
    return this.#parts.ready;
  }

  /** Greedy answers to all questions, in their order. Throws the reason of an aborted stop signal. */
  async answers(questions: readonly Question[], onProgress?: Progress): Promise<Answers> {
    const { cache } = this.#parts;
    const found = new Array<Answer>(questions.length);
    const take = (index: number, answer: Answer) => {
      found[index] = answer;
    };
    const ask: Ask = (asked, onAnswer) => this.#generate(asked, onAnswer, onProgress);
    await (cache ? cache.answers(questions, take, ask) : ask(questions, take));
    return {
      texts: found.map(({ text }) => text),
      newTokens: found.reduce((sum, { newTokens }) => sum + newTokens, 0),
    };
  }

  /** Log-probabilities of `answers` among each other behind each prompt; only prompts that fit with them. */
  async allowed(
    prompts: readonly AskedPrompt[],
    answers: readonly string[],
    onProgress?: Progress,
  ): Promise<readonly Float64Array[]> {
    const { ready, adapter, cache, stop } = this.#parts;
    const compute = async () => {
      const classifier = new Classifier(decoderOf(ready, adapter), ready.tokenizer, answers);
      try {
        const scores = await classifier.score(prompts, { stop, onProgress });
        stop.throwIfAborted();
        return scores.map((one) => [...one]);
      } finally {
        await classifier.release();
      }
    };
    const scores = await (cache ? cache.get('allowed', [prompts, answers], compute) : compute());
    return scores.map((one) => Float64Array.from(one));
  }

  losses(measured: MeasuredRows, onProgress?: Progress): Promise<RowLosses> {
    const isPaired = measured.batching.shape(0).pairs !== undefined;
    const task = isPaired ? this.#parts.task : rightAnswers('answers');
    return this.#measured('losses', task, measured, onProgress);
  }

  /** How far the better answer of each pair is ahead, in nats a token; null where the rows are no such pairs. */
  async leads(measured: MeasuredRows): Promise<readonly number[] | null> {
    const { lead } = this.#parts;
    return lead && [...(await this.#measured('leads', lead, measured)).nll];
  }

  async #measured(
    kind: string,
    task: Task,
    measured: MeasuredRows,
    onProgress?: Progress,
  ): Promise<RowLosses> {
    const { ready, adapter, cache, stop } = this.#parts;
    const compute = async () => {
      const rows = { task, batching: measured.batching };
      const { nll, labelled } = (await measureRows(ready, adapter, rows, stop, onProgress)).rows;
      return { nll: [...nll], labelled: [...labelled] };
    };
    const { nll, labelled } = await (cache ? cache.get(kind, contentKey(measured), compute) : compute());
    const rows = measured.rows.slice().sort();
    return { rows, nll: Float64Array.from(nll), labelled: Uint32Array.from(labelled) };
  }

  async #generate(
    questions: readonly Question[],
    onAnswer: (index: number, answer: Answer) => void,
    onProgress?: Progress,
  ): Promise<void> {
    if (questions.length === 0) return;
    const { ready, stop } = this.#parts;
    const { tokenizer } = ready;
    const textOf = (ids: readonly number[], { showsSpecial = false }: Question) =>
      showsSpecial
        ? tokenizer.decode(ids.filter((id) => !tokenizer.stopIds.includes(id)))
        : tokenizer.decode(ids, { skipSpecial: true });
    const requests = questions.map((question): BatchRequest => {
      const { prompt, maxNewTokens, decision } = question;
      const request = { prompt, maxNewTokens };
      return decision
        ? { ...request, isDecided: (ids) => decision.isDecided(textOf(ids, question)) }
        : request;
    });
    await this.#decoders.answer(requests, {
      stopIds: tokenizer.stopIds,
      stop,
      ...(onProgress && { onProgress }),
      onAnswer: (index, { ids }) =>
        onAnswer(index, { text: textOf(ids, questions[index]!), newTokens: ids.length }),
    });
  }
}

/** What the rows hold, in ascending order, whatever file they came from. */
function contentKey({ store, rows }: MeasuredRows): string {
  const hash = createHash('sha256');
  for (const row of rows.slice().sort())
    hash.update(`${store.hashes.at(2 * row)} ${store.hashes.at(2 * row + 1)} `);
  return hash.digest('hex');
}

/** Changed when what is computed from the same inputs changes. */
const VERSION = 2;
/** Answers that are kept of a model, the newest. */
const MOST_ANSWERS = 20_000;

/** What the base model of a run said and what it lost, kept for other runs on it. */
export class BaseCache {
  readonly #folder: string;
  readonly #model: string;

  /** A cache in `folder`; `model` names everything that the figures depend on besides what is asked. */
  constructor(folder: string, model: string) {
    this.#folder = folder;
    this.#model = `${VERSION} ${model}`;
  }

  /** What was kept for `kind` and `asked`, else the result of `compute`, plain JSON, which is then kept. */
  async get<T>(kind: string, asked: unknown, compute: () => Promise<T>): Promise<T> {
    const file = this.#file(kind, asked);
    const kept = await read<{ value: T }>(file);
    if (kept) return kept.value;
    const value = await compute();
    await write(file, { value });
    return value;
  }

  /** Tells kept answers, and those to all other questions from `ask`, which are then kept, also where it is stopped. */
  async answers(
    questions: readonly Question[],
    onAnswer: (index: number, answer: Answer) => void,
    ask: Ask,
  ): Promise<void> {
    const file = this.#file('answers', null);
    const kept = (await read<Record<string, Answer>>(file)) ?? {};
    const keys = questions.map(({ prompt, maxNewTokens, decision, showsSpecial }) =>
      hashOf([prompt, maxNewTokens, decision?.name ?? null, ...(showsSpecial ? ['special'] : [])]),
    );
    const places = [...keys.keys()].filter((place) => !Object.hasOwn(kept, keys[place]!));
    keys.forEach((key, place) => {
      if (Object.hasOwn(kept, key)) onAnswer(place, kept[key]!);
    });
    if (places.length === 0) return;
    const missing = places.map((place) => questions[place]!);
    try {
      await ask(missing, (index, answer) => {
        const place = places[index]!;
        kept[keys[place]!] = answer;
        onAnswer(place, answer);
      });
    } finally {
      await write(file, Object.fromEntries(Object.entries(kept).slice(-MOST_ANSWERS)));
    }
  }

  #file(kind: string, asked: unknown): string {
    return path.join(this.#folder, `${kind}-${hashOf([this.#model, kind, asked])}.json`);
  }
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

/** A file that is damaged or missing is made again. */
async function read<T>(file: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch {
    return null;
  }
}

/** A cache that cannot be written costs time and nothing else. */
async function write(file: string, value: unknown): Promise<void> {
  await writeFileAtomic(file, JSON.stringify(value)).catch(() => undefined);
}

/** `texts` in packed rows of at most `tokens` tokens, longer ones cut. Close its store after use. */
export async function textRows(
  tokenizer: Tokenizer,
  texts: readonly string[],
  folder: string,
  tokens: number,
): Promise<MeasuredRows> {
  const writer = await TokenStoreWriter.create(folder);
  const hash = createHash('sha256');
  let longest = 2;
  for (const text of texts) {
    const { ids, labels } = encodeText(tokenizer, text);
    await writer.add({ ids: ids.slice(0, tokens), labels: labels.slice(0, tokens) });
    longest = Math.max(longest, Math.min(ids.length, tokens));
    hash.update(`${text}\n`);
  }
  const store = await writer.finish({ contentHash: hash.digest('hex'), stats: noStats(texts.length) });
  const rows = Uint32Array.from(texts, (_, i) => i);
  const rowLength = wholeLength(longest);
  const rowsPerBatch = Math.max(1, Math.floor(1024 / rowLength));
  const batching = new Batching({
    store,
    rows,
    rowLength,
    rowsPerBatch,
    pack: true,
    shuffle: false,
    seed: 0,
  });
  return { store, rows, batching };
}

function noStats(rows: number): TokenStats {
  return {
    rows,
    tokens: 0,
    labelledTokens: 0,
    readRows: rows,
    instructedRows: 0,
    toolRows: 0,
    skippedRows: 0,
    skippedMessages: [],
    truncatedRows: 0,
    lostTokens: 0,
    lostRows: 0,
    unlabelledRows: 0,
    splitTexts: 0,
    splitRows: 0,
  };
}
