import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { writeFileAtomic } from '../../atomic.ts';
import { QUANTISED_FORMATS, type QuantisedFormat } from '../ir/dtype.ts';
import { asFloatType, type FloatType } from './convert.ts';
import { shorten } from './json-scan.ts';
import { readSmallText } from './open-file.ts';
import {
  formatAdapterConfig,
  type LoraAdapterConfig,
  loraScaling,
  parseAdapterConfig,
} from './peft-config.ts';
import { openSafetensors, type SafetensorsFile } from './safetensors.ts';
import { type TensorToWrite, writeSafetensors } from './safetensors-write.ts';
import type { StoredTensor } from './tensor-store.ts';

export type { LoraAdapterConfig } from './peft-config.ts';

/**
 * LoRA adapters as folders in the layout of the PEFT library, so that adapters made here work everywhere and those
 * made elsewhere work here: `adapter_config.json` and `adapter_model.safetensors`.
 */
export interface LoraModule {
  /** [r, in] */
  readonly a: Float32Array;
  /** [out, r] */
  readonly b: Float32Array;
  readonly r: number;
  /** What B A x is multiplied by: alpha / r, or alpha / sqrt(r) with rsLoRA. */
  readonly scale: number;
  /** [out]: the lengths that DoRA gives to the rows of the adapted matrix; missing in a plain adapter. */
  readonly magnitude?: Float32Array;
}

export interface LoraAdapter {
  readonly config: LoraAdapterConfig;
  /** By the name of the module in the base model, such as `model.layers.0.self_attn.q_proj`. */
  readonly tensors: ReadonlyMap<string, LoraModule>;
  /** Tokens that the base model does not have; missing or null: none. */
  readonly newTokens?: AdapterTokens | null;
  /** A head that sorts, instead of the base model's; missing or null: none. */
  readonly head?: AdapterHead | null;
}

/** A head that sorts. */
export interface AdapterHead {
  readonly categories: readonly string[];
  /** [categories, H] */
  readonly weights: Float32Array;
}

/** New tokens that came with an adapter. */
export interface AdapterTokens {
  readonly texts: readonly string[];
  /** The id of the first; the others follow. */
  readonly first: number;
  /** Their rows [N,H] by the table's name, such as `model.embed_tokens`. */
  readonly rows: ReadonlyMap<string, Float32Array>;
}

/** A module's name in Transformers' multimodal classes. */
export const insideName = (module: string): string => module.replace(/^model\./, 'model.language_model.');
/** The name in the language model alone, also of what Transformers 4 wrote. */
const outsideName = (module: string): string =>
  module.replace(/^(?:model\.language_model|language_model\.model)\./, 'model.');

const CONFIG = 'adapter_config.json';
const WEIGHTS = 'adapter_model.safetensors';
/** Keys of the metadata that tell in how many bits the base was kept, and in which format; the first adapters have no format. */
const BASE_BITS = 'fettle.base-bits';
const BASE_FORMAT = 'fettle.base-format';
/** The key of the metadata that holds the texts of new tokens as a JSON list. PEFT knows only their ids. */
const NEW_TOKENS = 'fettle.new-tokens';
/** The key of the metadata that holds categories as a JSON list. PEFT knows only how many there are. */
const CATEGORIES = 'fettle.categories';
const PREFIX = 'base_model.model.';
const HEAD = `${PREFIX}score.weight`;
const TOKEN_ROWS = 'token_adapter.trainable_tokens_delta';
const MAGNITUDE = 'lora_magnitude_vector';
const MAX_CONFIG_BYTES = 2 ** 24;

