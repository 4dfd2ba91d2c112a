/**
 * Metadata of GGUF files, both ways: read as the config.json that the same model has on the Hub, and written as llama.cpp wants it. What
 * llama.cpp would compute differently is refused by name, or kept out of reach by a shorter context.
 */
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import type { GgufEntry } from '../io/gguf-types.ts';
import type { TensorStore } from '../io/tensor-store.ts';
import { MAIN_ROPE, type Rope, type RopeScaling, ropeFrequencies } from '../nn/rope.ts';
import { ConfigReader, type Json, type JsonObject, unsupported } from './config-reader.ts';
import type { Described } from './model.ts';

/** A file of one architecture. */
export interface GgufFile {
  /** The value of a key, which is given without the architecture before it. */
  read(key: string): Json | undefined;
  has(tensor: string): boolean;
  /** Rows of a matrix; the converter writes that of one row as a list. */
  rows(tensor: string): number | undefined;
  /** Divisors of the rotary frequencies, null for none. */
  readonly divisors: readonly number[] | null;
}

/** Tensors of divisors of the rotary frequencies: one for all lengths, or one up to the original length and one beyond. */
const ROPE_FREQS = 'rope_freqs.weight';
const ROPE_SHORT = 'rope_factors_short.weight';
const ROPE_LONG = 'rope_factors_long.weight';

/** Whether a tensor is no parameter but says how to rotate. */
export function isRopeTensor(name: string): boolean {
  return name === ROPE_FREQS || name === ROPE_SHORT || name === ROPE_LONG;
}

type Config = Readonly<Record<string, Json | undefined>>;

export async function readerOf(store: TensorStore, architecture: string): Promise<GgufFile> {
  const { metadata, tensors } = store;
  return {
    divisors: tensors.has(ROPE_FREQS) ? [...(await store.readF32(ROPE_FREQS))] : null,
    read: (key) => plain(metadata.get(`${architecture}.${key}`)),
    has: (tensor) => tensors.has(tensor),
    rows: (tensor) => {
      const shape = tensors.get(tensor)?.shape;
      return shape?.length === 1 ? 1 : shape?.[0];
    },
  };
}

/** The configuration of a family with what all files say alike, and with the divisors of rotary frequencies that are tensors. */
export async function ggufConfig(
  store: TensorStore,
  config: Config,
  { divisors }: GgufFile,
): Promise<JsonObject> {
  const list = async (tensor: string) => [...(await store.readF32(tensor))];
  const id = (name: string) => plain(store.metadata.get(`tokenizer.ggml.${name}_token_id`));
  return defined({
    ...config,
    ...(divisors &&
      config.rope_parameters === undefined && { rope_scaling: { rope_type: 'gguf_divisors', divisors } }),
    ...(store.tensors.has(ROPE_LONG) && {
      rope_scaling: {
        ...(config.rope_scaling as JsonObject),
        rope_type: 'longrope',
        short_factor: await list(ROPE_SHORT),
        long_factor: await list(ROPE_LONG),
      },
    }),
    vocab_size: store.tensors.get('token_embd.weight')?.shape[0],
    bos_token_id: id('bos'),
    eos_token_id: id('eos'),
  });
}

/** The keys that all Llama-like architectures have; `windows` tells that the family reads those of its windows itself. */
export function decoderConfig({ read, has }: GgufFile, { windows = false } = {}): Config {
  const window = read('attention.sliding_window');
  if (!windows && typeof window === 'number' && window > 0)
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
  const attention = read('rope.scaling.attn_factor') ?? 1;
  const foreign = [
    ...['yarn_attn_factor', 'yarn_ext_factor', 'yarn_log_multiplier'],
    ...(type === 'yarn' || type === 'longrope' ? [] : ['attn_factor']),
  ].find((key) => (read(`rope.scaling.${key}`) ?? 1) !== 1);
  if (foreign)
    throw unsupported(
      `its GGUF file sets rope.scaling.${foreign}; use the Hugging Face folder of this model`,
    );
  if (type === 'none') return undefined;
  const factor = read('rope.scaling.factor') ?? older;
  const isOwn = attention !== 1 && typeof attention === 'number' && typeof factor === 'number';
  return defined({
    rope_type: type,
    factor: type === 'longrope' ? undefined : factor,
    original_max_position_embeddings: read('rope.scaling.original_context_length'),
    beta_fast: read('rope.scaling.yarn_beta_fast'),
    beta_slow: read('rope.scaling.yarn_beta_slow'),
    attention_factor: type === 'longrope' ? attention : isOwn ? attention * yarnFactor(factor) : undefined,
  });
}

