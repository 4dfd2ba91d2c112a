/**
 * A model of a large shape that takes no room on the disk: a true configuration, the practice model's tokenizer, and a weights file
 * with the right header whose data is a hole. Planning reads nothing of it but the header.
 */
import fs from 'node:fs';
import path from 'node:path';
import { SAFETENSORS_DTYPES } from '../../main/engine/io/safetensors.ts';
import type { JsonObject } from '../../main/engine/models/config-reader.ts';
import { outline } from '../../main/engine/models/model.ts';
import { readModel } from '../../main/engine/models/registry.ts';
import { configOf, shapeOf } from '../../main/plan/shapes.ts';

const PRACTICE = path.join(import.meta.dirname, '..', '..', 'resources', 'practice-model');
const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json'];
const BFLOAT_BYTES = 2;

/** config.json of Llama 3.1 8B, as far as it decides the graph (huggingface.co/meta-llama/Llama-3.1-8B). */
export const LLAMA_8B: JsonObject = {
  ...{ architectures: ['LlamaForCausalLM'], model_type: 'llama', hidden_act: 'silu' },
  ...{ hidden_size: 4096, intermediate_size: 14336, num_hidden_layers: 32, vocab_size: 128256 },
  ...{ num_attention_heads: 32, num_key_value_heads: 8, head_dim: 128, rms_norm_eps: 1e-5 },
  ...{ max_position_embeddings: 131072, rope_theta: 500000, tie_word_embeddings: false },
  ...{ attention_bias: false, mlp_bias: false, dtype: 'bfloat16' },
  rope_scaling: {
    ...{ factor: 8, low_freq_factor: 1, high_freq_factor: 4 },
    ...{ original_max_position_embeddings: 8192, rope_type: 'llama3' },
  },
};

