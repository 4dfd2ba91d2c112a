/**
 * Adapters for use: a folder as PEFT writes it, or the folder of a run, which has one inside; and what DoRA needs of whole matrices: row
 * lengths before training, and the gains of a settled adapter.
 */
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { keepsHalves, keepsNf4 } from '../../../common/settings/row.ts';
import { say } from '../../../common/words/language.ts';
import { exists } from '../../folders.ts';
import type { DeviceTensor } from '../exec/executor.ts';
import {
  type AdapterHead,
  type AdapterTokens,
  type LoraAdapter,
  readAdapter,
  readBase,
  readCategories,
  readNewTokens,
} from '../io/peft.ts';
import { gainsGraph, type Matrices, rowSquaresGraph } from '../models/model.ts';
import { SORTING_HEAD } from '../models/sorting.ts';
import {
  type BaseFormat,
  gainName,
  type Method,
  onBase,
  peftName,
  rowSquaresName,
  savedWholeName,
  tokenRowsName,
} from '../nn/parameters.ts';
import type { OpenedModel } from './open-model.ts';
import type { ReadyModel } from './ready-model.ts';
import { type Weights, withNamed } from './weights.ts';

/** Name of the adapter's folder in a run's folder, and of the whole model after full fine-tuning. */
export const ADAPTER_FOLDER = 'adapter';
export const MODEL_FOLDER = 'model';

/** No adapter: the model as it is. */
export const NO_ADAPTER: LoadedAdapter = { method: { kind: 'frozen' }, trained: {} };

/** The adapter at `folder` for the model that is `ready`, or none. Throws AppError for layers that it has not. */
export async function loadAdapter(
  folder: string | undefined,
  ready: Omit<ReadyModel, 'tokenizer'>,
): Promise<LoadedAdapter> {
  if (folder === undefined) return NO_ADAPTER;
  const adapter = await readAdapter(await adapterFolder(folder));
  return await withGains(onDevice(adapter, folder, ready), ready);
}

/** An adapter for what computes, its magnitudes as they were trained; `folder` is for the error. */
export function onDevice(
  { tensors, newTokens, head }: Pick<LoraAdapter, 'tensors' | 'newTokens' | 'head'>,
  folder: string,
  { opened, executor }: Pick<ReadyModel, 'opened' | 'executor'>,
): LoadedAdapter {
  checkNewTokens(folder, opened, newTokens ?? null);
  checkHead(folder, opened, head ?? null);
  const trained: Record<string, DeviceTensor> = {};
  if (head) {
    const shape = [head.categories.length, opened.model.hiddenSize];
    trained[savedWholeName(SORTING_HEAD)] = executor.tensor('f32', shape, head.weights);
  }
  for (const [table, rows] of newTokens?.rows ?? []) {
    const shape = [newTokens!.texts.length, opened.model.hiddenSize];
    trained[tokenRowsName(`${table}.weight`)] = executor.tensor('f32', shape, rows);
  }
  for (const [module, { a, b, r, magnitude }] of tensors) {
    const linear = opened.outline.linears.get(module);
    const fits = linear && a.length === r * linear.inputs && b.length === r * linear.outputs;
    if (!fits) {
      const there = `[${b.length / r}, ${a.length / r}]`;
      const here = linear ? `[${linear.outputs}, ${linear.inputs}]` : say`missing`;
      throw new AppError(
        'adapter-invalid',
        say`The adapter ${folder} doesn't fit this model: ${module} is ${there} there and ${here} here.`,
        say`Choose the model that the adapter was trained on.`,
      );
    }
    trained[peftName(module, 'A')] = executor.tensor('f32', [r, linear.inputs], a);
    trained[peftName(module, 'B')] = executor.tensor('f32', [linear.outputs, r], b);
    if (magnitude)
      trained[peftName(module, 'magnitude')] = executor.tensor('f32', [linear.outputs], magnitude);
  }
  const adapterOf = (module: string) => {
    const found = tensors.get(module);
    if (!found) return null;
    const { r: rank, scale, magnitude } = found;
    return { rank, scale, ...(magnitude && { dora: 'trained' as const }) };
  };
  return { method: { kind: 'lora', dropout: 0, adapterOf }, trained };
}

/** What the adapter at `folder` brings along: its model is to be opened with it. */
export async function adapterParts(
  folder: string | undefined,
): Promise<{ newTokens: string[]; categories?: readonly string[] }> {
  if (folder === undefined) return { newTokens: [] };
  const inside = await adapterFolder(folder);
  const categories = await readCategories(inside);
  return { newTokens: [...(await readNewTokens(inside))], ...(categories && { categories }) };
}

/** Throws where the head that an adapter brings along is not that of the model that was opened for it. */
function checkHead(folder: string, { model }: OpenedModel, head: AdapterHead | null): void {
  const size = (model.categories?.length ?? 0) * model.hiddenSize;
  if (head === null ? size === 0 : head.weights.length === size) return;
  throw new AppError(
    'adapter-invalid',
    head === null
      ? say`The adapter ${folder} doesn't fit this model: it goes on with texts, and the model sorts them.`
      : say`The adapter ${folder} doesn't fit this model: its head for categories is of another size.`,
    say`Choose the model that the adapter was trained on.`,
  );
}

