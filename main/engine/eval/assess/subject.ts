/** A model under assessment: untouched or trained, it answers prompts and is measured on rows. */
import { createHash } from 'node:crypto';
import type { TokenStore } from '../../data/tokens/token-store.ts';
import type { LoadedAdapter } from '../../load/adapter.ts';
import type { ReadyModel } from '../../load/ready-model.ts';
import type { Batching } from '../../train/batching.ts';
import { nextToken } from '../../train/objective.ts';
import { type BatchRequest, generateAll } from '../batch-generator.ts';
import { decoderOf } from '../cached-decoder.ts';
import { Measure, type RowLosses } from '../measure.ts';
import type { BaseCache } from './base-cache.ts';

export interface SubjectParts {
  readonly ready: ReadyModel;
  readonly adapter: LoadedAdapter;
  /** Where the untouched model's figures are kept; null for a trained one. */
  readonly cache: BaseCache | null;
  readonly stop: AbortSignal;
}

/** Answers and the tokens that they took. */
export interface Answers {
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

  constructor(parts: SubjectParts) {
    this.#parts = parts;
  }

  get ready(): ReadyModel {
    return this.#parts.ready;
  }

  /** Greedy answers to all prompts, in their order. Throws the reason of the stop signal when it is aborted. */
  async answers(requests: readonly BatchRequest[], onProgress?: Progress): Promise<Answers> {
    const { cache } = this.#parts;
    if (requests.length === 0) return { texts: [], newTokens: 0 };
    const compute = () => this.#generate(requests, onProgress);
    return cache ? await cache.get('answers', requests, compute) : await compute();
  }

  /** Losses of rows, in ascending order of rows. */
  async losses(measured: MeasuredRows, onProgress?: Progress): Promise<RowLosses> {
    const { cache } = this.#parts;
    const compute = async () => {
      const { nll, labelled } = await this.#measure(measured, onProgress);
      return { nll: [...nll], labelled: [...labelled] };
    };
    const { nll, labelled } = await (cache ? cache.get('losses', contentKey(measured), compute) : compute());
    const rows = measured.rows.slice().sort();
    return { rows, nll: Float64Array.from(nll), labelled: Uint32Array.from(labelled) };
  }

  async #generate(requests: readonly BatchRequest[], onProgress?: Progress): Promise<Answers> {
    const { ready, stop } = this.#parts;
    const { tokenizer } = ready;
    const found = await generateAll(this.#computing(), requests, {
      stopIds: tokenizer.stopIds,
      stop,
      ...(onProgress && { onProgress }),
    });
    return {
      texts: found.map(({ ids }) => tokenizer.decode(ids, { skipSpecial: true })),
      newTokens: found.reduce((sum, { ids }) => sum + ids.length, 0),
    };
  }

  async #measure({ batching }: MeasuredRows, onProgress?: Progress): Promise<RowLosses> {
    const { adapter, stop } = this.#parts;
    const { executor, model, weights, method } = this.#computing();
    const measure = new Measure({ objective: nextToken, executor, model, weights, method, batching });
    try {
      const measured = await measure.run(adapter.trained, stop, onProgress);
      if (measured === null) throw stop.reason;
      return measured.rows;
    } finally {
      await measure.release();
    }
  }

  #computing() {
    return decoderOf(this.#parts.ready, this.#parts.adapter);
  }
}

/** What the rows hold, in ascending order, whatever file they came from. */
function contentKey({ store, rows }: MeasuredRows): string {
  const hash = createHash('sha256');
  for (const row of rows.slice().sort())
    hash.update(`${store.hashes[2 * row]} ${store.hashes[2 * row + 1]} `);
  return hash.digest('hex');
}
