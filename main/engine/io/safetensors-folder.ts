import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { parseJsonStrictly, shorten } from './json-scan.ts';
import { readSmallText } from './open-file.ts';
import { openSafetensors, type SafetensorsFile, type SafetensorsStore } from './safetensors.ts';
import { type ElementRange, type StoredTensor, tensorOf } from './tensor-store.ts';

/**
 * A model folder as the Hugging Face Hub lays it out: one `model.safetensors`, or several shards and an index that
 * says which tensor is in which. The index is as untrusted as the shards: it may only name files beside it.
 */
const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
const MAX_INDEX_BYTES = 100_000_000;
const MAX_SHARDS = 2000;

/** Opens the weights in `folder`; pickled weights, missing shards and broken indexes are AppErrors. */
export async function openSafetensorsFolder(folder: string): Promise<SafetensorsStore> {
  const names = await listFolder(folder);
  if (names.includes(SINGLE)) return await openSafetensors(join(folder, SINGLE));
  if (names.includes(INDEX)) return await openShards(folder, names);
  throw noWeights(folder, names);
}

async function openShards(folder: string, present: readonly string[]): Promise<SafetensorsStore> {
  const indexPath = join(folder, INDEX);
  const weightMap = await readIndex(indexPath);
  const shardNames = [...new Set(weightMap.values())].sort();
  const missing = shardNames.filter((name) => !present.includes(name));
  if (missing.length > 0) {
    throw new AppError(
      'file-not-found',
      say`${folder} lacks ${missing.length} of the model's ${shardNames.length} weight files: ${missing.slice(0, 5).join(marks().comma)}.`,
      say`Download the missing files.`,
    );
  }
  const shards = new Map<string, SafetensorsFile>();
  try {
    for (const name of shardNames) shards.set(name, await openSafetensors(join(folder, name)));
    return new ShardedStore(folder, resolveTensors(indexPath, weightMap, shards), shards);
  } catch (error) {
    for (const shard of shards.values()) await shard.close();
    throw error;
  }
}

async function readIndex(path: string): Promise<Map<string, string>> {
  const text = await readSmallText(path, MAX_INDEX_BYTES);
  let json: unknown;
  try {
    json = parseJsonStrictly(text, { maxDepth: 8, maxItems: 4_000_000 });
  } catch (error) {
    throw badIndex(path, shorten((error as Error).message, 200));
  }
  const map = (json as { weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw badIndex(path, 'it has no weight_map');
  const entries = Object.entries(map as Record<string, unknown>);
  for (const [tensor, shard] of entries) checkShardName(path, tensor, shard);
  const files = new Set(entries.map(([, shard]) => shard as string));
  if (files.size === 0) throw badIndex(path, 'its weight_map is empty');
  if (files.size > MAX_SHARDS)
    throw badIndex(path, `it names ${files.size} files and ${MAX_SHARDS} are allowed`);
  return new Map(entries as [string, string][]);
}

function checkShardName(path: string, tensor: string, shard: unknown): asserts shard is string {
  const plain = typeof shard === 'string' && /^[^/\\:\p{C}]+\.safetensors$/u.test(shard);
  if (plain) return;
  const shown = typeof shard === 'string' ? `"${shorten(shard)}"` : 'something that is not text';
  throw badIndex(
    path,
    `tensor "${shorten(tensor)}" points to ${shown}, not to a .safetensors file in this folder`,
  );
}

function resolveTensors(
  indexPath: string,
  weightMap: ReadonlyMap<string, string>,
  shards: ReadonlyMap<string, SafetensorsFile>,
): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shard] of weightMap) {
    const tensor = shards.get(shard)?.tensors.get(name);
    if (!tensor) throw badIndex(indexPath, `tensor "${shorten(name)}" is not in ${shard}`);
    tensors.set(name, tensor);
  }
  return tensors;
}

