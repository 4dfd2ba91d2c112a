/** Models as a plan needs them: configuration, shapes, tokenizer. No weight is mapped or kept open. */

import fs from 'node:fs/promises';
import path from 'node:path';
import { keepsStateOnHost } from '../../../../common/settings/table.ts';
import { dataBytes, readingOf } from '../../../rows/read-rows.ts';
import { dataFiles } from '../../../rows/readers/files.ts';
import type { RunConfig } from '../../config/config.ts';
import { assembleTokenizer, type TokenizerParts } from '../../data/tokens/tokenizer/parts.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import type { Executor } from '../../exec/executor.ts';
import { openExecutor } from '../../exec/registry.ts';
import { type OpenedModel, tokenizerOf, tokenizerPartsOf, withOpened } from '../../load/open-model.ts';
import { withNewRows, withSortingHead } from '../../load/ready-model.ts';
import { taskOf } from '../../tasks/registry.ts';
import { RecentCache } from './recent-cache.ts';

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
  readonly #models = new RecentCache<PlannedModel>({ most: MOST_MODELS });
  /** Those of them with new tokens. */
  readonly #larger = new RecentCache<PlannedModel>({ most: MOST_MODELS });
  /** What the rows of runs are sorted into. */
  readonly #categories = new RecentCache<readonly string[]>({ most: MOST_MODELS });
  readonly #executors = new Map<string, Promise<Executor>>();

  /** The model of `config` with its new tokens and its head; `onOpen` is called where it has to be opened. */
  async get(config: RunConfig, stop: AbortSignal, onOpen: () => void): Promise<PlannedModel> {
    const larger = await this.#withTokens(config, stop, onOpen);
    const { categoriesIn } = taskOf(config);
    if (!categoriesIn) return larger;
    const stamp = await dataStamp([config.data, config.evalData ?? []].flat());
    const read = JSON.stringify([stamp, readingOf(config)]);
    const categories = await this.#categories.get(read, (ended) => categoriesIn(config, ended), stop);
    const key = JSON.stringify([larger.key, categories]);
    return { ...larger, key, opened: withSortingHead(larger.opened, larger.tokenizer, categories) };
  }

  async #withTokens(
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

  executor(config: Pick<RunConfig, 'executor' | 'threads' | 'device' | 'card'>): Promise<Executor> {
    const { executor, threads, device, card } = config;
    const hostState = keepsStateOnHost(config);
    const key = `${executor} ${threads} ${device} ${card} ${hostState}`;
    const known = this.#executors.get(key);
    if (known) return known;
    const opening = openExecutor(executor, { threads, device, card, hostState });
    this.#executors.set(key, opening);
    opening.catch(() => this.#executors.delete(key));
    return opening;
  }

  async endRound(): Promise<void> {
    for (const kept of [this.#larger, this.#models, this.#categories]) await kept.endRound();
  }

  async close(): Promise<void> {
    for (const kept of [this.#larger, this.#models, this.#categories]) await kept.close();
  }
}

async function withTokens(
  { opened, parts }: PlannedModel,
  newTokens: readonly string[],
  key: string,
): Promise<PlannedModel> {
  const larger = withNewRows(opened, parts, newTokens);
  return { key, opened: larger, parts, tokenizer: await tokenizerOf(larger) };
}

async function openForPlan(where: string, key: string): Promise<PlannedModel> {
  return await withOpened(where, async (opened) => {
    const parts = await tokenizerPartsOf(opened);
    return { key, opened, parts, tokenizer: assembleTokenizer(parts) };
  });
}

/** Configuration, tokenizer and chat template, by their endings; in a model's folder its weights as well. */
const TEXTS = /\.(json|jinja|model|txt)$/i;
const WEIGHTS = /\.safetensors$/i;

/** A stamp of the data files in `paths`, folders opened; throws where one is missing or unreadable. */
export async function dataStamp(paths: readonly string[]): Promise<string> {
  await dataBytes(paths);
  return JSON.stringify(await Promise.all((await dataFiles(paths)).map(fileStamp)));
}

/** A stamp of the model at `where`, a folder or a file, with what lies beside the file. */
async function modelStamp(where: string): Promise<string> {
  const names = await fs.readdir(where).catch(() => null);
  const folder = names === null ? path.dirname(where) : where;
  const beside = names ?? (await fs.readdir(folder).catch(() => []));
  const files = beside.filter((name) => TEXTS.test(name) || (names !== null && WEIGHTS.test(name))).sort();
  return JSON.stringify(
    await Promise.all([where, ...files.map((name) => path.join(folder, name))].map(fileStamp)),
  );
}

async function fileStamp(file: string): Promise<readonly unknown[]> {
  const found = await fs.stat(file).catch(() => null);
  // a folder's own time changes with files that matter to nobody
  if (found === null || found.isDirectory()) return [file];
  return [file, found.size, found.mtimeMs, found.ino];
}
