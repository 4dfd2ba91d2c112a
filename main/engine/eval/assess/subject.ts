/** A model under assessment: base or trained, it answers prompts and is measured on rows. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { encodeText } from '../../data/tokens/encode.ts';
import type { TokenStats, TokenStore } from '../../data/tokens/token-store.ts';
import { TokenStoreWriter } from '../../data/tokens/token-writer.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import { writeFileAtomic } from '../../io/atomic.ts';
import type { LoadedAdapter } from '../../load/adapter.ts';
import type { ReadyModel } from '../../load/ready-model.ts';
import { Batching } from '../../step/batching.ts';
import type { Objective } from '../../step/objective.ts';
import { type BatchRequest, generateAll } from '../batch-generator.ts';
import { decoderOf } from '../cached-decoder.ts';
import { measureRows, type RowLosses } from '../measure.ts';

interface SubjectParts {
  readonly ready: ReadyModel;
  readonly adapter: LoadedAdapter;
  readonly objective: Objective;
  /** Where the base model's figures are kept; null for a trained one. */
  readonly cache: BaseCache | null;
  readonly stop: AbortSignal;
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

  constructor(parts: SubjectParts) {
    this.#parts = parts;
  }

  get ready(): ReadyModel {
    return this.#parts.ready;
  }

  /** Greedy answers to all prompts, in their order. Throws the reason of an aborted stop signal. */
  async answers(requests: readonly BatchRequest[], onProgress?: Progress): Promise<Answers> {
    const { cache } = this.#parts;
    if (requests.length === 0) return { texts: [], newTokens: 0 };
    const compute = () => this.#generate(requests, onProgress);
    return cache ? await cache.get('answers', requests, compute) : await compute();
  }

  async losses(measured: MeasuredRows, onProgress?: Progress): Promise<RowLosses> {
    const { ready, adapter, objective, cache, stop } = this.#parts;
    const compute = async () => {
      const rows = { objective, batching: measured.batching };
      const { nll, labelled } = (await measureRows(ready, adapter, rows, stop, onProgress)).rows;
      return { nll: [...nll], labelled: [...labelled] };
    };
    const { nll, labelled } = await (cache ? cache.get('losses', contentKey(measured), compute) : compute());
    const rows = measured.rows.slice().sort();
    return { rows, nll: Float64Array.from(nll), labelled: Uint32Array.from(labelled) };
  }

  async #generate(requests: readonly BatchRequest[], onProgress?: Progress): Promise<Answers> {
    const { ready, adapter, stop } = this.#parts;
    const { tokenizer } = ready;
    const found = await generateAll(decoderOf(ready, adapter), requests, {
      stopIds: tokenizer.stopIds,
      stop,
      ...(onProgress && { onProgress }),
    });
    return {
      texts: found.map(({ ids }) => tokenizer.decode(ids, { skipSpecial: true })),
      newTokens: found.reduce((sum, { ids }) => sum + ids.length, 0),
    };
  }
}

/** What the rows hold, in ascending order, whatever file they came from. */
function contentKey({ store, rows }: MeasuredRows): string {
  const hash = createHash('sha256');
  for (const row of rows.slice().sort())
    hash.update(`${store.hashes[2 * row]} ${store.hashes[2 * row + 1]} `);
  return hash.digest('hex');
}

/** Changed when what is computed from the same inputs changes. */
const VERSION = 1;

export class BaseCache {
  readonly #folder: string;
  readonly #model: string;

  /** A cache in `folder` for the model whose files have the key `model`, computed by `executor`. */
  constructor(folder: string, model: string, executor: string) {
    this.#folder = folder;
    this.#model = `${VERSION} ${executor} ${model}`;
  }

  /** What was kept for `kind` and `asked`, else the result of `compute`, plain JSON, which is then kept. */
  async get<T>(kind: string, asked: unknown, compute: () => Promise<T>): Promise<T> {
    const key = createHash('sha256')
      .update(JSON.stringify([this.#model, kind, asked]))
      .digest('hex');
    const file = path.join(this.#folder, `${kind}-${key.slice(0, 32)}.json`);
    const kept = await readFile(file, 'utf8').catch(() => null);
    if (kept !== null) {
      try {
        return JSON.parse(kept) as T;
      } catch {
        // a damaged file is only a cache: it is made again
      }
    }
    const made = await compute();
    // a cache that cannot be written costs time and nothing else
    await writeFileAtomic(file, JSON.stringify(made)).catch(() => undefined);
    return made;
  }
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
    await writer.add(ids.slice(0, tokens), labels.slice(0, tokens));
    longest = Math.max(longest, Math.min(ids.length, tokens));
    hash.update(`${text}\n`);
  }
  const store = await writer.finish({ contentHash: hash.digest('hex'), stats: noStats(texts.length) });
  const rows = Uint32Array.from(texts, (_, i) => i);
  const rowLength = Math.ceil(longest / 32) * 32;
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
    ...{
      tokens: 0,
      labelledTokens: 0,
      readRows: rows,
      skippedRows: 0,
      skippedMessages: [],
      truncatedRows: 0,
    },
    lostTokens: 0,
    lostRows: 0,
    unlabelledRows: 0,
    splitTexts: 0,
    splitRows: 0,
  };
}
