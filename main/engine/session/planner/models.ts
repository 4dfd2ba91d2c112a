/** Models as a plan needs them: configuration, shapes and tokenizer. No weight is mapped, converted or kept open. */
import path from 'node:path';
import type { RunConfig } from '../../config/config.ts';
import { assembleTokenizer, type TokenizerParts } from '../../data/tokens/tokenizer/parts.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import type { Executor } from '../../exec/executor.ts';
import { openExecutor } from '../../exec/registry.ts';
import { grown } from '../../load/new-tokens.ts';
import { type OpenedModel, openModel } from '../../load/open-model.ts';
import { tokenizerOf, tokenizerPartsOf } from '../../load/tokenizer.ts';
import { Kept } from './kept.ts';
import { modelStamp } from './stamp.ts';

export interface PlannedModel {
  /** Names the model by its files as they are. */
  readonly key: string;
  /** Its store is closed. */
  readonly opened: OpenedModel;
  readonly tokenizer: Tokenizer;
  /** What the model's own tokenizer is made from. */
  readonly parts: TokenizerParts;
}

/** A model and the one that it is compared with. */
const MOST_MODELS = 2;

export class PlannedModels {
  readonly #models = new Kept<PlannedModel>({ most: MOST_MODELS });
  /** Those of them with new tokens. */
  readonly #larger = new Kept<PlannedModel>({ most: MOST_MODELS });
  readonly #executors = new Map<string, Promise<Executor>>();

  /** The model at `where`, with its new tokens; `onOpen` is called where it has to be opened. */
  async get(
    { model, newTokens }: Pick<RunConfig, 'model' | 'newTokens'>,
    stop: AbortSignal,
    onOpen: () => void,
  ): Promise<PlannedModel> {
    const stamp = await modelStamp(path.resolve(model));
    const open = () => {
      onOpen();
      return openForPlan(model, stamp);
    };
    const plain = await this.#models.get(stamp, open, stop);
    if (newTokens.length === 0) return plain;
    const key = JSON.stringify([stamp, newTokens]);
    return await this.#larger.get(key, () => withTokens(plain, newTokens, key), stop);
  }

  executor({
    executor,
    threads,
    device,
  }: Pick<RunConfig, 'executor' | 'threads' | 'device'>): Promise<Executor> {
    const key = `${executor} ${threads} ${device}`;
    const known = this.#executors.get(key);
    if (known) return known;
    const opening = openExecutor(executor, { threads, device });
    this.#executors.set(key, opening);
    opening.catch(() => this.#executors.delete(key));
    return opening;
  }

  async endRound(): Promise<void> {
    for (const kept of [this.#larger, this.#models]) await kept.endRound();
  }

  async close(): Promise<void> {
    for (const kept of [this.#larger, this.#models]) await kept.close();
  }
}

async function withTokens(
  { opened, parts }: PlannedModel,
  newTokens: readonly string[],
  key: string,
): Promise<PlannedModel> {
  const larger = grown(opened, parts, newTokens);
  return { key, opened: larger, parts, tokenizer: await tokenizerOf(larger) };
}

async function openForPlan(where: string, key: string): Promise<PlannedModel> {
  const opened = await openModel(where);
  try {
    const parts = await tokenizerPartsOf(opened);
    return { key, opened, parts, tokenizer: assembleTokenizer(parts) };
  } finally {
    await opened.store.close();
  }
}
