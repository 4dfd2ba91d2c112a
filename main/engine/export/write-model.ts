/** Writes a model as a Hugging Face folder: configuration, safetensors, and the tokenizer it came with. */

import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { isRecord } from '../../../common/values.ts';
import { writeFileAtomic } from '../../atomic.ts';
import type { AddedToken } from '../data/tokens/tokenizer/definition.ts';
import { readJsonIfPresent } from '../data/tokens/tokenizer/folder.ts';
import { assembleTokenizer, type TokenizerParts } from '../data/tokens/tokenizer/parts.ts';
import {
  addedTokenJson,
  tokenizerConfigJson,
  tokenizerJson,
} from '../data/tokens/tokenizer/tokenizer-json.ts';
import { asFloatType, type FloatType, TORCH_DTYPES } from '../io/convert.ts';
import { type TensorToWrite, writeSafetensors } from '../io/safetensors-write.ts';
import { elementCount, type StoredTensor } from '../io/tensor-store.ts';
import { DTYPE_BYTES, type DType } from '../ir/dtype.ts';
import { type OpenedModel, tokenizerPartsOf } from '../load/open-model.ts';
import { isWrapped, withLanguage } from '../models/family.ts';

export const TOKENIZER_FILES: readonly string[] = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'tokenizer.model',
  'chat_template.jinja',
  'generation_config.json',
  // how a multimodal model is fed
  'preprocessor_config.json',
  'processor_config.json',
  'video_preprocessor_config.json',
  'chat_template.json',
];

/** Bytes of a file of weights; larger models are cut into several, as Transformers does. */
const SHARD_BYTES = 5e9;

interface ModelFolderOptions {
  readonly type?: FloatType;
  /** Bytes of a file of weights at most; a larger tensor gets a file of its own. */
  readonly shardBytes?: number;
}

/** The values of a parameter, whole or in pieces. */
type ParameterValues = (parameter: string) => Promise<Float32Array> | AsyncIterable<Float32Array>;

/** Writes `values` as the parameters of `opened`'s model into `folder`; the configuration appears last. */
export async function writeModelFolder(
  folder: string,
  opened: OpenedModel,
  values: ParameterValues,
  { type = 'f32', shardBytes = SHARD_BYTES }: ModelFolderOptions = {},
): Promise<void> {
  const written = writtenNames(opened);
  const tensors = [...opened.outline.parameters].map(
    ([name, { shape }]): TensorToWrite => ({
      name: written(name),
      dtype: type,
      shape,
      data: async function* () {
        const given = values(name);
        for await (const piece of Symbol.asyncIterator in given ? given : [given])
          yield asFloatType(type, piece);
      },
    }),
  );
  await writeShards(folder, shardsOf([...tensors, ...otherParts(opened)], shardBytes));
  await writeTokenizerOf(folder, opened);
  const { torch_dtype: _, ...config } = opened.config;
  const dtype = TORCH_DTYPES[type];
  const text = `${JSON.stringify({ ...withLanguage(config, { dtype }), dtype }, null, 2)}\n`;
  await writeFileAtomic(path.join(folder, 'config.json'), withFractions(text, await fractionsOf(opened)));
}

/** Settings that Transformers takes as fractions only, where no file says so. */
const FRACTIONS = ['final_logit_softcapping', 'time_step_limit'];

/** The keys whose whole numbers, or those of whose lists, are fractions in the model's own config.json, such as 30.0. */
async function fractionsOf({ kind, path: where }: OpenedModel): Promise<ReadonlySet<string>> {
  const text = kind === 'folder' ? await fs.readFile(path.join(where, 'config.json'), 'utf8') : '';
  const found = text.matchAll(/"(\w+)"\s*:\s*(?:\[(?:[^\]{]{0,500}?[\s,])?)?-?\d+\.0+(?=[\s,}\]])/g);
  return new Set([...FRACTIONS, ...[...found].map(([, key]) => key!)]);
}

/** Transformers refuses 30 where it wants 30.0, and JSON.stringify knows no difference. */
function withFractions(json: string, keys: ReadonlySet<string>): string {
  return json.replace(/"(\w+)": (?:-?\d+(?=,?\n)|\[[^\]]*\])/g, (whole, key: string) =>
    keys.has(key) ? whole.replace(/^( +|".*": )-?\d+(?=,?$)/gm, '$&.0') : whole,
  );
}

/** The names under which parameters are written: those of the class, or in a multimodal checkpoint those that it has. */
export function writtenNames({ config, sources }: OpenedModel): (parameter: string) => string {
  return isWrapped(config) ? (parameter) => sources.get(parameter)!.stored : (parameter) => parameter;
}

/** The tensors of a multimodal checkpoint beside its language model, as they are. */
function otherParts({ config, store, sources }: OpenedModel): TensorToWrite[] {
  if (!isWrapped(config)) return [];
  const used = new Set([...sources.values()].map(({ stored }) => stored));
  return [...store.tensors.values()].flatMap(({ name, dtype, shape, ...place }): TensorToWrite[] => {
    if (used.has(name)) return [];
    return [{ name, dtype: dtype as DType, shape, data: () => bytesAt(place) }];
  });
}