/** Writes an adapter folder; the config appears last, so a folder with a config is complete. */
export async function writeAdapter(
  folder: string,
  config: LoraAdapterConfig,
  tensors: ReadonlyMap<string, Omit<LoraModule, 'scale'>>,
  type: FloatType = 'f32',
  newTokens: AdapterTokens | null = null,
  head: AdapterHead | null = null,
): Promise<void> {
  if (!config.inWrapper) return await write(folder, config, tensors, type, newTokens, head);
  const inside = <Value>(map: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> =>
    new Map([...map].map(([name, value]) => [insideName(name), value]));
  const named = inside(tensors);
  // whole names: the vision part has layers of the same names, which have no adapter
  const whole = { ...config, targetModules: [...named.keys()], layers: null };
  const rows = newTokens && { ...newTokens, rows: inside(newTokens.rows) };
  await write(folder, whole, named, type, rows, head);
}

async function write(
  folder: string,
  config: LoraAdapterConfig,
  tensors: ReadonlyMap<string, Omit<LoraModule, 'scale'>>,
  type: FloatType,
  newTokens: AdapterTokens | null,
  head: AdapterHead | null,
): Promise<void> {
  const list: TensorToWrite[] = newTokens ? tokenTensors(newTokens) : [];
  if (head) list.push(headTensor(head));
  for (const [module, { a, b, r, magnitude }] of [...tensors].sort(([x], [y]) => (x < y ? -1 : 1))) {
    const name = `${PREFIX}${module}`;
    const [lowA, lowB] = [asFloatType(type, a), asFloatType(type, b)];
    list.push({ name: `${name}.lora_A.weight`, dtype: type, shape: [r, a.length / r], data: lowA });
    list.push({ name: `${name}.lora_B.weight`, dtype: type, shape: [b.length / r, r], data: lowB });
    // few numbers, each of which scales a whole row: never in 16 bits
    if (magnitude)
      list.push({ name: `${name}.${MAGNITUDE}`, dtype: 'f32', shape: [magnitude.length], data: magnitude });
  }
  const rankPattern: Record<string, number> = {};
  for (const [module, { r }] of tensors)
    if (loraScaling(config, module).r !== r) rankPattern[`^${module}`] = r;
  await writeSafetensors(join(folder, WEIGHTS), list, {
    format: 'pt',
    ...baseKeys(config.base ?? null),
    ...(newTokens && { [NEW_TOKENS]: JSON.stringify(newTokens.texts) }),
    ...(head && { [CATEGORIES]: JSON.stringify(head.categories) }),
  });
  const complete = {
    ...config,
    rankPattern: { ...rankPattern, ...config.rankPattern },
    tokenIndices: newTokens && indicesOf(newTokens),
    sorts: head !== null,
  };
  await writeFileAtomic(join(folder, CONFIG), formatAdapterConfig(complete));
}

/** Rows of new tokens are whole embeddings, a few of them: never in 16 bits. */
function tokenTensors({ texts, rows }: AdapterTokens): TensorToWrite[] {
  return [...rows].map(([table, data]) => ({
    name: `${PREFIX}${table}.${TOKEN_ROWS}`,
    dtype: 'f32',
    shape: [texts.length, data.length / texts.length],
    data,
  }));
}

/** The only numbers that decide between categories: never in 16 bits. */
function headTensor({ categories, weights }: AdapterHead): TensorToWrite {
  const shape = [categories.length, weights.length / categories.length];
  return { name: HEAD, dtype: 'f32', shape, data: weights };
}

/** The ids by the last part of each table's name, by which PEFT finds it. */
function indicesOf({ texts, first, rows }: AdapterTokens): Record<string, number[]> {
  const ids = texts.map((_, i) => first + i);
  return Object.fromEntries([...rows.keys()].map((table) => [lastPart(table), ids]));
}

const lastPart = (table: string): string => table.split('.').at(-1)!;

/** Reads an adapter folder; kinds that are neither LoRA nor DoRA and tensors that do not fit together are AppErrors. */
export async function readAdapter(folder: string): Promise<LoraAdapter> {
  const config = await readAdapterConfig(folder);
  return await fromWeights(folder, async (file) => {
    const tensors = new Map<string, LoraModule>();
    for (const [module, parts] of partsOf(file))
      tensors.set(outsideName(module), await readModule(file, config, module, parts));
    const newTokens = await readTokens(file, config);
    const categories = categoriesOf(file);
    const head = categories && { categories, weights: await file.readF32(HEAD) };
    if (config.sorts !== (head !== null))
      throw invalid(file.path, 'its head and its task_type contradict each other');
    return { config: { ...config, base: baseOf(file) }, tensors, newTokens, head };
  });
}

/** How the matrices were kept beside which the adapter in `folder` was trained; null where they were as the model has them. */
export const readBase = (folder: string): Promise<QuantisedFormat | 16 | null> => fromWeights(folder, baseOf);

/** The texts of the tokens that the adapter in `folder` brings along, in the order of their ids. */
export const readNewTokens = (folder: string): Promise<readonly string[]> =>
  fromWeights(folder, (file) => textsOf(file) ?? []);

/** What the adapter in `folder` sorts into; null where it goes on with texts. */
export const readCategories = (folder: string): Promise<readonly string[] | null> =>
  fromWeights(folder, categoriesOf);

/** By the names that came along, or by numbers as Transformers gives them. */
function categoriesOf(file: SafetensorsFile): readonly string[] | null {
  const rows = file.tensors.get(HEAD)?.shape[0];
  if (rows === undefined) return null;
  const named = textsIn(file, CATEGORIES) ?? Array.from({ length: rows }, (_, i) => `LABEL_${i}`);
  if (named.length === rows && new Set(named).size === rows && rows >= 2) return named;
  throw invalid(file.path, `it has a head of ${rows} rows for ${named.length} categories`);
}

async function fromWeights<T>(folder: string, read: (file: SafetensorsFile) => T | Promise<T>): Promise<T> {
  const file = await openWeights(folder);
  try {
    return await read(file);
  } finally {
    await file.close();
  }
}

const textsOf = (file: SafetensorsFile): readonly string[] | null => textsIn(file, NEW_TOKENS);

function textsIn({ path, metadata }: SafetensorsFile, key: string): readonly string[] | null {
  const text = metadata.get(key);
  if (text === undefined) return null;
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === 'string' && one !== ''))
      return list;
  } catch {
    // reported below, like JSON that is something else
  }
  throw invalid(path, `${key} in its metadata is not a list of texts`);
}

