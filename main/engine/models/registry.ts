/** The model families that Fettle trains, and what is refused before anything is loaded. */
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import type { TensorStore } from '../io/tensor-store.ts';
import { unknownKeys } from './config-keys.ts';
import { ConfigReader, type JsonObject, unsupported } from './config-reader.ts';
import { ENCODER_TYPES, isEncoder } from './encoders.ts';
import { exaone4 } from './exaone.ts';
import { type Family, languageConfig } from './family.ts';
import { gemma3 } from './gemma.ts';
import { gemma4 } from './gemma4.ts';
import { type GgufMetadata, ggufConfig, readerOf } from './gguf.ts';
import { gpt2 } from './gpt2.ts';
import { granite, granite4 } from './granite.ts';
import { lfm2 } from './lfm2.ts';
import { llama } from './llama.ts';
import { ministral3, mistral } from './mistral.ts';
import type { Described, Model } from './model.ts';
import { olmo2, olmo3 } from './olmo.ts';
import { phi3 } from './phi.ts';
import { qwen2, qwen3 } from './qwen.ts';
import { qwen35 } from './qwen3-5.ts';
import { MODULES } from './sentence-modules.ts';
import { smollm3 } from './smollm3.ts';
import { categoriesIn, sorting } from './sorting.ts';

export { ENCODER_ARCHITECTURES } from './encoder-gguf.ts';
export { ENCODER_TYPES, hasScoreHead, isEncoder } from './encoders.ts';
export type { ModelShape } from './family.ts';
export { outline } from './model.ts';
export { MODULES, sentenceModules } from './sentence-modules.ts';

export const FAMILIES: readonly Family[] = [
  gpt2,
  llama,
  mistral,
  qwen2,
  qwen3,
  qwen35,
  smollm3,
  gemma3,
  gemma4,
  phi3,
  ministral3,
  granite,
  granite4,
  olmo2,
  olmo3,
  exaone4,
  lfm2,
];

export const MODEL_TYPES: readonly string[] = FAMILIES.map(({ type }) => type);

/** Types of multimodal checkpoints whose language part is trained. */
export const WRAPPER_TYPES: readonly string[] = FAMILIES.flatMap(({ wrapper }) => wrapper?.type ?? []);

export function familyOf(type: string): Family | undefined {
  return FAMILIES.find((family) => family.type === type);
}

/** All titles as a list that ends in `last`; `also` names their well-known models of other names, too. */
export function familyTitles(last: 'and' | 'or', also = false): string {
  const titles = FAMILIES.flatMap((family) =>
    family.titles.map((title) => (also && family.also ? `${title} (also ${family.also})` : title)),
  );
  return `${titles.slice(0, -1).join(', ')} ${last} ${titles.at(-1)}`;
}

/** The model that a config.json describes. Throws an AppError that names what is not supported. */
export function readModel(config: JsonObject): Model {
  return advised(() => {
    const model = readDecoder(config);
    if (model.readsBothWays)
      throw unsupported('it looks ahead in the text (use_bidirectional_attention), as EmbeddingGemma does');
    return model;
  }, config);
}

/** The same, also of one that reads and doesn't write. */
export function readDecoder(config: JsonObject): Model {
  return advised(() => {
    const reader = new ConfigReader(languageOf(config));
    refuseUnsupported(new ConfigReader(config));
    refuseUnsupported(reader);
    const type = reader.text('model_type');
    const family = familyOf(type);
    const reason = reasonOf(reader.json);
    const why = reason
      ? `${reason} (model_type "${type}")`
      : `models of the type "${type}" are not among ${MODEL_TYPES.join(', ')}`;
    if (!family) throw unsupported(why);
    const model = family.read(reader);
    const categories = categoriesIn(config);
    return categories ? sorting(model, categories) : model;
  }, config);
}

/** Keys of a config.json that may change what is computed and that Fettle does not know; of a configuration that `readModel` takes. */
export function keysNotKnown(config: JsonObject): readonly string[] {
  const reader = new ConfigReader(languageOf(config));
  refuseUnsupported(reader);
  familyOf(reader.text('model_type'))?.read(reader);
  return unknownKeys(reader);
}

type Kind = { readonly model_type?: unknown };