async function* bytesAt(place: Pick<StoredTensor, 'file' | 'offset' | 'bytes'>): AsyncGenerator<Uint8Array> {
  if (place.bytes === 0) return;
  const { file, offset: start, bytes } = place;
  yield* createReadStream(file, { start, end: start + bytes - 1 });
}

function shardsOf(tensors: readonly TensorToWrite[], limit: number): TensorToWrite[][] {
  const shards: TensorToWrite[][] = [];
  let room = 0;
  for (const tensor of tensors) {
    const bytes = bytesOf(tensor);
    if (bytes > room || shards.length === 0) {
      shards.push([]);
      room = limit;
    }
    shards.at(-1)!.push(tensor);
    room -= bytes;
  }
  return shards;
}

function bytesOf({ shape, dtype }: TensorToWrite): number {
  return elementCount(shape) * DTYPE_BYTES[dtype];
}

/** One file, or numbered ones and an index that says which tensor lies where. */
async function writeShards(folder: string, shards: readonly (readonly TensorToWrite[])[]): Promise<void> {
  const number = (n: number) => String(n).padStart(5, '0');
  const name = (i: number) =>
    shards.length === 1
      ? 'model.safetensors'
      : `model-${number(i + 1)}-of-${number(shards.length)}.safetensors`;
  for (const [i, shard] of shards.entries())
    await writeSafetensors(path.join(folder, name(i)), shard, { format: 'pt' });
  if (shards.length === 1) return;
  await writeJson(folder, 'model.safetensors.index.json', {
    metadata: { total_size: shards.flat().reduce((sum, tensor) => sum + bytesOf(tensor), 0) },
    weight_map: Object.fromEntries(
      shards.flatMap((shard, i) => shard.map((tensor) => [tensor.name, name(i)])),
    ),
  });
}

async function writeJson(folder: string, name: string, value: unknown): Promise<void> {
  await writeFileAtomic(path.join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
}

/** Writes the tokenizer of `opened` into `folder`: its own files with what was added, or those for a GGUF file's. */
export async function writeTokenizerOf(folder: string, opened: OpenedModel): Promise<void> {
  const parts = await tokenizerPartsOf(opened);
  if (opened.kind !== 'folder') return await writeTokenizer(folder, parts);
  await copyTokenizer(opened.path, folder);
  if (!opened.added) return;
  const own = await readJsonIfPresent(path.join(opened.path, 'tokenizer.json'));
  const { addedTokens } = parts.definition;
  const fresh = addedTokens.filter(({ id }) => id >= opened.added!.first);
  await writeJson(
    folder,
    'tokenizer.json',
    isRecord(own) ? withAdded(own, fresh) : tokenizerJson(parts.definition),
  );
  const config = await readJsonIfPresent(path.join(opened.path, 'tokenizer_config.json'));
  if (isRecord(config) && isRecord(config.added_tokens_decoder))
    await writeJson(folder, 'tokenizer_config.json', withListed(config, fresh));
}

type Json = Readonly<Record<string, unknown>>;

/** A tokenizer.json with more added tokens; all else stays as it is written there. */
function withAdded(json: Json, fresh: readonly AddedToken[]): Json {
  const before = Array.isArray(json.added_tokens) ? json.added_tokens : [];
  return { ...json, added_tokens: [...before, ...fresh.map(addedTokenJson)] };
}

/** The added tokens in tokenizer_config.json, which Transformers keeps in step with the tokenizer's. */
function withListed(config: Json, fresh: readonly AddedToken[]): Json {
  const listed = fresh.map((token) => {
    const { id, ...flags } = addedTokenJson(token);
    return [id, flags] as const;
  });
  return {
    ...config,
    added_tokens_decoder: { ...(config.added_tokens_decoder as Json), ...Object.fromEntries(listed) },
  };
}

async function copyTokenizer(from: string, to: string): Promise<void> {
  for (const name of TOKENIZER_FILES) {
    await fs.copyFile(path.join(from, name), path.join(to, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

/** Writes tokenizer.json, tokenizer_config.json and generation_config.json into `folder`. */
export async function writeTokenizer(folder: string, parts: TokenizerParts): Promise<void> {
  const { special, stopIds } = assembleTokenizer(parts);
  await writeJson(folder, 'tokenizer.json', tokenizerJson(parts.definition));
  await writeJson(folder, 'tokenizer_config.json', {
    ...tokenizerConfigJson(parts.special),
    ...(parts.template !== null && { chat_template: parts.template }),
  });
  await writeJson(folder, 'generation_config.json', {
    ...(special.bos !== null && { bos_token_id: special.bos }),
    eos_token_id: stopIds,
    ...(special.pad !== null && { pad_token_id: special.pad }),
  });
}
