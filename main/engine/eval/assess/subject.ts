/** A model under assessment: base or trained, it answers prompts and is measured on rows. */
import { createHash } from 'node:crypto';
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
import { type Choice, choiceScores } from '../classify/choices.ts';
import { Classifier } from '../classify/classifier.ts';
import { measureRows, type RowLosses } from '../measure.ts';
import type { Answer, Ask, BaseCache, Question } from './base-cache.ts';
import { rowsKey, type TestLosses } from './test-losses.ts';

interface SubjectParts {
  readonly ready: ReadyModel;
  readonly adapter: LoadedAdapter;
  readonly task: Task;
  /** What tells how far better answers are ahead of worse ones, where rows are such pairs. */
  readonly lead: Task | null;
  /** Where the base model's figures are kept; null for a trained one. */
  readonly cache: BaseCache | null;
  /** What its training measured of its test rows. */
  readonly known?: RowsKnown | null;
  readonly stop: AbortSignal;
}

export interface RowsKnown extends Pick<TestLosses, 'rows' | 'labelled'> {
  readonly nll: readonly number[];
}

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
  #classifier: { readonly of: string; readonly classifier: Classifier } | null = null;

  constructor(parts: SubjectParts) {
    this.#parts = parts;
    this.#decoders = new Decoders(decoderOf(parts.ready, parts.adapter));
  }

  /** Gives back what was compiled for answers; they can be asked for again. */
  async release(): Promise<void> {
    await this.#decoders.release();
    await this.#classifier?.classifier.release();
    this.#classifier = null;
  }

  /** What was kept of a model for `kind` and `asked` and `serves`, else the result of `compute`; a trained one keeps nothing. */
  kept<T>(
    kind: string,
    asked: unknown,
    compute: () => Promise<T>,
    serves?: (kept: NonNullable<T>) => boolean,
  ): Promise<T> {
    return this.#parts.cache?.get(kind, asked, compute, serves) ?? compute();
  }

  /** Scores `answers`; what it has compiled serves until another set is asked for. */
  async #scorerOf(answers: readonly string[]): Promise<Classifier> {
    const { ready, adapter } = this.#parts;
    const of = JSON.stringify(answers);
    if (this.#classifier?.of !== of) {
      await this.#classifier?.classifier.release();
      this.#classifier = {
        of,
        classifier: new Classifier(decoderOf(ready, adapter), ready.tokenizer, answers),
      };
    }
    return this.#classifier.classifier;
  }

  get stop(): AbortSignal {
    return this.#parts.stop;
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
    const { stop } = this.#parts;
    const scores = await this.kept('allowed', [prompts, answers], async () => {
      const classifier = await this.#scorerOf(answers);
      const found = await classifier.score(prompts, { stop, onProgress });
      stop.throwIfAborted();
      return found.map((one) => [...one]);
    });
    return scores.map((one) => Float64Array.from(one));
  }

  /** For each question the log-probabilities of its options among each other; null for one that is too long. */
  async choices(
    asked: readonly Choice[],
    onProgress?: Progress,
  ): Promise<readonly (readonly number[] | null)[]> {
    const { ready, adapter, cache, stop } = this.#parts;
    const compute = async () => {
      const decoder = decoderOf(ready, adapter);
      const scores = await choiceScores(decoder, ready.tokenizer, asked, { stop, onProgress });
      return scores.map((one) => one && [...one]);
    };
    return await (cache ? cache.get('choices', asked, compute) : compute());
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
    const { ready, adapter, known, stop } = this.#parts;
    const key = rowsKey(measured.store, measured.rows);
    const compute = async () => {
      if (kind === 'losses' && known?.rows === key) return { nll: known.nll, labelled: known.labelled };
      const rows = { task, batching: measured.batching };
      const { nll, labelled } = (await measureRows(ready, adapter, rows, stop, onProgress)).rows;
      return { nll: [...nll], labelled: [...labelled] };
    };
    const { nll, labelled } = await this.kept(kind, key, compute);
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

/** Places that are computed together, and how many times the longest text a row may hold. */
const PLACES = 1024;
const ROW_LENGTHS = [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8];

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
  const arranged = (rowLength: number, rowsPerBatch: number) =>
    new Batching({ store, rows, rowLength, rowsPerBatch, pack: true, shuffle: false, seed: 0 });
  const placesOf = (batching: Batching) => {
    const { batches, rowsPerBatch, rowLength } = batching.plan(0);
    return batches * rowsPerBatch * rowLength;
  };
  // a few texts seldom fill rows of their own length
  const shapes = ROW_LENGTHS.map((times) => wholeLength(times * longest))
    .filter((rowLength) => rowLength <= Math.max(PLACES, wholeLength(longest)))
    .flatMap((rowLength) => [
      arranged(rowLength, Math.max(1, Math.floor(PLACES / rowLength))),
      arranged(rowLength, 1),
    ]);
  const batching = shapes.reduce((least, one) => (placesOf(one) < placesOf(least) ? one : least));
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
