/**
 * Metadata of GGUF files, both ways: read as the config.json that the same model has on the Hub, and written as llama.cpp wants
 * it. What llama.cpp would compute differently is refused by name, or kept out of reach by a shorter context.
 */
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import type { GgufEntry } from '../io/gguf-types.ts';
import type { TensorStore } from '../io/tensor-store.ts';
import { MAIN_ROPE, type Rope, type RopeScaling } from '../nn/rope.ts';
import { ConfigReader, type Json, type JsonObject, unsupported } from './config-reader.ts';
import type { Described } from './model.ts';

/** A file of one architecture. */
export interface GgufFile {
  /** The value of a key, which is given without the architecture before it. */
  read(key: string): Json | undefined;
  has(tensor: string): boolean;
}

type Config = Readonly<Record<string, Json | undefined>>;

export function readerOf({ metadata, tensors }: TensorStore, architecture: string): GgufFile {
  return {
    read: (key) => plain(metadata.get(`${architecture}.${key}`)),
    has: (tensor) => tensors.has(tensor),
  };
}

/** The configuration of a family with what all files say alike; `divisors` are those of its rotary frequencies, where it has some. */
export function ggufConfig(store: TensorStore, config: Config, divisors: Float32Array | null): JsonObject {
  const id = (name: string) => plain(store.metadata.get(`tokenizer.ggml.${name}_token_id`));
  return defined({
    ...config,
    ...(divisors && { rope_scaling: { rope_type: 'gguf_divisors', divisors: [...divisors] } }),
    vocab_size: store.tensors.get('token_embd.weight')?.shape[0],
    bos_token_id: id('bos'),
    eos_token_id: id('eos'),
  });
}

/** The keys that all Llama-like architectures have. */
export function decoderConfig({ read, has }: GgufFile): Config {
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
    tie_word_embeddings: !has('output.weight'),
    hidden_act: 'silu',
  };
}

function ropeScaling(read: GgufFile['read']): Json | undefined {
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

function defined(json: Config): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined)) as JsonObject;
}

/** GGUF stores float32 where JSON has decimals: 1e-5 comes as 0.000009999999747378752, and is meant as 1e-5. */
function plain(value: unknown): Json | undefined {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(7));
  return value as Json | undefined;
}

type Entries = readonly (readonly [key: string, GgufEntry])[];

export interface GgufMetadata {
  /** Keys without the architecture before them. */
  readonly entries: Entries;
  /** Divisors of the rotary frequencies, which are a tensor of their own; null where there are none. */
  readonly ropeDivisors: Float32Array | null;
  /** What a person should know. */
  readonly notes: readonly string[];
}

/** What llama.cpp computes in a Llama-like architecture. */
export interface DecoderAbilities {
  /** Activation functions of the MLP. */
  readonly activations?: readonly string[];
  /** Whether it looks for divisors of the rotary frequencies, which Llama 3's scaling is written as. */
  readonly ropeDivisors?: boolean;
  /** The narrowest attention window of the model, which llama.cpp does not limit; null where all layers see all. */
  readonly window?: number | null;
}

/** The entries that all Llama-like architectures have. */
export function decoderMetadata(
  architecture: string,
  { model, config, outline }: Described,
  { activations = ['silu', 'swish'], ropeDivisors = false, window = null }: DecoderAbilities = {},
): GgufMetadata {
  const c = new ConfigReader(config);
  requireActivation(c.text('hidden_act', 'silu'), activations);
  const rope = model.ropes.get(MAIN_ROPE)!;
  const { entries, reach, notes } = ropeEntries(rope.scaling, ropeDivisors ? null : architecture);
  const context = Math.min(model.maxPositions, window ?? model.maxPositions, reach ?? model.maxPositions);
  const limited = window !== null && window < model.maxPositions;
  return {
    entries: [
      ['vocab_size', u32(model.vocabSize)],
      ['context_length', u32(context)],
      ['embedding_length', u32(model.hiddenSize)],
      ['block_count', u32(model.layers)],
      ['feed_forward_length', u32(outline.linears.get('model.layers.0.mlp.down_proj')!.inputs)],
      ['attention.head_count', u32(model.heads)],
      ['attention.head_count_kv', u32(model.kvHeads)],
      ['attention.key_length', u32(model.headDim)],
      ['attention.value_length', u32(model.headDim)],
      ['attention.layer_norm_rms_epsilon', f32(c.number('rms_norm_eps', 1e-6))],
      ['rope.dimension_count', u32(rope.width)],
      ['rope.freq_base', f32(rope.theta)],
      ...entries,
    ],
    ropeDivisors: divisorsOf(rope),
    notes: limited
      ? [
          ...notes,
          say`In llama.cpp this model reads at most ${window} tokens, because llama.cpp lacks its sliding attention window.`,
        ]
      : notes,
  };
}