/** Throws where the rows of an adapter's new tokens do not fit the model that was opened for it. */
export function checkNewTokens(
  folder: string,
  { added, model, outline }: OpenedModel,
  newTokens: AdapterTokens | null,
): void {
  if (!added && !newTokens) return;
  const size = (added?.texts.length ?? 0) * model.hiddenSize;
  const isSame = added?.first === newTokens?.first && added?.texts.join('\n') === newTokens?.texts.join('\n');
  const tables = [...outline.tables].map((table) => table.replace(/\.weight$/, ''));
  const fits =
    newTokens?.rows.size === tables.length &&
    tables.every((table) => newTokens.rows.get(table)?.length === size);
  if (isSame && fits) return;
  throw new AppError(
    'adapter-invalid',
    say`The adapter ${folder} doesn't fit this model: its new tokens differ.`,
    say`Choose the model that the adapter was trained on.`,
  );
}

/** How the base of the adapter at `folder` is kept by what computes; null for float32 or no adapter. */
export async function adapterBase(
  folder: string | undefined,
  computer: { readonly executor: string; readonly device?: string },
): Promise<BaseFormat | null> {
  const base = folder === undefined ? null : await readBase(await adapterFolder(folder));
  if (base === 16) return keepsHalves(computer) ? base : null;
  if (base?.startsWith('nf4') && !keepsNf4(computer)) {
    throw new AppError(
      'bad-config',
      say`The adapter was trained with NF4 weights, which work only on the processor.`,
      say`Use the processor.`,
    );
  }
  return base;
}

/** The folder with the adapter: `folder` itself, or the one inside a run's. */
export async function adapterFolder(folder: string): Promise<string> {
  const inside = path.join(folder, ADAPTER_FOLDER);
  if (await exists(path.join(inside, 'adapter_config.json'))) return inside;
  if (await exists(path.join(folder, MODEL_FOLDER, 'config.json'))) {
    throw new AppError(
      'bad-usage',
      say`${folder} is a run of full fine-tuning: its result is a full model, not an adapter.`,
      say`Choose ${path.join(folder, MODEL_FOLDER)} as the model, without an adapter.`,
    );
  }
  return folder;
}

/** An adapter that the engine can compute with. */
export interface LoadedAdapter {
  readonly method: Method;
  /** A and B, and what DoRA has besides, by the names of the graph's inputs. */
  readonly trained: Readonly<Record<string, DeviceTensor>>;
}

export type Computing = Omit<ReadyModel, 'tokenizer'>;

/** The squared length of the row of each output, [out], by module. */
export type RowSquares = ReadonlyMap<string, Float32Array>;

/** The squared lengths of the rows of the linear `modules`, as `ready` keeps their matrices. */
export async function rowSquaresOf(ready: Computing, modules: Iterable<string>): Promise<RowSquares> {
  const names = [...modules];
  if (names.length === 0) return new Map();
  return await computed(rowSquaresGraph(matricesOf(ready, { kind: 'frozen' }), names), ready, {});
}

/** `weights` with the squared lengths of rows for those that ask for them. */
export function withRowSquares(weights: Weights, squares: RowSquares): Weights {
  const named = new Map([...squares].map(([module, data]) => [rowSquaresName(module), data]));
  return withNamed(weights, named);
}

/** The modules of `opened` that have an adapter with trained magnitudes. */
export function doraModules(method: Method, { opened }: Pick<Computing, 'opened'>): string[] {
  if (method.kind !== 'lora') return [];
  return [...opened.outline.linears.keys()].filter((module) => method.adapterOf(module)?.dora === 'trained');
}

/**
 * `adapter` after training and between steps: with DoRA's gains instead of magnitudes, so that no token
 * measures the rows again.
 */
export async function withGains(adapter: LoadedAdapter, ready: Computing): Promise<LoadedAdapter> {
  const { method, trained } = adapter;
  const modules = doraModules(method, ready);
  if (method.kind !== 'lora' || modules.length === 0) return adapter;
  const gains = await gainsOf(adapter, ready);
  const magnitudes = new Set(modules.map((module) => peftName(module, 'magnitude')));
  const kept = Object.entries(trained).filter(([name]) => !magnitudes.has(name));
  const made = [...gains].map(
    ([module, data]) => [gainName(module), ready.executor.tensor('f32', [data.length], data)] as const,
  );
  const adapterOf = (module: string) => {
    const shape = method.adapterOf(module);
    return shape?.dora === 'trained' ? { ...shape, dora: 'settled' as const } : shape;
  };
  return { method: { ...method, adapterOf }, trained: Object.fromEntries([...kept, ...made]) };
}

/**
 * What DoRA multiplies each output by, [out], by module: its magnitude over the length of the row of W + s B
 * A.
 */
export async function gainsOf(
  { method, trained }: LoadedAdapter,
  ready: Computing,
): Promise<ReadonlyMap<string, Float32Array>> {
  const modules = doraModules(method, ready);
  if (modules.length === 0) return new Map();
  return await computed(gainsGraph(matricesOf(ready, method), modules), ready, trained);
}

function matricesOf({ opened, weights }: Computing, method: Method): Matrices {
  const { model, outline, halves } = opened;
  return { model, outline, method: onBase(method, weights.format, halves) };
}

/** The outputs of `graph`, each a vector, by module; `trained` feeds those of its inputs that it has. */
async function computed(
  graph: ReturnType<typeof gainsGraph>,
  { executor, weights }: Computing,
  trained: LoadedAdapter['trained'],
): Promise<ReadonlyMap<string, Float32Array>> {
  const program = await executor.compile(graph, { weights: weights.source });
  try {
    const feeds = Object.entries(trained).filter(([name]) => graph.inputs.has(name));
    const { outputs } = await program.run(Object.fromEntries(feeds));
    return new Map([...graph.outputs.keys()].map((module) => [module, outputs[module] as Float32Array]));
  } finally {
    await program.release();
  }
}
