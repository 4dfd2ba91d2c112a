/** What is known of models that are not trained: why, and the nearest one that is. */
import { say } from '../../../common/words/language.ts';
import type { JsonObject } from './config-reader.ts';

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
  return rowOf(config)?.[0] ?? null;
}

/** What to choose instead of the model with that configuration; null where nothing is known to be near. */
export function nearestTo(config: JsonObject): string | null {
  if (config.quantization_config)
    return say`Choose the model that it was made from: its name has no GPTQ, AWQ or FP8 (of Ministral 3, it ends in BF16).`;
  const row = rowOf(config);
  return row && say`The nearest model that can be trained is ${row[1]}.`;
}