async function readTokens(
  file: SafetensorsFile,
  { tokenIndices }: LoraAdapterConfig,
): Promise<AdapterTokens | null> {
  const texts = textsOf(file);
  const stored = [...file.tensors.values()].filter(({ name }) => name.endsWith(`.${TOKEN_ROWS}`));
  if (!texts && !tokenIndices && stored.length === 0) return null;
  if (!texts) {
    throw new AppError(
      'adapter-unsupported',
      say`${file.path} adds tokens but doesn't say which.`,
      say`Merge it with the tool that made it.`,
    );
  }
  const first = firstId(file, tokenIndices ?? {}, texts.length);
  const rows = new Map<string, Float32Array>();
  for (const { name, shape } of stored) {
    const table = name.slice(PREFIX.length, -TOKEN_ROWS.length - 1);
    if (shape.length !== 2 || shape[0] !== texts.length || !tokenIndices?.[lastPart(table)])
      throw invalid(
        file.path,
        `${shorten(table)} has rows of the shape [${shape}] for ${texts.length} new tokens`,
      );
    rows.set(outsideName(table), await file.readF32(name));
  }
  if (rows.size === 0) throw invalid(file.path, 'it has new tokens and no rows for them');
  return { texts, first, rows };
}

/** The ids of new tokens follow each other, and are the same in each table. */
function firstId(
  { path }: SafetensorsFile,
  indices: Readonly<Record<string, readonly number[]>>,
  count: number,
): number {
  const [ids = [], ...others] = Object.values(indices);
  const first = ids[0];
  const isRange = ids.length === count && ids.every((id, i) => id === first! + i);
  if (first !== undefined && isRange && others.every((list) => list.join() === ids.join())) return first;
  throw invalid(path, `its trainable_token_indices are not ${count} ids that follow each other`);
}

function baseKeys(base: QuantisedFormat | 16 | null): Record<string, string> {
  if (base === null) return {};
  if (base === 16) return { [BASE_BITS]: '16' };
  return { [BASE_BITS]: base.startsWith('int8') ? '8' : '4', [BASE_FORMAT]: base };
}

function baseOf({ path, metadata }: SafetensorsFile): QuantisedFormat | 16 | null {
  const [bits, format] = [metadata.get(BASE_BITS), metadata.get(BASE_FORMAT)];
  if (bits === '16') return 16;
  if (format === undefined) return bits === '4' ? 'int4' : bits === '8' ? 'int8' : null;
  const known = QUANTISED_FORMATS.find((one) => one === format);
  if (known) return known;
  throw new AppError(
    'adapter-invalid',
    say`${path} was trained with weights in the format “${format}”. Known are ${QUANTISED_FORMATS.join(marks().comma)}.`,
    say`It comes from another version of Fettle: use that one.`,
  );
}

/** What the adapter in `folder` is, without its tensors. */
export async function readAdapterConfig(folder: string): Promise<LoraAdapterConfig> {
  const path = join(folder, CONFIG);
  const stats = await stat(path).catch(() => null);
  if (!stats?.isFile()) {
    const hint = say`Choose the folder with ${CONFIG} and the adapter's weights.`;
    throw new AppError('file-not-found', say`${folder} is not an adapter folder: it has no ${CONFIG}.`, hint);
  }
  return parseAdapterConfig(await readSmallText(path, MAX_CONFIG_BYTES), path);
}

