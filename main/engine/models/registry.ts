/** The supported families by `model_type`, and what is refused before anything is loaded. */
import { ConfigReader, type JsonObject, unsupported } from './config-reader.ts';
import { readGpt2 } from './gpt2.ts';
import { readLlama } from './llama.ts';
import { readMistral } from './mistral.ts';
import type { Model } from './model.ts';
import { readQwen2, readQwen3 } from './qwen.ts';

const FAMILIES: Readonly<Record<string, (config: ConfigReader) => Model>> = {
  gpt2: readGpt2,
  llama: readLlama,
  mistral: readMistral,
  qwen2: readQwen2,
  qwen3: readQwen3,
};

export const MODEL_TYPES = Object.keys(FAMILIES);

/** The model that a config.json describes. Throws an AppError that names what is not supported. */
export function readModel(config: JsonObject): Model {
  const reader = new ConfigReader(config);
  refuseUnsupported(reader);
  const modelType = reader.text('model_type');
  const read = Object.hasOwn(FAMILIES, modelType) ? FAMILIES[modelType] : undefined;
  if (!read) throw unsupported(`models of the type "${modelType}" are not among ${MODEL_TYPES.join(', ')}`);
  return read(reader);
}

const EXPERT_KEYS = [
  'num_experts',
  'num_local_experts',
  'n_routed_experts',
  'moe_intermediate_size',
  'num_experts_per_tok',
];

function refuseUnsupported(c: ConfigReader): void {
  const scheme = c.object('quantization_config');
  if (scheme) {
    const method = scheme.json.quant_method;
    throw unsupported(
      `its weights are quantised with ${typeof method === 'string' ? method : 'an unknown scheme'} (quantization_config)`,
    );
  }
  const expert = EXPERT_KEYS.find((key) => Number(c.json[key] ?? 0) > 0);
  if (expert) throw unsupported(`it is a mixture of experts (${expert})`);
  if (c.object('vision_config')) throw unsupported('it reads images (vision_config)');
  if (c.json.is_encoder_decoder === true) throw unsupported('it is an encoder-decoder model');
}
