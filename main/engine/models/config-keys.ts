/** Keys of config.json that no family's reader needs, and those that nobody here knows. */
import type { ConfigReader, Json, JsonObject } from './config-reader.ts';

/**
 * What Transformers knows, and what changes nothing that is computed in a family whose reader does not ask for it: tests/golden tries
 * each in all families. Dropout is not among what Fettle takes from there.
 */
const WITHOUT_EFFECT = new Set(
  `
  architectures auto_map bos_token_id chunk_size_feed_forward dtype eos_token_id id2label initializer_range label2id license
  model_type num_labels output_hidden_states output_attentions pad_token_id pretraining_tp problem_type return_dict torch_dtype
  torchscript transformers_version unk_token_id use_cache
  attention_dropout attn_pdrop classifier_dropout embd_pdrop embedding_dropout hidden_dropout mlp_dropout resid_pdrop
  summary_activation summary_first_dropout summary_proj_to_labels summary_type summary_use_proj task_specific_params
  activation_function add_cross_attention attention_bias attention_k_eq_v attention_multiplier attn_implementation
  attn_logit_softcapping block_auto_adjust_ff_dim block_dim block_ff_dim block_ffn_dim_multiplier block_multiple_of
  block_norm_eps block_use_swiglu clip_qkv conv_L_cache conv_bias conv_dim conv_dim_out embedding_multiplier enable_moe_block
  final_logit_softcapping full_attention_interval full_attn_idxs global_head_dim head_dim hidden_act hidden_activation
  hidden_size hidden_size_per_layer_input interleaved_sliding_window intermediate_size layer_norm_epsilon layer_types
  layers_block_type linear_conv_kernel_dim linear_key_head_dim linear_num_key_heads linear_num_value_heads
  linear_value_head_dim logit_scale logits_scaling mamba_chunk_size mamba_conv_bias mamba_d_conv mamba_d_head mamba_d_state
  mamba_expand mamba_n_groups mamba_n_heads mamba_proj_bias max_position_embeddings max_window_layers mlp_bias
  moe_intermediate_size mscale n_ctx n_embd n_head n_inner n_layer n_positions no_rope_layer_interval no_rope_layers
  norm_bias norm_eps num_attention_heads num_experts num_experts_per_tok num_global_key_value_heads num_heads
  num_hidden_layers num_key_value_heads num_kv_shared_layers num_local_experts original_max_position_embeddings
  output_router_logits partial_rotary_factor per_layer_config position_embedding_type qk_norm query_pre_attn_scalar
  reorder_and_upcast_attn residual_multiplier rms_norm_eps rope_interleaved rope_local_base_freq rope_parameters
  rope_scaling rope_theta rotary_dim router_aux_loss_coef scale_attn_by_inverse_layer_idx scale_attn_weights
  scale_embedding shared_intermediate_size sliding_window sliding_window_pattern theta tie_embedding tie_word_embeddings
  time_step_limit top_k_experts use_bidirectional_attention use_double_wide_mlp use_pos_enc use_qk_norm
  use_sliding_window vocab_size vocab_size_per_layer_input
  `
    .trim()
    .split(/\s+/),
);

/** The same of encoders: settings of parts behind them, of how they were first filled, and of other programs. */
export const OF_ENCODERS: ReadonlySet<string> = new Set(
  `
  attention_probs_dropout_prob classifier_activation classifier_bias classifier_pooling cls_token_id decoder_bias
  deterministic_flash_attn directionality embedding_size global_attn_every_n_layers global_rope_theta gradient_checkpointing
  hidden_dropout_prob initializer_cutoff_factor is_encoder_decoder layer_norm_eps local_attention local_rope_theta output_past
  pooler_fc_size pooler_num_attention_heads pooler_num_fc_layers pooler_size_per_head pooler_type position_biased_input
  reference_compile repad_logits_with_grad sparse_pred_ignore_index sparse_prediction
  `
    .trim()
    .split(/\s+/),
);

/** What makers of published models note for programs of their own; Transformers asks for none of it. */
const OF_MAKERS = new Set(
  `
  attn_output_gate block_mlp_init_scale block_out_init_scale block_use_xavier_init cache_implementation conv_use_xavier_init
  full_attn_mod init_method interpolate_factor is_llama_config lm_head_bias mamba_ssm_dtype
  mlp_only_layers mtp_num_hidden_layers mtp_use_dedicated_embeddings normalization_function transformers.js_config
  `
    .trim()
    .split(/\s+/),
);

/** What says how answers are chosen, which Transformers takes out of the configuration. */
const OF_GENERATION = new Set(
  `
  assistant_confidence_threshold assistant_lookbehind bad_words_ids begin_suppress_tokens diversity_penalty do_sample early_stopping
  encoder_no_repeat_ngram_size encoder_repetition_penalty epsilon_cutoff eta_cutoff num_assistant_tokens
  num_assistant_tokens_schedule target_lookbehind
  exponential_decay_length_penalty forced_bos_token_id forced_eos_token_id length_penalty max_length max_new_tokens min_length
  no_repeat_ngram_size num_beam_groups num_beams num_return_sequences output_scores prefix remove_invalid_values
  repetition_penalty return_dict_in_generate sep_token_id suppress_tokens temperature top_k top_p typical_p
  `
    .trim()
    .split(/\s+/),
);

/** What rotary settings may say; a scaling reads its own and leaves the others. */
const ROTARY = new Set(
  `
  attention_factor beta_fast beta_slow divisors factor finetuned full_attention high_freq_factor llama_4_scaling_beta
  long_factor low_freq_factor mrope_interleaved mrope_section mscale mscale_all_dim original_max_position_embeddings
  partial_rotary_factor rope_theta rope_type short_factor sliding_attention truncate type
  `
    .trim()
    .split(/\s+/),
);

/** Whether a key changes nothing where a family does not read it; an underscore begins those that programs keep for themselves. */
const isWithoutEffect = (key: string): boolean =>
  key.startsWith('_') ||
  key.startsWith('unsloth_') ||
  [WITHOUT_EFFECT, OF_MAKERS, OF_GENERATION].some((keys) => keys.has(key));

/** The keys of a configuration, `read` by its family, that nobody here knows; rotary settings with their path. `also` are without effect, too. */
export function unknownKeys(read: ConfigReader, also?: ReadonlySet<string>): readonly string[] {
  const rotary = ['rope_parameters', 'rope_scaling'].flatMap((key) => unknownIn(read.raw(key), key));
  return [...read.unread.filter((key) => !isWithoutEffect(key) && !also?.has(key)), ...rotary];
}

function unknownIn(settings: Json | undefined, path: string): string[] {
  if (settings === null || typeof settings !== 'object' || Array.isArray(settings)) return [];
  return Object.entries(settings as JsonObject).flatMap(([key, value]) =>
    ROTARY.has(key) ? unknownIn(value, `${path}.${key}`) : [`${path}.${key}`],
  );
}
