/** Models as a plan needs them: configuration, shapes and tokenizer. No weight is mapped, converted or kept open. */
import path from 'node:path';
import type { RunConfig } from '../../config.ts';
import type { Tokenizer } from '../../data/tokenizer-types.ts';
import type { Executor } from '../../exec/executor.ts';
import { openExecutor } from '../../exec/registry.ts';
import { type OpenedModel, openModel } from '../../load/open-model.ts';
import { tokenizerOf } from '../../load/tokenizer.ts';
import { Kept } from './kept.ts';
import { modelStamp } from './stamp.ts';

export interface PlannedModel {
  /** Names the model by its files as they are. */
  readonly key: string;
  /** Its store is closed. */
  readonly opened: OpenedModel;
  readonly tokenizer: Tokenizer;
}

/** A model and the one that it is compared with. */
const MOST_MODELS = 2;

export class PlannedModels {
  readonly #models = new Kept<PlannedModel>({ most: MOST_MODELS });
  readonly #executors = new Map<string, Promise<Executor>>();

  /** The model at `where`; `onOpen` is called where it has to be opened. */
  async get(where: string, stop: AbortSignal, onOpen: () => void): Promise<PlannedModel> {
    const key = await modelStamp(path.resolve(where));
    const open = () => {
      onOpen();
      return openForPlan(where, key);
    };
    return await this.#models.get(key, open, stop);
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

  endRound(): Promise<void> {
    return this.#models.endRound();
  }

  close(): Promise<void> {
    return this.#models.close();
  }
}

async function openForPlan(where: string, key: string): Promise<PlannedModel> {
  const opened = await openModel(where);
  try {
    return { key, opened, tokenizer: await tokenizerOf(opened) };
  } finally {
    await opened.store.close();
  }
}