/** Whether a folder with that config.json and files of these `names` has a decoder that makes vectors of texts. */
export function isSentenceDecoder({ model_type: type }: Kind, names: readonly string[]): boolean {
  return MODEL_TYPES.includes(String(type)) && names.includes(MODULES);
}

/** The same of any model that Fettle makes vectors with, an encoder or such a decoder. */
export function makesVectors(config: Kind, names: readonly string[]): boolean {
  return ENCODER_TYPES.includes(String(config.model_type)) || isSentenceDecoder(config, names);
}

/** The configuration of the language model that `config` describes: itself, or what a multimodal checkpoint holds. */
export function languageOf(config: JsonObject): JsonObject {
  const family = FAMILIES.find(({ wrapper }) => wrapper && wrapper.type === config.model_type);
  if (!family) return config;
  return { model_type: family.type, ...languageConfig(config, family.wrapper!) };
}

/** The config.json of the model in a GGUF file; an architecture that no family reads is refused by name. */
export async function configFromGguf(store: TensorStore): Promise<JsonObject> {
  const readable = FAMILIES.flatMap(({ gguf }) => (gguf.config ? gguf.architecture : []));
  const architecture = String(store.metadata.get('general.architecture') ?? '');
  const file = await readerOf(store, architecture);
  const named = { model_type: architecture };
  const config = advised(
    () => {
      const family = FAMILIES.find(({ gguf }) => gguf.config && gguf.architecture === architecture);
      const reason = reasonOf(named);
      const why = reason
        ? `${reason} (general.architecture "${architecture}")`
        : `GGUF files of the architecture "${architecture}" are not among ${readable.join(', ')}`;
      if (!family) throw unsupported(why);
      if (Number(file.read('expert_count') ?? 0) > 0)
        throw unsupported('it is a mixture of experts (expert_count)');
      return { model_type: family.type, ...family.gguf.config!(file) };
    },
    isEncoder(named) ? named : undefined,
  );
  return await ggufConfig(store, config, file);
}

/** The architecture of a model as llama.cpp knows it, its entries under their full keys. */
export function ggufArchitecture(described: Described): GgufMetadata & { readonly name: string } {
  const { architecture: name, metadata } = familyOf(described.model.modelType)!.gguf;
  const { entries, ...others } = metadata({ ...described, config: languageOf(described.config) });
  return { name, ...others, entries: entries.map(([key, entry]) => [`${name}.${key}`, entry]) };
}

/** Says of a model that is refused which ones can be chosen. */
function advised<Result>(read: () => Result, of?: JsonObject): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'unsupported-model') throw error;
    const hint =
      (of && nearestTo(of.quantization_config ? of : languageOf(of))) ??
      say`Choose a dense ${familyTitles('or')} model in float32, float16 or bfloat16.`;
    throw new AppError(error.code, error.message, hint);
  }
}

const EXPERT_COUNTS = ['num_experts', 'num_local_experts', 'n_routed_experts'];
const EXPERT_KEYS = [...EXPERT_COUNTS, 'moe_intermediate_size', 'num_experts_per_tok'];

function refuseUnsupported(c: ConfigReader): void {
  const scheme = c.object('quantization_config');
  if (scheme) {
    const method = scheme.raw('quant_method');
    throw unsupported(
      `its weights are quantised with ${typeof method === 'string' ? method : 'an unknown scheme'} (quantization_config)`,
    );
  }
  // a family of both kinds says in the number of experts that it has none
  const none = EXPERT_COUNTS.some((key) => c.raw(key) === 0);
  const expert = none ? undefined : EXPERT_KEYS.find((key) => Number(c.raw(key) ?? 0) > 0);
  if (expert) throw unsupported(`it is a mixture of experts (${expert})`);
  const isKnown = FAMILIES.some(({ wrapper }) => wrapper?.type === c.raw('model_type'));
  if (c.object('vision_config') && !isKnown) throw unsupported('it reads images (vision_config)');
  if (c.raw('is_encoder_decoder') === true)
    throw unsupported('it is an encoder-decoder model (is_encoder_decoder)');
}

/** What is known of models that are not trained: why, and the nearest one that is. */