/** The shapes of well-known models, as far as they decide the graph: config.json of each at huggingface.co. */
export const CONFIGS = {
  'qwen3-0.6b': {
    ...{ architectures: ['Qwen3ForCausalLM'], model_type: 'qwen3', hidden_act: 'silu', dtype: 'bfloat16' },
    ...{ hidden_size: 1024, intermediate_size: 3072, num_hidden_layers: 28, vocab_size: 151936 },
    ...{ num_attention_heads: 16, num_key_value_heads: 8, head_dim: 128, rms_norm_eps: 1e-6 },
    ...{ max_position_embeddings: 40960, rope_theta: 1000000, tie_word_embeddings: true },
    ...{ use_sliding_window: false, attention_bias: false },
  },
  'llama-1b': {
    ...LLAMA_8B,
    ...{ hidden_size: 2048, intermediate_size: 8192, num_hidden_layers: 16, tie_word_embeddings: true },
    ...{ num_attention_heads: 32, num_key_value_heads: 8, head_dim: 64 },
    rope_scaling: null,
  },
  'qwen-3b': {
    ...{ architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2', hidden_act: 'silu', dtype: 'bfloat16' },
    ...{ hidden_size: 2048, intermediate_size: 11008, num_hidden_layers: 36, vocab_size: 151936 },
    ...{ num_attention_heads: 16, num_key_value_heads: 2, rms_norm_eps: 1e-6, rope_theta: 1000000 },
    ...{ max_position_embeddings: 32768, tie_word_embeddings: true, use_sliding_window: false },
  },
  'qwen-7b': {
    ...{ architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2', hidden_act: 'silu', dtype: 'bfloat16' },
    ...{ hidden_size: 3584, intermediate_size: 18944, num_hidden_layers: 28, vocab_size: 152064 },
    ...{ num_attention_heads: 28, num_key_value_heads: 4, rms_norm_eps: 1e-6, rope_theta: 1000000 },
    ...{ max_position_embeddings: 32768, tie_word_embeddings: false, use_sliding_window: false },
  },
  'mistral-7b': {
    ...{ architectures: ['MistralForCausalLM'], model_type: 'mistral', hidden_act: 'silu' },
    ...{ hidden_size: 4096, intermediate_size: 14336, num_hidden_layers: 32, vocab_size: 32768 },
    ...{ num_attention_heads: 32, num_key_value_heads: 8, head_dim: 128, rms_norm_eps: 1e-5 },
    ...{ max_position_embeddings: 32768, rope_theta: 1000000, tie_word_embeddings: false },
    ...{ sliding_window: null, dtype: 'bfloat16' },
  },
  'llama-8b': LLAMA_8B,
  'lfm2-350m': {
    ...{ architectures: ['Lfm2ForCausalLM'], model_type: 'lfm2', dtype: 'bfloat16', norm_eps: 1e-5 },
    ...{
      hidden_size: 1024,
      block_ff_dim: 6656,
      block_multiple_of: 256,
      num_hidden_layers: 16,
      vocab_size: 65536,
    },
    ...{ num_attention_heads: 16, num_key_value_heads: 8, conv_L_cache: 3, conv_bias: false },
    ...{ full_attn_idxs: [2, 5, 8, 10, 12, 14], max_position_embeddings: 128000, tie_embedding: true },
    rope_theta: 1000000,
  },
  'qwen3.5-0.8b': {
    ...{
      architectures: ['Qwen3_5ForCausalLM'],
      model_type: 'qwen3_5_text',
      hidden_act: 'silu',
      dtype: 'bfloat16',
    },
    ...{ hidden_size: 1024, intermediate_size: 3584, num_hidden_layers: 24, vocab_size: 248320 },
    ...{ num_attention_heads: 8, num_key_value_heads: 2, head_dim: 256, tie_word_embeddings: true },
    ...{ linear_num_key_heads: 16, linear_num_value_heads: 16, full_attention_interval: 4 },
    ...{ max_position_embeddings: 262144, rms_norm_eps: 1e-6 },
    rope_parameters: { rope_type: 'default', rope_theta: 10000000, partial_rotary_factor: 0.25 },
  },
  'gemma-3-270m': published('google/gemma-3-270m'),
  'gemma-3-1b': published('google/gemma-3-1b-pt'),
  'smollm3-3b': published('HuggingFaceTB/SmolLM3-3B'),
} satisfies Readonly<Record<string, JsonObject>>;

/** A shape that the planner knows. */
function published(repo: string): JsonObject {
  return configOf(shapeOf(repo)!) as JsonObject;
}

export type ConfigName = keyof typeof CONFIGS;

/** Writes a model of `config` whose weights are a hole of the right size in bfloat16; gives its folder. */
export function writeHollowModel(folder: string, config: JsonObject): string {
  fs.mkdirSync(folder, { recursive: true });
  for (const file of TOKENIZER_FILES) fs.copyFileSync(path.join(PRACTICE, file), path.join(folder, file));
  fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify(config));
  const { header, bytes } = headerOf(config);
  const weights = path.join(folder, 'model.safetensors');
  fs.writeFileSync(weights, header);
  fs.truncateSync(weights, bytes);
  return folder;
}

function headerOf(config: JsonObject): { header: Buffer; bytes: number } {
  const model = readModel(config);
  const [dtype] = Object.entries(SAFETENSORS_DTYPES).find(([, name]) => name === 'bf16')!;
  let at = 0;
  const entries = [...outline(model).parameters].map(([name, { shape }]) => {
    const start = at;
    at += BFLOAT_BYTES * shape.reduce((product, size) => product * size, 1);
    return [model.storedNames(name)[0]!, { dtype, shape, data_offsets: [start, at] }] as const;
  });
  // filled up with spaces as makers' files are, so that 16 bits can be mapped where they lie
  const text = JSON.stringify(Object.fromEntries(entries));
  const json = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return { header: Buffer.concat([length, json]), bytes: 8 + json.length + at };
}
