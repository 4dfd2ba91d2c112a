/** Opens a model, a Hugging Face folder or a GGUF file: configuration, tokenizer, places of its weights. */

import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError, nullIfMissing } from '../../../common/errors.ts';
import { isRecord } from '../../../common/values.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { ggufParts, readTokenizerParts } from '../data/tokens/tokenizer/load.ts';
import { assembleTokenizer, type TokenizerParts } from '../data/tokens/tokenizer/parts.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { openGguf } from '../io/gguf.ts';
import { openSafetensorsFolder } from '../io/safetensors-folder.ts';
import { elementCount, type TensorStore } from '../io/tensor-store.ts';
import type { HalfType } from '../ir/dtype.ts';
import type { JsonObject } from '../models/config-reader.ts';
import { withLanguage } from '../models/family.ts';
import { isRopeTensor } from '../models/gguf.ts';
import { type GgufTransform, layoutShape } from '../models/gguf-layout.ts';
import { type Model, type ModelOutline, outline, type StoredNames } from '../models/model.ts';
import { configFromGguf, readModel } from '../models/registry.ts';
import type { Halves } from '../nn/parameters.ts';

/** Where a parameter's values are stored, and how they are laid out there. */
export interface ParameterSource {
  readonly stored: string;
  readonly transform: GgufTransform;
}

/** The files of a model, and where each of its parameters lies in them. */
export interface OpenedFiles {
  readonly path: string;
  readonly kind: 'folder' | 'gguf';
  readonly config: JsonObject;
  readonly outline: ModelOutline;
  readonly store: TensorStore;
  readonly sources: ReadonlyMap<string, ParameterSource>;
  /** The parameters that the files hold in 16 bits. */
  readonly halves: Halves;
  /** Stored tensors that the model does not use. */
  readonly unused: readonly string[];
  /** Tokens that the files do not have; `config`, `model` and `outline` are those with them. */
  readonly added?: AddedTokens;
  /** The model as it goes on with texts, where it got a head for categories. */
  readonly plain?: OpenedModel;
}

export interface OpenedModel extends OpenedFiles {
  readonly model: Model;
}

/** Tokens that were added to an opened model (ready-model.ts). */
export interface AddedTokens {
  /** The model as its files have it. */
  readonly base: OpenedModel;
  readonly texts: readonly string[];
  /** The id of the first; the others follow. */
  readonly first: number;
  /** The ids that each text was split into before. */
  readonly pieces: readonly (readonly number[])[];
  /** The tokenizer that knows them. */
  readonly tokenizer: TokenizerParts;
  /** The rows with which they begin in the table `parameter`, [N,H]. */
  firstRows(parameter: string): Promise<Float32Array>;
}

const MAX_CONFIG_BYTES = 4 * 2 ** 20;

/** Opens the model at `modelPath`; what is not supported is refused before any weight is looked at. */
export async function openModel(modelPath: string): Promise<OpenedModel> {
  const stats = await fs.stat(modelPath).catch(nullIfMissing(modelPath));
  if (!stats)
    throw new AppError(
      'file-not-found',
      say`There is no model at ${modelPath}.`,
      say`Choose a model folder (with config.json) or a .gguf file.`,
    );
  return stats.isDirectory() ? openFolder(modelPath) : openGgufModel(modelPath);
}

/** Opens it for `work`, and closes it afterwards. */
export async function withOpened<T>(
  modelPath: string,
  work: (opened: OpenedModel) => Promise<T>,
): Promise<T> {
  const opened = await openModel(modelPath);
  try {
    return await work(opened);
  } finally {
    await opened.store.close();
  }
}

