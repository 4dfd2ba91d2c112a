/**
 * Encoders in GGUF files, both ways, by the tables that their families have: configuration, names of tensors, pooling. llama.cpp's converter
 * calls BERT, RoBERTa and XLM-RoBERTa "bert" and cuts the positions that RoBERTa doesn't use, so all are read as BERT.
 */
import { internal } from '../../../common/errors.ts';
import { RANK_POOLING } from '../../gguf-architecture.ts';
import type { GgufEntry } from '../io/gguf-types.ts';
import type { TensorStore } from '../io/tensor-store.ts';
import type { Pooling } from '../nn/pooling.ts';
import { type JsonObject, unsupported } from './config-reader.ts';
import { ENCODERS } from './encoders.ts';
import { type GgufFile, readerOf } from './gguf.ts';
import { pairHeadClass } from './pair-heads.ts';

/** llama.cpp's numbers of the ways to pool; files that say none were made for the mean. */
const POOLING_TYPES: Readonly<Partial<Record<Pooling, number>>> = { mean: 1, cls: 2, lasttoken: 3 };
const NO_POOLING = 0;
const POOLING_KEY = 'pooling_type';

/** Architectures of the files that are read. */
export const ENCODER_ARCHITECTURES: readonly string[] = ENCODERS.flatMap(({ gguf }) =>
  gguf ? [gguf.architecture] : [],
);

export interface EncoderFile {
  /** The config.json that the same model has on the Hub. */
  readonly config: JsonObject;
  /** Of a reranker the first token's, which its head may not read. */
  readonly pooling: Pooling;
  /** The tensor of a parameter. */
  nameOf(parameter: string): string;
}

/** What a file says of its encoder; null where it holds none that is read. Throws an AppError that names what is not supported. */
export async function encoderInGguf(store: TensorStore): Promise<EncoderFile | null> {
  const architecture = String(store.metadata.get('general.architecture') ?? '');
  const family = ENCODERS.find(({ gguf }) => gguf?.architecture === architecture);
  if (!family?.gguf) return null;
  const { gguf, type } = family;
  const file = await readerOf(store, architecture);
  if (file.read('attention.causal') === true)
    throw unsupported('it reads in one direction (attention.causal)');
  const ranks = file.read(POOLING_KEY) === RANK_POOLING;
  const others = ranks ? /^dense_\d\./ : /^(cls|dense_\d)\./;
  const head = [...store.tensors.keys()].find((name) => others.test(name));
  if (head !== undefined)
    throw unsupported(
      `its GGUF file has a head behind the encoder (${head}); use the Hugging Face folder of this model`,
    );
  const known = gguf.keys.flatMap(([key, name]) => {
    const value = file.read(key);
    return value === undefined ? [] : [[name, value] as const];
  });
  const config = {
    model_type: type,
    architectures: [ranks ? pairHeadClass(type) : gguf.className],
    ...Object.fromEntries(known),
    vocab_size: file.rows('token_embd.weight'),
    pad_token_id: Number(store.metadata.get('tokenizer.ggml.padding_token_id') ?? 0),
    ...gguf.more(file),
  };
  return {
    config: Object.fromEntries(
      Object.entries(config).filter(([, value]) => value !== undefined),
    ) as JsonObject,
    pooling: ranks ? 'cls' : poolingOf(file),
    nameOf: (parameter) => ggufNameOf(type, parameter),
  };
}

function poolingOf({ read }: GgufFile): Pooling {
  const number = read(POOLING_KEY) ?? NO_POOLING;
  if (number === NO_POOLING) return 'mean';
  const found = Object.entries(POOLING_TYPES).find(([, own]) => own === number);
  if (found) return found[0] as Pooling;
  throw unsupported(`its GGUF file pools in a way that Fettle doesn't know (pooling_type ${String(number)})`);
}

/** The name of a parameter of an encoder of that type in a GGUF file. */
export function ggufNameOf(modelType: string, parameter: string): string {
  const { names } = ENCODERS.find(({ type }) => type === modelType)!.gguf!;
  const found = names.find(([pattern]) => pattern.test(parameter));
  if (!found) throw internal(`no GGUF name for ${parameter}`);
  return parameter.replace(found[0], found[1]);
}

/** The entries of a file of the encoder, or the reranker, that `config` describes; null where llama.cpp doesn't pool so. */
export function encoderEntries(
  modelType: string,
  config: JsonObject,
  pooling: Pooling | 'rank',
): [string, GgufEntry][] | null {
  const { architecture, keys } = ENCODERS.find(({ type }) => type === modelType)!.gguf!;
  const number = pooling === 'rank' ? RANK_POOLING : POOLING_TYPES[pooling];
  if (number === undefined) return null;
  return [
    ...keys.map(([key, name, type, fallback]): [string, GgufEntry] => {
      const value = Number(config[name] ?? fallback);
      return [`${architecture}.${key}`, { type, value }];
    }),
    [`${architecture}.attention.causal`, { type: 'bool', value: false }],
    [`${architecture}.${POOLING_KEY}`, { type: 'u32', value: number }],
  ];
}
