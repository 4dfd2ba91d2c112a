/** Writes a GGUF file's metadata as the config.json that the same model has on the Hub. */
import type { TensorStore } from '../io/tensor-store.ts';
import { type Json, type JsonObject, unsupported } from '../models/config-reader.ts';

type Read = (key: string) => Json | undefined;

/** The configuration in a GGUF file; an architecture without a reader is refused by name. */
export async function configFromGguf(store: TensorStore): Promise<JsonObject> {
  const architecture = String(store.metadata.get('general.architecture') ?? '');
  const make = Object.hasOwn(ARCHITECTURES, architecture) ? ARCHITECTURES[architecture] : undefined;
  if (!make)
    throw unsupported(
      `GGUF files of the architecture "${architecture}" are not among ${Object.keys(ARCHITECTURES).join(', ')}`,
    );
  const read: Read = (key) => plain(store.metadata.get(`${architecture}.${key}`));
  if (Number(read('expert_count') ?? 0) > 0) throw unsupported('it is a mixture of experts (expert_count)');
  const config = make(read, store);
  const divisors = store.tensors.has('rope_freqs.weight') ? await store.readF32('rope_freqs.weight') : null;
  const rope = divisors ? { rope_scaling: { rope_type: 'gguf_divisors', divisors: [...divisors] } } : {};
  return defined({ ...config, ...rope, vocab_size: vocabSize(store), ...specialTokens(store) });
}

const ARCHITECTURES: Readonly<
  Record<string, (read: Read, store: TensorStore) => Record<string, Json | undefined>>
> = {
  llama: (read, store) => ({
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    ...decoder(read, store),
    attention_bias: store.tensors.has('blk.0.attn_q.bias'),
    mlp_bias: store.tensors.has('blk.0.ffn_up.bias'),
  }),
  qwen2: (read, store) => ({
    model_type: 'qwen2',
    architectures: ['Qwen2ForCausalLM'],
    ...decoder(read, store),
  }),
  qwen3: (read, store) => ({
    model_type: 'qwen3',
    architectures: ['Qwen3ForCausalLM'],
    ...decoder(read, store),
    attention_bias: store.tensors.has('blk.0.attn_q.bias'),
  }),
  gpt2: (read, store) => ({
    model_type: 'gpt2',
    architectures: ['GPT2LMHeadModel'],
    n_embd: read('embedding_length'),
    n_layer: read('block_count'),
    n_head: read('attention.head_count'),
    n_inner: read('feed_forward_length'),
    n_positions: read('context_length'),
    layer_norm_epsilon: read('attention.layer_norm_epsilon'),
    tie_word_embeddings: !store.tensors.has('output.weight'),
  }),
};

function decoder(read: Read, store: TensorStore): Record<string, Json | undefined> {
  const window = read('attention.sliding_window');
  if (typeof window === 'number' && window > 0)
    throw unsupported('its GGUF file asks for a sliding window; use the Hugging Face folder of this model');
  return {
    hidden_size: read('embedding_length'),
    intermediate_size: read('feed_forward_length'),
    num_hidden_layers: read('block_count'),
    num_attention_heads: read('attention.head_count'),
    num_key_value_heads: read('attention.head_count_kv'),
    head_dim: read('attention.key_length') ?? read('rope.dimension_count'),
    max_position_embeddings: read('context_length'),
    rms_norm_eps: read('attention.layer_norm_rms_epsilon'),
    rope_theta: read('rope.freq_base'),
    rope_scaling: ropeScaling(read),
    tie_word_embeddings: !store.tensors.has('output.weight'),
    hidden_act: 'silu',
  };
}

function ropeScaling(read: Read): Json | undefined {
  const older = read('rope.scale_linear');
  const type = read('rope.scaling.type') ?? (older === undefined ? 'none' : 'linear');
  if (type === 'none') return undefined;
  const foreign = ['attn_factor', 'yarn_attn_factor', 'yarn_ext_factor', 'yarn_log_multiplier'].find(
    (key) => (read(`rope.scaling.${key}`) ?? 1) !== 1,
  );
  if (foreign)
    throw unsupported(
      `its GGUF file sets rope.scaling.${foreign}; use the Hugging Face folder of this model`,
    );
  return defined({
    rope_type: type,
    factor: read('rope.scaling.factor') ?? older,
    original_max_position_embeddings: read('rope.scaling.original_context_length'),
    beta_fast: read('rope.scaling.yarn_beta_fast'),
    beta_slow: read('rope.scaling.yarn_beta_slow'),
  });
}

function vocabSize(store: TensorStore): number | undefined {
  return store.tensors.get('token_embd.weight')?.shape[0];
}

function specialTokens(store: TensorStore): Record<string, Json | undefined> {
  const id = (name: string) => plain(store.metadata.get(`tokenizer.ggml.${name}_token_id`));
  return { bos_token_id: id('bos'), eos_token_id: id('eos') };
}

function defined(json: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined)) as JsonObject;
}

/** GGUF stores float32 where JSON has decimals: 1e-5 comes as 0.000009999999747378752, and is meant as 1e-5. */
function plain(value: unknown): Json | undefined {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(7));
  return value as Json | undefined;
}