/** Nearest models by the type of those that are refused; the reason where the type alone says it. */
const EXPERTS = 'it is a mixture of experts';
const STATES = 'it has state-space layers';
const ENCODER = 'it is an encoder-decoder model';
const REFUSED: Readonly<Record<string, readonly [reason: string | null, nearest: string]>> = {
  mixtral: [EXPERTS, 'Mistral 7B'],
  qwen2_moe: [EXPERTS, 'Qwen2.5 3B'],
  qwen3_moe: [EXPERTS, 'Qwen3 4B'],
  qwen3_next: [EXPERTS, 'Qwen3.5 4B'],
  qwen3_5_moe: [EXPERTS, 'Qwen3.5 4B'],
  qwen3_5_moe_text: [EXPERTS, 'Qwen3.5 4B'],
  phimoe: [EXPERTS, 'Phi-3.5 mini'],
  olmoe: [EXPERTS, 'OLMo 2 1B'],
  flex_olmo: [EXPERTS, 'OLMo 3 7B'],
  granitemoe: [EXPERTS, 'Granite 3.3 2B'],
  granitemoeshared: [EXPERTS, 'Granite 3.3 2B'],
  granitemoehybrid: [null, 'Granite 4.0 1B'],
  gemma4_text: [null, 'Gemma 4 E2B'],
  lfm2_moe: [EXPERTS, 'LFM2 1.2B'],
  gpt_oss: [EXPERTS, 'Qwen3.5 4B'],
  deepseek_v2: [EXPERTS, 'Qwen3 4B'],
  deepseek_v3: [EXPERTS, 'Qwen3 4B'],
  llama4: [EXPERTS, 'Llama 3.2 3B'],
  llama4_text: [EXPERTS, 'Llama 3.2 3B'],
  mistral4: [EXPERTS, 'Ministral 3 8B'],
  mamba: [STATES, 'LFM2 350M'],
  mamba2: [STATES, 'LFM2 350M'],
  falcon_mamba: [STATES, 'LFM2 1.2B'],
  falcon_h1: [STATES, 'LFM2 1.2B'],
  bamba: [STATES, 'Granite 3.3 8B'],
  jamba: [STATES, 'LFM2 1.2B'],
  zamba2: [STATES, 'LFM2 1.2B'],
  nemotron_h: [STATES, 'LFM2 1.2B'],
  t5: [ENCODER, 'Gemma 3 270M'],
  mt5: [ENCODER, 'Gemma 3 270M'],
  t5gemma: [ENCODER, 'Gemma 3 1B'],
  bart: [ENCODER, 'Gemma 3 270M'],
  gemma: [null, 'Gemma 3 1B'],
  gemma2: [null, 'Gemma 3 4B'],
  gemma3_text: [null, 'Gemma 3 270M'],
  gemma3n: [null, 'Gemma 4 E2B'],
  lfm2_vl: [null, 'LFM2 1.2B'],
  phi: [null, 'Phi-4 mini'],
  phi4mm: [null, 'Phi-4 mini'],
  qwen2_vl: [null, 'Qwen3.5 2B'],
  qwen2_5_vl: [null, 'Qwen3.5 4B'],
  qwen3_vl: [null, 'Qwen3.5 4B'],
  smolvlm: [null, 'SmolLM2 1.7B'],
};

function rowOf({ model_type: type }: JsonObject) {
  return typeof type === 'string' && Object.hasOwn(REFUSED, type) ? REFUSED[type]! : null;
}

/** Why models of that type are not trained, where the type alone says it. */
export function reasonOf(config: JsonObject): string | null {
  if (isEncoder(config)) return 'it reads texts and writes none';
  return rowOf(config)?.[0] ?? null;
}

/** What to choose instead of the model with that configuration; null where nothing is known to be near. */
export function nearestTo(config: JsonObject): string | null {
  if (config.quantization_config)
    return say`Choose the model that it was made from: its name has no GPTQ, AWQ or FP8 (of Ministral 3, it ends in BF16).`;
  if (isEncoder(config))
    return say`It is made for sorting and finding texts. To train and chat, choose a model that writes, such as SmolLM2 135M.`;
  const row = rowOf(config);
  return row && say`The nearest model that can be trained is ${row[1]}.`;
}