async function openWeights(folder: string): Promise<SafetensorsFile> {
  const pickled = await stat(join(folder, 'adapter_model.bin')).catch(() => null);
  const weights = await stat(join(folder, WEIGHTS)).catch(() => null);
  if (pickled && !weights) {
    throw new AppError(
      'weights-pickled',
      say`${folder} has its weights as a Python pickle, which can run any code while loading. Fettle doesn't open it.`,
      say`Get the safetensors version of this adapter.`,
    );
  }
  return await openSafetensors(join(folder, WEIGHTS));
}

interface Parts {
  a?: StoredTensor;
  b?: StoredTensor;
  magnitude?: StoredTensor;
}

const PART_NAMES: Readonly<Record<string, keyof Parts>> = {
  'lora_A.weight': 'a',
  'lora_B.weight': 'b',
  [MAGNITUDE]: 'magnitude',
};

function partsOf(file: SafetensorsFile): Map<string, Parts> {
  const modules = new Map<string, Parts>();
  for (const tensor of file.tensors.values()) {
    if (tensor.name.startsWith(PREFIX) && tensor.name.endsWith(`.${TOKEN_ROWS}`)) continue;
    if (tensor.name === HEAD) continue;
    const match = /^base_model\.model\.(.+)\.(lora_[AB]\.weight|lora_magnitude_vector)$/.exec(tensor.name);
    if (!match) throw foreignTensor(file.path, tensor.name);
    const [, module, part] = match as unknown as [string, string, string];
    const parts = modules.get(module) ?? {};
    parts[PART_NAMES[part]!] = tensor;
    modules.set(module, parts);
  }
  if (modules.size === 0) throw invalid(file.path, 'it has no LoRA tensors');
  return modules;
}

async function readModule(
  file: SafetensorsFile,
  config: LoraAdapterConfig,
  module: string,
  { a, b, magnitude }: Parts,
): Promise<LoraModule> {
  const name = shorten(module);
  if (!a || !b) throw invalid(file.path, `${name} has a lora_${a ? 'A' : 'B'} and no lora_${a ? 'B' : 'A'}`);
  const { r, scale } = loraScaling(config, module);
  const fits = a.shape.length === 2 && b.shape.length === 2 && a.shape[0] === r && b.shape[1] === r;
  if (!fits) {
    const shapes = `A [${a.shape}] and B [${b.shape}]`;
    throw invalid(
      file.path,
      `${name} has ${shapes}, expected [${r}, in] and [out, ${r}] for the rank ${r} of the config`,
    );
  }
  checkMagnitude(file, config, name, b.shape[0]!, magnitude);
  return {
    a: await file.readF32(a.name),
    b: await file.readF32(b.name),
    r,
    scale,
    ...(magnitude && { magnitude: await file.readF32(magnitude.name) }),
  };
}

function checkMagnitude(
  file: SafetensorsFile,
  { useDora }: LoraAdapterConfig,
  module: string,
  outputs: number,
  magnitude: StoredTensor | undefined,
): void {
  if (useDora && !magnitude)
    throw invalid(file.path, `its config says use_dora, and ${module} has no ${MAGNITUDE}`);
  if (!useDora && magnitude)
    throw invalid(file.path, `${module} has a ${MAGNITUDE}, and its config does not say use_dora`);
  if (magnitude && magnitude.shape.join() !== String(outputs)) {
    const shape = `[${magnitude.shape}]`;
    throw invalid(file.path, `${module} has a ${MAGNITUDE} of the shape ${shape}, expected [${outputs}]`);
  }
}

const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [/lora_magnitude_vector/, 'a DoRA magnitude of another kind of layer'],
  [/lora_embedding_[AB]/, 'a LoRA of an embedding'],
  [/lora_[AB]\.bias$/, 'a LoRA bias'],
  [/lora_[AB]\.[^.]+\.weight$/, 'a LoRA tensor with the name of an adapter in it'],
  [/modules_to_save|\.(weight|bias)$/, 'a whole module trained beside the LoRA (modules_to_save)'],
];

function foreignTensor(path: string, name: string): AppError {
  const kind = FOREIGN.find(([pattern]) => pattern.test(name))?.[1] ?? 'not part of a LoRA adapter';
  return new AppError(
    'adapter-unsupported',
    say`${path} is not supported: the tensor “${shorten(name)}” is ${kind}.`,
    say`Use a plain LoRA adapter, or merge this one with the tool that made it.`,
  );
}

function invalid(path: string, reason: string): AppError {
  return new AppError(
    'adapter-invalid',
    say`${path} is not a valid adapter: ${reason}.`,
    say`Download the adapter again.`,
  );
}
