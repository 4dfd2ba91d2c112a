/** The families of encoders that Fettle reads. */
import { bert, roberta, xlmRoberta } from './bert.ts';
import { OF_ENCODERS, unknownKeys } from './config-keys.ts';
import { ConfigReader, type JsonObject, unsupported } from './config-reader.ts';
import type { Encoder, EncoderFamily } from './encoder.ts';
import { modernbert } from './modernbert.ts';

export const ENCODERS: readonly EncoderFamily[] = [bert, roberta, xlmRoberta, modernbert];

export const ENCODER_TYPES: readonly string[] = ENCODERS.map(({ type }) => type);

/** Types of encoders that Fettle does not compute, and architectures of GGUF files. */
const OTHERS = new Set(
  'albert camembert deberta deberta-v2 distilbert electra eurobert ernie mpnet nomic_bert xlm xlm-roberta-xl gemma-embedding jina-bert-v2 modern-bert neo-bert nomic-bert nomic-bert-moe'.split(
    ' ',
  ),
);

/** Whether a config.json is that of an encoder, which reads and does not write; Fettle computes some of them. */
export function isEncoder({ model_type: type }: { readonly model_type?: unknown }): boolean {
  return typeof type === 'string' && (OTHERS.has(type) || ENCODER_TYPES.includes(type));
}

/** Whether it has a head that gives scores instead of vectors: a reranker, or a classifier that other programs trained. */
export function hasScoreHead({ architectures }: { readonly architectures?: unknown }): boolean {
  return String([architectures].flat()[0]).endsWith('ForSequenceClassification');
}

/** The encoder that a config.json describes. Throws an AppError that names what is not supported. */
export function readEncoder(config: JsonObject): Encoder {
  const reader = new ConfigReader(config);
  const type = reader.text('model_type');
  const family = ENCODERS.find((one) => one.type === type);
  if (family) return family.read(reader);
  throw unsupported(`models of the type "${type}" are not among ${ENCODER_TYPES.join(', ')}`);
}

/** Keys of a config.json that may change what is computed and that Fettle does not know; of one that `readEncoder` takes. */
export function encoderKeysNotKnown(config: JsonObject): readonly string[] {
  const reader = new ConfigReader(config);
  ENCODERS.find(({ type }) => type === config.model_type)?.read(reader);
  return unknownKeys(reader, OF_ENCODERS);
}
