/** Everything that a job computes with: the model's files, its tokenizer, an executor and the weights. */

import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import { isMixed } from '../../../common/settings/row.ts';
import { keepsStateOnHost } from '../../../common/settings/table.ts';
import { number } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import type { RunConfig } from '../config/config.ts';
import { type TokenizerParts, withNewTokens } from '../data/tokens/tokenizer/parts.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import type { Executor, ExecutorOptions } from '../exec/executor.ts';
import { openExecutor, requireHalfProducts, requireInt8Products } from '../exec/registry.ts';
import { cacheKeyOf } from '../io/prepare-f32.ts';
import { filesOf } from '../io/tensor-store.ts';
import { withLanguage } from '../models/family.ts';
import { type Model, outline } from '../models/model.ts';
import { keysNotKnown } from '../models/registry.ts';
import { SORTING_HEAD, sorting, sortingConfig } from '../models/sorting.ts';
import { type BaseFormat, firstRowsName } from '../nn/parameters.ts';
import { codeBits } from '../nn/quantised.ts';
import { halvedFor } from './halved-weights.ts';
import {
  type AddedTokens,
  type OpenedModel,
  openModel,
  tokenizerOf,
  tokenizerPartsOf,
} from './open-model.ts';
import { readParameter, readRows } from './parameter-pieces.ts';
import { quantisedMark } from './quantised-weights.ts';
import { prepareWeights, type Weights, weightsFolder, withNamed } from './weights.ts';

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
  Partial<Pick<RunConfig, 'device' | 'precision' | 'newTokens'>> & {
    /** What it is to sort into, with a head instead of its own. */
    readonly categories?: readonly string[] | undefined;
  } & Pick<ExecutorOptions, 'profile'>;

/**
 * Opens the model of `config` for `work`, its weights in `format`, and closes it afterwards; reports what
 * takes time.
 */
export async function withModel<T>(
  config: ModelChoice,
  emit: (event: EngineEvent) => void,
  work: (model: ReadyModel) => Promise<T>,
  format: BaseFormat | null = null,
  stop?: AbortSignal,
): Promise<T> {
  const model = await openReadyModel(config, emit, format, stop);
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
  stop?: AbortSignal,
): Promise<ReadyModel> {
  emit({ event: 'phase', phase: 'load' });
  const early = await takeAhead(config.model);
  const found = early?.opened ?? (await openModel(config.model));
  try {
    warnOfKeys(found, emit);
    const base = halvedFor(config, found);
    const larger = await withTokens(base, config.newTokens ?? []);
    const tokenizer = (larger.added ? null : early?.tokenizer) ?? (await tokenizerOf(larger));
    const opened = config.categories ? withSortingHead(larger, tokenizer, config.categories) : larger;
    const hostState = keepsStateOnHost(config);
    const executor = await openExecutor(config.executor, { ...config, hostState });
    if (isMixed(config)) await requireHalfProducts(executor);
    if (format === 'int8-row') await requireInt8Products(executor);
    const isQuantised = format !== null && format !== 16;
    const detail = isQuantised
      ? say`quantising the weights to ${codeBits(format)} bits, once`
      : say`converting the weights, once`;
    const progress = (done: number, total: number) => {
      // large models take minutes
      stop?.throwIfAborted();
      emit({ event: 'phase', phase: 'load', fraction: done / total, detail });
    };
    const files = await prepareWeights(base, weightsFolder(), progress, format);
    return { opened, tokenizer, executor, weights: await withFirstRows(files, opened) };
  } catch (error) {
    await found.store.close();
    throw error;
  }
}

interface Early {
  readonly opened: OpenedModel;
  readonly tokenizer: Tokenizer;
  /** Sizes and times of its files. */
  readonly state: string;
}

/** What was opened before it was known what is computed with it: one model at most, of a job that follows. */
let ahead: { readonly model: string; readonly early: Promise<Early> } | null = null;

/** Opens `model` with its tokenizer for the job that follows; who opens it then says what is wrong with it. */
export async function openAhead(model: string): Promise<void> {
  const unused = ahead?.early;
  const early = openEarly(model);
  ahead = { model: path.resolve(model), early };
  await unused?.then(({ opened }) => opened.store.close()).catch(() => {});
  await early.catch(() => {});
}

async function stateOf({ store }: OpenedModel): Promise<string> {
  const stats = await Promise.all(filesOf(store).map((file) => fs.stat(file)));
  return stats.map(({ size, mtimeMs }) => `${size} ${mtimeMs}`).join();
}

async function openEarly(model: string): Promise<Early> {
  const opened = await openModel(model);
  try {
    return { opened, tokenizer: await tokenizerOf(opened), state: await stateOf(opened) };
  } catch (error) {
    await opened.store.close();
    throw error;
  }
}

/** null where another model, or none, was opened, or where that failed or its files have changed. */
async function takeAhead(model: string): Promise<Early | null> {
  if (ahead?.model !== path.resolve(model)) return null;
  const opening = ahead.early.catch(() => null);
  ahead = null;
  const early = await opening;
  if (!early || (await stateOf(early.opened).catch(() => '')) === early.state) return early;
  await early.opened.store.close();
  return null;
}

const NAMED = 5;