/** What YaRN scales queries and keys with where nothing else is said (Peng et al. 2023). */
function yarnFactor(factor: number): number {
  return factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
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

export type Entries = readonly (readonly [key: string, GgufEntry])[];

export interface GgufMetadata {
  /** Keys without the architecture before them. */
  readonly entries: Entries;
  /** Divisors of the rotary frequencies, which are tensors of their own. */
  readonly ropeTensors: ReadonlyMap<string, Float32Array>;
  /** What a person should know. */
  readonly notes: readonly string[];
}

/** Llama 3's scaling, which is written as divisors. */
export const LLAMA3_ROPE = ['llama3', 'divisors'] as const;

/** What llama.cpp computes in a Llama-like architecture. */
interface DecoderAbilities {
  /** Activation functions of the MLP. */
  readonly activations?: readonly string[];
  /** Where the configuration names it, if not as `hidden_act`. */
  readonly activationKey?: string;
  /** The default of `rms_norm_eps`. */
  readonly normEps?: number;
  /** Scalings that it reads as tensors of divisors of the rotary frequencies. */
  readonly ropeTensors?: readonly RopeScaling['type'][];
  /** Whether it reads YaRN's borders; the others have 32 and 1. */
  readonly yarnBorders?: boolean;
  /** The name of the MLP's last matrix in a layer. */
  readonly down?: string;
  /** What it is told besides, instead of entries of the same keys. */
  readonly own?: Entries;
  /** The narrowest attention window of the model, which llama.cpp does not limit; null where all layers see all. */
  readonly window?: number | null;
}

/** The entries that all Llama-like architectures have. */
export function decoderMetadata(
  architecture: string,
  { model, config, outline }: Described,
  abilities: DecoderAbilities = {},
): GgufMetadata {
  const { activations = ['silu', 'swish'], activationKey = 'hidden_act' } = abilities;
  const { normEps = 1e-6, window = null, down = 'mlp.down_proj', own = [] } = abilities;
  const c = new ConfigReader(config);
  requireActivation(c.text(activationKey, activations[0]), activations);
  const rope = model.ropes.get(MAIN_ROPE)!;
  const { entries, reach, notes } = ropeEntries(rope, architecture, abilities);
  const context = Math.min(model.maxPositions, window ?? model.maxPositions, reach ?? model.maxPositions);
  const owned = new Set(own.map(([key]) => key));
  const limited = window !== null && window < model.maxPositions;
  const usual: Entries = [
    ['vocab_size', u32(model.vocabSize)],
    ['context_length', u32(context)],
    ['embedding_length', u32(model.hiddenSize)],
    ['block_count', u32(model.layers)],
    ['feed_forward_length', u32(outline.linears.get(`model.layers.0.${down}`)!.inputs)],
    ['attention.head_count', u32(model.heads)],
    ['attention.head_count_kv', u32(model.kvHeads)],
    ['attention.key_length', u32(model.headDim)],
    ['attention.value_length', u32(model.headDim)],
    ['attention.layer_norm_rms_epsilon', f32(c.number('rms_norm_eps', normEps))],
    ['rope.dimension_count', u32(rope.width)],
    ['rope.freq_base', f32(rope.theta)],
    ...entries,
  ];
  return {
    entries: [...usual.filter(([key]) => !owned.has(key)), ...own],
    ropeTensors: ropeTensors(rope),
    notes: limited
      ? [
          ...notes,
          say`In llama.cpp this model reads at most ${window} tokens, because llama.cpp lacks its sliding attention window.`,
        ]
      : notes,
  };
}

/** The window of a model whose windows are one in its file; null where no layer has any. */
export function narrowest(windowOf: (layer: number) => number | null, layers: number): number | null {
  const windows = Array.from({ length: layers }, (_, layer) => windowOf(layer) ?? Number.POSITIVE_INFINITY);
  const window = Math.min(...windows);
  return Number.isFinite(window) ? window : null;
}

/** The entries of layers with an attention window where llama.cpp has them at each place but every `period`th. */
export function windowEntries(windowOf: (layer: number) => number | null, layers: number): Entries {
  const windows = Array.from({ length: layers }, (_, layer) => windowOf(layer));
  const window = windows.find((each) => each !== null);
  if (window === undefined || window === null) return [];
  // 0 stands for a window in each layer
  const period = Array.from({ length: layers + 2 }, (_, n) => n).find((n) =>
    windows.every((own, layer) => (own !== null) === (n === 0 || layer % n < n - 1)),
  );
  if (period === undefined) throw notInGguf('attention windows in layers at irregular places');
  return [
    ['attention.sliding_window', u32(window)],
    ['attention.sliding_window_pattern', u32(period)],
  ];
}

/** The kind of each layer in a file that says which have a window: as a list, or all but every so many-th. */
export function layerTypesIn({ read }: GgufFile, usualPeriod: number): string[] | undefined {
  const [window, layers] = [read('attention.sliding_window'), read('block_count')];
  if (typeof layers !== 'number' || layers > 1000) return undefined;
  const pattern = read('attention.sliding_window_pattern') ?? usualPeriod;
  const isLocal = (layer: number) => {
    if (typeof window !== 'number' || window === 0) return false;
    if (Array.isArray(pattern)) return pattern[layer] === true || pattern[layer] === 1;
    return pattern === 0 || layer % Number(pattern) < Number(pattern) - 1;
  };
  return Array.from({ length: layers }, (_, layer) =>
    isLocal(layer) ? 'sliding_attention' : 'full_attention',
  );
}

interface RopeWords {
  readonly entries: Entries;
  /** Tokens up to which llama.cpp computes what the model does; null for all. */
  readonly reach: number | null;
  readonly notes: readonly string[];
}

function ropeEntries(rope: Rope, architecture: string, abilities: DecoderAbilities): RopeWords {
  const { scaling } = rope;
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
    case 'proportional':
    case 'longrope': {
      if (!abilities.ropeTensors?.includes(scaling.type))
        throw notInGguf(`rotary scaling of the type ${scaling.type} in a ${architecture} model`);
      return scaling.type === 'longrope' ? longropeWords(scaling) : none;
    }
    case 'yarn':
      return { ...none, entries: yarnEntries({ ...rope, scaling }, abilities) };
  }
}

