/** Everything that a job computes with: the model's files, its tokenizer, an executor and the weights. */
import path from 'node:path';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import { isMixed } from '../../../common/settings/row.ts';
import { say } from '../../../common/words/language.ts';
import { cacheFolder } from '../../paths.ts';
import type { RunConfig } from '../config/config.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { Executor, ExecutorOptions } from '../exec/executor.ts';
import { requireHalfProducts, requireInt8Products } from '../exec/half-products.ts';
import { openExecutor } from '../exec/registry.ts';
import type { BaseFormat } from '../nn/parameters.ts';
import { codeBits } from '../nn/quantised.ts';
import { allHalved } from './halved-weights.ts';
import { grown, withFirstRows } from './new-tokens.ts';
import { type OpenedModel, openModel, tokenizerOf, tokenizerPartsOf } from './open-model.ts';
import { prepareWeights, type Weights } from './weights.ts';

/** What every job has: where it tells how it goes on, and what ends it. */
export interface JobIo {
  emit(event: EngineEvent): void;
  readonly stop: AbortSignal;
}

/** A model that is ready to compute with. */
export interface ReadyModel {
  readonly opened: OpenedModel;
  readonly tokenizer: Tokenizer;
  readonly executor: Executor;
  readonly weights: Weights;
}

type ModelChoice = Pick<RunConfig, 'model' | 'executor' | 'threads'> &
  Partial<Pick<RunConfig, 'device' | 'precision' | 'newTokens'>> &
  Pick<ExecutorOptions, 'profile'>;

/**
 * Opens the model of `config` for `work`, its weights in `format`, and closes it afterwards; reports what
 * takes time.
 */
export async function withModel<T>(
  config: ModelChoice,
  emit: (event: EngineEvent) => void,
  work: (model: ReadyModel) => Promise<T>,
  format: BaseFormat | null = null,
): Promise<T> {
  const model = await openReadyModel(config, emit, format);
  try {
    return await work(model);
  } finally {
    await model.opened.store.close();
  }
}

/** Opens the model of `config` for longer; who asked for it closes its store. */
export async function openReadyModel(
  config: ModelChoice,
  emit: (event: EngineEvent) => void,
  format: BaseFormat | null = null,
): Promise<ReadyModel> {
  emit({ event: 'phase', phase: 'load' });
  const found = await openModel(config.model);
  const base = isMixed(config) ? { ...found, halves: allHalved(found.outline) } : found;
  try {
    const opened = grown(base, await tokenizerPartsOf(base), config.newTokens ?? []);
    const tokenizer = await tokenizerOf(opened);
    const executor = await openExecutor(config.executor, config);
    if (isMixed(config)) await requireHalfProducts(executor);
    if (format === 'int8-row') await requireInt8Products(executor);
    const isQuantised = format !== null && format !== 16;
    const detail = isQuantised
      ? say`quantising the weights to ${codeBits(format)} bits, once`
      : say`converting the weights, once`;
    const progress = (done: number, total: number) =>
      emit({ event: 'phase', phase: 'load', fraction: done / total, detail });
    const files = await prepareWeights(base, path.join(cacheFolder(), 'weights'), progress, format);
    return { opened, tokenizer, executor, weights: await withFirstRows(files, opened) };
  } catch (error) {
    await found.store.close();
    throw error;
  }
}