/** Says what of the configuration may be meant for a newer program. */
function warnOfKeys({ config }: OpenedModel, emit: (event: EngineEvent) => void): void {
  const unknown = keysNotKnown(config);
  if (unknown.length === 0) return;
  const named = unknown.slice(0, NAMED).map((key) => key.slice(0, 60));
  const keys =
    unknown.length > NAMED ? `${named.join(marks().comma)}${marks().comma}…` : named.join(marks().comma);
  const message = say`The model's configuration has settings that Fettle doesn't know: ${keys}. If they change what the model computes, results will differ.`;
  emit({ event: 'warning', code: 'settings-not-known', message });
}

/**
 * Names all that the numbers of a model depend on besides what it is asked: its files and how they were quantised, what computes, and what
 * its new tokens begin with. Settings that say `auto` count as what they became.
 */
export async function sourceOfNumbers(
  { opened, executor, weights: { format } }: Omit<ReadyModel, 'tokenizer'>,
  config: Pick<ModelChoice, 'precision'>,
): Promise<string> {
  const { store, added } = opened;
  return JSON.stringify([
    await cacheKeyOf(filesOf(store)),
    format === 16 ? null : format && quantisedMark(format),
    ...[executor.name, executor.device, isMixed(config)],
    added && [added.first, added.pieces],
  ]);
}

// A model with tokens that its files do not have: its tokenizer knows them, its tables have rows for them, which begin as the mean of the
// rows of the tokens that the text was split into (Koto et al. 2021, IndoBERTweet).

/** `base` with `texts` as new tokens; itself without any. Throws AppError for texts and tokenizers that do not go. */
export function withNewRows(
  base: OpenedModel,
  tokenizer: TokenizerParts,
  texts: readonly string[],
): OpenedModel {
  if (texts.length === 0) return base;
  const { parts, first, pieces } = withNewTokens(tokenizer, texts);
  if (first > base.model.vocabSize) {
    throw new AppError(
      'tokenizer.mismatch',
      say`The tokenizer has ${number(first)} tokens, but the model knows only ${number(base.model.vocabSize)}.`,
      say`Use the tokenizer that belongs to the model.`,
    );
  }
  const rowsOf = (parameter: string) => firstRows(base, pieces, parameter);
  const added: AddedTokens = { base, texts, first, pieces, tokenizer: parts, firstRows: rowsOf };
  return { ...base, ...withRowsFor(base, { first, count: texts.length }), added };
}

/** The tokenizer of `base` that knows `texts` as one token each; throws like `withNewRows` and `tokenizerOf`. */
export async function tokenizerWith(base: OpenedModel, texts: readonly string[]): Promise<Tokenizer> {
  return await tokenizerOf(await withTokens(base, texts));
}

/** `withNewRows` by the tokenizer of `base`, which takes a moment to read. */
async function withTokens(base: OpenedModel, texts: readonly string[]): Promise<OpenedModel> {
  return texts.length === 0 ? base : withNewRows(base, await tokenizerPartsOf(base), texts);
}

/** `opened` with a head for `categories`: its own where it has one for the same, else one that its files do not have. */
export function withSortingHead(
  opened: OpenedModel,
  { special }: Pick<Tokenizer, 'special'>,
  categories: readonly string[],
): OpenedModel {
  if (opened.model.categories?.join('\n') === categories.join('\n')) return opened;
  const config = sortingConfig(opened.config, opened.model, categories, special.pad ?? special.eos);
  const model = sorting(opened.model, categories);
  const sources = new Map([...opened.sources].filter(([parameter]) => parameter !== SORTING_HEAD));
  return { ...opened, config, model, outline: outline(model), sources, plain: opened };
}

/** What is known of a model before its weights, with `count` new tokens from the id `first` on. */
export function withRowsFor<Known extends Pick<OpenedModel, 'config' | 'model'>>(
  { config, model }: Known,
  { first, count }: { readonly first: number; readonly count: number },
): Pick<OpenedModel, 'config' | 'model' | 'outline'> {
  const larger: Model = model.withNewTokens(first, count);
  return {
    config: withLanguage(config, { vocab_size: larger.vocabSize }),
    model: larger,
    outline: outline(larger),
  };
}

/** The mean of the rows of each token's pieces in the table `parameter`, [N,H]; sums are float64. */
async function firstRows(
  base: OpenedModel,
  pieces: AddedTokens['pieces'],
  parameter: string,
): Promise<Float32Array> {
  const width = base.model.hiddenSize;
  const out = new Float32Array(pieces.length * width);
  const rows = await readRows(base, parameter, new Set(pieces.flat()));
  for (const [i, ids] of pieces.entries()) {
    const sum = new Float64Array(width);
    for (const id of ids) {
      const row = rows.get(id)!;
      for (let c = 0; c < width; c++) sum[c]! += row[c]!;
    }
    out.set(
      sum.map((value) => value / ids.length),
      i * width,
    );
  }
  return out;
}

/** `weights` of the files of `opened`, with the rows with which its new tokens begin. */
export async function withFirstRows(weights: Weights, opened: OpenedModel): Promise<Weights> {
  const { added, outline: found } = opened;
  if (!added) return weights;
  const named = new Map<string, Float32Array>();
  for (const table of found.tables) named.set(firstRowsName(table), await added.firstRows(table));
  return { ...withNamed(weights, named), read: (parameter) => readParameter(opened, parameter) };
}