function longropeWords(scaling: Extract<RopeScaling, { type: 'longrope' }>): RopeWords {
  return {
    entries: [
      scalingType('longrope'),
      ['rope.scaling.original_context_length', u32(scaling.originalPositions)],
      ['rope.scaling.attn_factor', f32(scaling.attentionFactor)],
    ],
    reach: null,
    notes: [
      say`llama.cpp scales positions for long texts as soon as its context is longer than ${scaling.originalPositions} tokens. Keep the context within that unless you need more.`,
    ],
  };
}

function yarnEntries(
  rope: Rope & { readonly scaling: Extract<RopeScaling, { type: 'yarn' }> },
  { yarnBorders = false }: DecoderAbilities,
): Entries {
  const { factor, originalPositions, betaFast, betaSlow, truncate, attentionFactor } = rope.scaling;
  const usual = yarnFactor(factor);
  if (!truncate) throw notInGguf('YaRN scaling without rounded borders (truncate: false)');
  const asUsual = ropeFrequencies({ ...rope, scaling: { ...rope.scaling, betaFast: 32, betaSlow: 1 } }, 1);
  if (!yarnBorders && ropeFrequencies(rope, 1).some((own, i) => own !== asUsual[i]))
    throw notInGguf(`YaRN scaling with borders of its own (${betaFast} and ${betaSlow})`);
  const isUsual = Math.abs(attentionFactor - usual) <= 1e-6 * usual;
  return [
    scalingType('yarn'),
    ['rope.scaling.factor', f32(factor)],
    ['rope.scaling.original_context_length', u32(originalPositions)],
    ['rope.scaling.yarn_beta_fast', f32(betaFast)],
    ['rope.scaling.yarn_beta_slow', f32(betaSlow)],
    ...(isUsual ? [] : ([['rope.scaling.attn_factor', f32(attentionFactor / usual)]] as const)),
  ];
}

function scalingType(value: string): Entries[number] {
  return ['rope.scaling.type', { type: 'string', value }];
}

/** The divisor of frequencies that are as good as none. */
export const UNROTATED = 1e30;

function ropeTensors(rope: Rope): ReadonlyMap<string, Float32Array> {
  const { scaling } = rope;
  if (scaling.type === 'longrope')
    return new Map([
      [ROPE_LONG, Float32Array.from(scaling.long)],
      [ROPE_SHORT, Float32Array.from(scaling.short)],
    ]);
  const divisors = divisorsOf(rope);
  return new Map(divisors ? [[ROPE_FREQS, divisors]] : []);
}

/** By what each plain frequency is divided: GGUF keeps Llama 3's scaling in this form. */
function divisorsOf({ width, theta, scaling }: Rope): Float32Array | null {
  if (scaling.type === 'divisors') return Float32Array.from(scaling.divisors);
  if (scaling.type === 'proportional') {
    const { factor, rotatedPairs } = scaling;
    return Float32Array.from({ length: width / 2 }, (_, i) => (i < rotatedPairs ? factor : UNROTATED));
  }
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
