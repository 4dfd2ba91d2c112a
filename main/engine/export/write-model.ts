/** Writes a model as a Hugging Face folder: configuration, safetensors, and the tokenizer it came with. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { type AddedToken, isRecord } from '../data/tokens/tokenizer/definition.ts';
import { readJsonIfPresent } from '../data/tokens/tokenizer/folder.ts';
import { writeFileAtomic } from '../io/atomic.ts';
import { asFloatType, type FloatType, TORCH_DTYPES } from '../io/float-types.ts';
import { type TensorToWrite, writeSafetensors } from '../io/safetensors.ts';
import { elementCount } from '../io/stored-shape.ts';
import { DTYPE_BYTES } from '../ir/dtype.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { tokenizerPartsOf } from '../load/tokenizer.ts';
import { addedTokenJson, tokenizerJson, writeTokenizer } from './write-tokenizer.ts';

const TOKENIZER_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'tokenizer.model',
  'chat_template.jinja',
  'generation_config.json',
];

/** Bytes of a file of weights; larger models are cut into several, as Transformers does. */
const SHARD_BYTES = 5e9;

export interface ModelFolderOptions {
  readonly type?: FloatType;
  /** Bytes of a file of weights at most; a larger tensor gets a file of its own. */
  readonly shardBytes?: number;
}

/** The values of a parameter, whole or in pieces. */
export type ParameterValues = (parameter: string) => Promise<Float32Array> | AsyncIterable<Float32Array>;

/** Writes `values` as the parameters of `opened`'s model into `folder`; the configuration appears last. */
export async function writeModelFolder(
  folder: string,
  opened: OpenedModel,
  values: ParameterValues,
  { type = 'f32', shardBytes = SHARD_BYTES }: ModelFolderOptions = {},
): Promise<void> {
  const tensors = [...opened.outline.parameters].map(
    ([name, { shape }]): TensorToWrite => ({
      name,
      dtype: type,
      shape,
      data: async function* () {
        const given = values(name);
        for await (const piece of Symbol.asyncIterator in given ? given : [given])
          yield asFloatType(type, piece);
      },
    }),
  );
  await writeShards(folder, shardsOf(tensors, shardBytes));
  await writeTokenizerOf(folder, opened);
  const { torch_dtype: _, ...config } = opened.config;
  await writeJson(folder, 'config.json', { ...config, dtype: TORCH_DTYPES[type] });
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

/** Writes the tokenizer of `opened` into `folder`: its own files, with what was added to them, or those that a GGUF file stands for. */
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

/** The list of added tokens in tokenizer_config.json, which Transformers keeps in step with that of the tokenizer. */
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
