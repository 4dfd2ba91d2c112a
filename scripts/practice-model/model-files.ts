/** The practice model before it has learned anything: configuration, tokenizer files and random weights. */

import type { TensorToWrite } from '../../main/engine/io/safetensors-write.ts';
import { outline } from '../../main/engine/models/model.ts';
import { readModel } from '../../main/engine/models/registry.ts';
import { Rng, streamSeed } from '../../main/rows/rng.ts';
import { byteCharacters } from './bpe.ts';

const SPECIAL = ['<|pad|>', '<|im_start|>', '<|im_end|>'];

/** Size of the vocabulary, special tokens included. */
export const VOCABULARY = 4096;

export const CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: VOCABULARY,
  hidden_size: 256,
  intermediate_size: 768,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  head_dim: 64,
  hidden_act: 'silu',
  max_position_embeddings: 256,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  attention_bias: false,
  mlp_bias: false,
  tie_word_embeddings: true,
  pad_token_id: 0,
  bos_token_id: 1,
  eos_token_id: 2,
};

/** ChatML, as llama.cpp, Ollama and Transformers know it. */
const TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

export const TOKENIZER_CONFIG = {
  tokenizer_class: 'PreTrainedTokenizerFast',
  clean_up_tokenization_spaces: false,
  model_max_length: CONFIG.max_position_embeddings,
  pad_token: SPECIAL[0],
  bos_token: SPECIAL[1],
  eos_token: SPECIAL[2],
  chat_template: TEMPLATE,
};

export const GENERATION_CONFIG = { bos_token_id: 1, eos_token_id: 2, pad_token_id: 0 };

/** Number of tokens that are not learned from text: special ones. */
export const RESERVED = SPECIAL.length;

/** The content of tokenizer.json: special tokens, bytes, then merges in the order in which they were learned. */
export function tokenizerJson(merges: readonly (readonly [string, string])[]): unknown {
  const tokens = [...SPECIAL, ...byteCharacters(), ...merges.map((pair) => pair.join(''))];
  const added = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const stage = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({ id, content, ...added })),
    normalizer: null,
    pre_tokenizer: stage,
    post_processor: null,
    decoder: { ...stage, add_prefix_space: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}

/**
 * Random first weights: normal with deviation 0.02 (embedding) or 1/sqrt(inputs), output projections smaller by
 * 1/sqrt(2 layers) as in GPT-2; norms are 1.
 */
export function randomWeights(seed: number): TensorToWrite[] {
  const { parameters } = outline(readModel(CONFIG));
  const drawn = (name: string, size: number, deviation: number) => {
    const rng = Rng.fromSeed(streamSeed(seed, 'init', name));
    return Float32Array.from({ length: size }, () => deviation * rng.normal());
  };
  return [...parameters].map(([name, { shape, kind }]) => {
    const size = shape.reduce((product, dim) => product * dim, 1);
    if (kind === 'norm') return { name, dtype: 'f32', shape, data: new Float32Array(size).fill(1) };
    const output = /o_proj|down_proj/.test(name) ? 1 / Math.sqrt(2 * CONFIG.num_hidden_layers) : 1;
    const deviation = kind === 'embedding' ? 0.02 : output / Math.sqrt(shape[1]!);
    return { name, dtype: 'f32', shape, data: drawn(name, size, deviation) };
  });
}