class ShardedStore implements SafetensorsStore {
  readonly kind = 'safetensors';
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
  #folder: string;
  #byPath: ReadonlyMap<string, SafetensorsFile>;

  constructor(
    folder: string,
    tensors: ReadonlyMap<string, StoredTensor>,
    shards: ReadonlyMap<string, SafetensorsFile>,
  ) {
    this.#folder = folder;
    this.tensors = tensors;
    this.metadata = new Map([...shards.values()].flatMap((shard) => [...shard.metadata]));
    this.#byPath = new Map([...shards.values()].map((shard) => [shard.path, shard]));
  }

  async readF32(name: string, range?: ElementRange): Promise<Float32Array> {
    return await this.#shardOf(name).readF32(name, range);
  }

  async readF32Into(name: string, first: number, out: Float32Array): Promise<void> {
    await this.#shardOf(name).readF32Into(name, first, out);
  }

  async close(): Promise<void> {
    for (const shard of this.#byPath.values()) await shard.close();
  }

  #shardOf(name: string): SafetensorsFile {
    return this.#byPath.get(tensorOf(this, this.#folder, name).file)!;
  }
}

/** Several stores as one, the names of each behind what it is called by. */
export class JoinedStore implements SafetensorsStore {
  readonly kind = 'safetensors';
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly #places: ReadonlyMap<string, readonly [store: SafetensorsStore, name: string]>;
  readonly #stores: readonly SafetensorsStore[];

  constructor(stores: ReadonlyMap<string, SafetensorsStore>) {
    const entries = [...stores].flatMap(([before, store]) =>
      [...store.tensors].map(([name, tensor]) => ({ whole: before + name, name, store, tensor })),
    );
    this.tensors = new Map(entries.map(({ whole, tensor }) => [whole, { ...tensor, name: whole }]));
    this.#places = new Map(entries.map(({ whole, store, name }) => [whole, [store, name]]));
    this.#stores = [...stores.values()];
    this.metadata = new Map(this.#stores.flatMap((store) => [...(store.metadata as Map<string, string>)]));
  }

  async readF32(name: string, range?: ElementRange): Promise<Float32Array> {
    const [store, own] = this.#places.get(name)!;
    return await store.readF32(own, range);
  }

  async readF32Into(name: string, first: number, out: Float32Array): Promise<void> {
    const [store, own] = this.#places.get(name)!;
    await store.readF32Into(own, first, out);
  }

  async close(): Promise<void> {
    for (const store of this.#stores) await store.close();
  }
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw new AppError(
      'file-not-found',
      say`The folder ${folder} can't be read (${(error as NodeJS.ErrnoException).code ?? ''}).`,
      say`Choose the folder with config.json and the weights.`,
      { cause: error },
    );
  }
}

function noWeights(folder: string, names: readonly string[]): AppError {
  const pickled = names.find(
    (name) => /\.(bin|pt|pth|ckpt|pkl|pickle)$/i.test(name) || name.endsWith('.bin.index.json'),
  );
  if (pickled) {
    return new AppError(
      'weights-pickled',
      say`${folder} has its weights as a Python pickle (${pickled}), which can run any code while loading. Fettle doesn't open it.`,
      say`Get the safetensors version of this model. Most models on the Hub have one.`,
    );
  }
  const gguf = names.find((name) => name.endsWith('.gguf'));
  const adapter = names.includes('adapter_model.safetensors');
  const hint = gguf
    ? say`Choose the file ${gguf} itself.`
    : adapter
      ? say`This is a LoRA adapter. Choose its base model.`
      : say`Choose the folder with config.json and the weights.`;
  return new AppError('weights-missing', say`${folder} has no weights (${SINGLE}).`, hint);
}

function badIndex(path: string, reason: string): AppError {
  return new AppError(
    'safetensors-invalid',
    say`${path} is not a valid list of weight files: ${reason}.`,
    say`Download the file again, or choose another source.`,
  );
}