interface RopeWords {
  readonly entries: Entries;
  /** Tokens up to which llama.cpp computes what the model does; null for all. */
  readonly reach: number | null;
  readonly notes: readonly string[];
}

/** `without`: an architecture for which llama.cpp has no divisors. */
function ropeEntries(scaling: RopeScaling, without: string | null): RopeWords {
  const none: RopeWords = { entries: [], reach: null, notes: [] };
  switch (scaling.type) {
    case 'default':
      return none;
    case 'linear':
      return { ...none, entries: [scalingType('linear'), ['rope.scaling.factor', f32(scaling.factor)]] };
    case 'dynamic':
      return {
        ...none,
        reach: scaling.originalPositions,
        notes: [
          say`In llama.cpp this model reads at most ${scaling.originalPositions} tokens, because llama.cpp lacks its dynamic scaling of positions.`,
        ],
      };
    case 'llama3':
    case 'divisors':
      if (without === null) return none;
      throw notInGguf(`rotary scaling of the type ${scaling.type} in a ${without} model`);
    case 'yarn':
      return { ...none, entries: yarnEntries(scaling) };
    default:
      throw notInGguf(`rotary scaling of the type ${scaling.type}`);
  }
}

function yarnEntries(scaling: Extract<RopeScaling, { type: 'yarn' }>): Entries {
  const { factor, originalPositions, betaFast, betaSlow, truncate, attentionFactor } = scaling;
  const usual = factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
  if (!truncate) throw notInGguf('YaRN scaling without rounded borders (truncate: false)');
  if (Math.abs(attentionFactor - usual) > 1e-6 * usual)
    throw notInGguf(`YaRN scaling with an attention factor of its own (${attentionFactor})`);
  return [
    scalingType('yarn'),
    ['rope.scaling.factor', f32(factor)],
    ['rope.scaling.original_context_length', u32(originalPositions)],
    ['rope.scaling.yarn_beta_fast', f32(betaFast)],
    ['rope.scaling.yarn_beta_slow', f32(betaSlow)],
  ];
}

function scalingType(value: string): Entries[number] {
  return ['rope.scaling.type', { type: 'string', value }];
}

/** By what each plain frequency is divided: GGUF keeps Llama 3's scaling in this form. */
function divisorsOf({ width, theta, scaling }: Rope): Float32Array | null {
  if (scaling.type === 'divisors') return Float32Array.from(scaling.divisors);
  if (scaling.type !== 'llama3') return null;
  const { factor, lowFactor, highFactor, originalPositions } = scaling;
  return Float32Array.from({ length: width / 2 }, (_, i) => {
    const wavelength = 2 * Math.PI * theta ** ((2 * i) / width);
    if (wavelength < originalPositions / highFactor) return 1;
    if (wavelength > originalPositions / lowFactor) return factor;
    const smooth = (originalPositions / wavelength - lowFactor) / (highFactor - lowFactor);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}

export function requireActivation(name: string, known: readonly string[]): void {
  if (!known.includes(name)) throw notInGguf(`the activation function ${name} in this architecture`);
}

export function u32(value: number): GgufEntry {
  return { type: 'u32', value };
}

export function f32(value: number): GgufEntry {
  return { type: 'f32', value };
}

export function notInGguf(what: string): AppError {
  return new AppError(
    'export-unsupported',
    say`This model can't be saved as GGUF: llama.cpp doesn't support ${what}.`,
    say`Save it as safetensors instead.`,
  );
}