async function openFolder(folder: string): Promise<OpenedModel> {
  const given = await readConfig(path.join(folder, 'config.json'));
  const tied = readModel(given);
  const store = await openSafetensorsFolder(folder);
  try {
    const own = tied.tiedHead && (await hasOwnHead(tied, store));
    const untied = { tie_word_embeddings: false };
    const config = own ? withLanguage({ ...given, ...untied }, untied) : given;
    const model = own ? readModel(config) : tied;
    return finish({ path: folder, kind: 'folder', config, model, store });
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function openGgufModel(file: string): Promise<OpenedModel> {
  if (!file.endsWith('.gguf')) {
    throw new AppError(
      'unsupported-model',
      say`${file} is neither a folder nor a .gguf file.`,
      say`Choose a model folder (with config.json) or a .gguf file.`,
    );
  }
  const store = await openGguf(file);
  try {
    const config = await configFromGguf(store);
    return finish({ path: file, kind: 'gguf', config, model: readModel(config), store });
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Reads a model's config.json. */
export async function readConfig(file: string): Promise<JsonObject> {
  const stats = await fs.stat(file).catch(nullIfMissing(file));
  if (!stats) throw await noConfig(path.dirname(file));
  if (stats.size > MAX_CONFIG_BYTES)
    throw new AppError(
      'bad-model-config',
      say`${file} has ${stats.size} bytes, far too many for a configuration.`,
      say`Download the model again.`,
    );
  const text = await fs.readFile(file, 'utf8').catch(nullIfMissing(file));
  try {
    const json: unknown = JSON.parse(text ?? '');
    if (isRecord(json)) return json as JsonObject;
  } catch {
    // reported below, like JSON that is no object
  }
  throw new AppError('bad-model-config', say`${file} is not a JSON object.`, say`Download the model again.`);
}

/** A run's folder and an adapter's are easily taken for a model. */
async function noConfig(folder: string): Promise<AppError> {
  const holds = (...names: string[]) => fs.stat(path.join(folder, ...names)).then(Boolean, () => false);
  let hint = say`Choose the folder with config.json and the weights.`;
  if (await holds('model', 'config.json')) hint = say`Did you mean ${path.join(folder, 'model')}?`;
  else if ((await holds('adapter_config.json')) || (await holds('adapter', 'adapter_config.json')))
    hint = say`It is an adapter. Choose the model it was trained on.`;
  return new AppError('file-not-found', say`There is no config.json in ${folder}.`, hint);
}

type Opened = Pick<OpenedModel, 'path' | 'kind' | 'config' | 'model' | 'store'>;

function finish({ model, ...opened }: Opened): OpenedModel {
  return { ...locateAll(opened, outline(model), model), model };
}

/** Finds all parameters of a model in its files. Throws AppError for one that is not there, or of another size. */
export function locateAll(
  opened: Pick<OpenedFiles, 'path' | 'kind' | 'config' | 'store'>,
  found: ModelOutline,
  names: StoredNames & Partial<Pick<Model, 'ggufSource'>>,
): OpenedFiles {
  const sources = new Map(
    [...found.parameters].map(([name, { shape }]) => [name, locate(opened, names, name, shape)]),
  );
  const used = new Set([...sources.values()].map(({ stored }) => stored));
  const unused = [...opened.store.tensors.keys()].filter(
    (name) => !used.has(name) && !names.isIgnored(name) && !isRopeTensor(name),
  );
  const halves = halvesIn({ sources, store: opened.store });
  return { ...opened, outline: found, sources, halves, unused };
}

function locate(
  { kind, store, path: where }: Pick<OpenedFiles, 'path' | 'kind' | 'store'>,
  { storedNames, ggufSource }: Parameters<typeof locateAll>[2],
  parameter: string,
  shape: readonly number[],
): ParameterSource {
  const gguf = kind === 'gguf' ? ggufSource!(parameter) : null;
  const names = gguf ? [gguf.name] : storedNames(parameter);
  const stored = names.find((name) => store.tensors.has(name));
  if (stored === undefined) {
    throw new AppError(
      'bad-model-weights',
      say`${where} lacks the weights ${parameter} (looked for ${names.join(marks().comma)}).`,
      say`Its files don't belong together. Download the model again.`,
    );
  }
  const transform: GgufTransform = gguf?.transform ?? { kind: 'none' };
  const expected = layoutShape(shape, transform);
  const actual = store.tensors.get(stored)!.shape;
  // converters write a matrix of one row as a list
  const isRow = gguf !== null && expected[0] === 1 && actual.join() === expected.slice(1).join();
  if (!isRow && actual.join() !== expected.join()) {
    throw new AppError(
      'bad-model-weights',
      say`${where} has weights of another size than its configuration says (${stored}: [${String(actual)}], not [${String(expected)}]).`,
      say`Its files don't belong together. Download the model again.`,
    );
  }
  return { stored, transform };
}

const HEAD = 'lm_head.weight';
/** Elements compared at a time, 4 MB. */
const PIECE = 1 << 20;

/** Whether `store` holds an output head that differs from the embedding; equal copies are read to the end. */
async function hasOwnHead(model: Model, store: TensorStore): Promise<boolean> {
  const isHead = (name: string) => name.endsWith(HEAD);
  const there = model.storedNames(model.embedding).filter((name) => store.tensors.has(name));
  const [own, embedding] = [there.find(isHead), there.find((name) => !isHead(name))];
  if (own === undefined || embedding === undefined) return false;
  const head = store.tensors.get(own)!;
  const size = elementCount(head.shape);
  if (head.shape.join() !== store.tensors.get(embedding)!.shape.join()) return true;
  for (let start = 0; start < size; start += PIECE) {
    const range = { start, end: Math.min(size, start + PIECE) };
    const [a, b] = [await store.readF32(own, range), await store.readF32(embedding, range)];
    if (a.some((value, i) => value !== b[i])) return true;
  }
  return false;
}

/** The tokenizer that belongs to `opened`; throws like `loadTokenizer`. */
export async function tokenizerOf(opened: OpenedModel): Promise<Tokenizer> {
  return assembleTokenizer(await tokenizerPartsOf(opened));
}

/** What `tokenizerOf` makes the tokenizer from, for writing it elsewhere. */
export async function tokenizerPartsOf({
  kind,
  path: where,
  store,
  added,
}: OpenedModel): Promise<TokenizerParts> {
  if (added) return added.tokenizer;
  return kind === 'gguf' ? ggufParts(store.metadata, path.dirname(where), where) : readTokenizerParts(where);
}

/** The parameters that the files hold as float16 or bfloat16. */
function halvesIn({ sources, store }: Pick<OpenedModel, 'sources' | 'store'>): Halves {
  const found = new Map<string, HalfType>();
  for (const [name, { stored }] of sources) {
    const { dtype } = store.tensors.get(stored)!;
    if (dtype === 'f16' || dtype === 'bf16') found.set(name, dtype);
  }
  return found;
}
