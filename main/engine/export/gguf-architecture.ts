/**
 * What llama.cpp must be told of a model: its architecture with all sizes, and the rotary scaling. What llama.cpp would
 * compute differently is refused by name, or kept out of reach by a shorter context.
 */
import { AppError } from '../../errors.ts';
import type { GgufEntry } from '../io/gguf-write.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { ConfigReader } from '../models/config-reader.ts';
import { qwenWindows } from '../models/decoder-model.ts';
import type { RopeScaling } from '../nn/rope.ts';

export interface GgufArchitecture {
  readonly name: string;
  readonly entries: readonly (readonly [string, GgufEntry])[];
  /** Divisors of the rotary frequencies, which are a tensor of their own; null where there are none. */
  readonly ropeDivisors: Float32Array | null;
  /** What a person should know. */
  readonly notes: readonly string[];
}

type Entries = [string, GgufEntry][];

/** The architecture of `opened` as llama.cpp knows it. Throws AppError for settings that it does not have. */
export function ggufArchitecture(opened: OpenedModel): GgufArchitecture {
  const make = ARCHITECTURES[opened.model.modelType];
  if (!make) throw unsupported(`models of the type ${opened.model.modelType}`);
  return make(opened);
}

const ARCHITECTURES: Readonly<Record<string, (opened: OpenedModel) => GgufArchitecture>> = {
  llama: (opened) => decoder('llama', opened, null),
  mistral: (opened) => {
    const c = new ConfigReader(opened.config);
    return decoder('llama', opened, c.has('sliding_window') ? c.optionalSize('sliding_window') : 4096);
  },
  qwen2: (opened) => decoder('qwen2', opened, narrowestWindow(opened)),
  qwen3: (opened) => decoder('qwen3', opened, narrowestWindow(opened)),
  gpt2,
};

function narrowestWindow({ config, model }: OpenedModel): number | null {
  const windowOf = qwenWindows(new ConfigReader(config), model.layers);
  const windows = Array.from({ length: model.layers }, (_, layer) => windowOf(layer));
  const set = windows.filter((window) => window !== null);
  return set.length === 0 ? null : Math.min(...set);
}

function decoder(name: string, opened: OpenedModel, window: number | null): GgufArchitecture {
  const { model, config, outline } = opened;
  const c = new ConfigReader(config);
  requireActivation(c.text('hidden_act', 'silu'), ['silu', 'swish']);
  const rope = ropeEntries(name, model.rope!.scaling);
  const reach = Math.min(window ?? Number.POSITIVE_INFINITY, rope.reach ?? Number.POSITIVE_INFINITY);
  const context = Math.min(model.maxPositions, reach);
  const key = (suffix: string) => `${name}.${suffix}`;
  const entries: Entries = [
    [key('vocab_size'), u32(model.vocabSize)],
    [key('context_length'), u32(context)],
    [key('embedding_length'), u32(model.hiddenSize)],
    [key('block_count'), u32(model.layers)],
    [key('feed_forward_length'), u32(outline.linears.get('model.layers.0.mlp.up_proj')!.outputs)],
    [key('attention.head_count'), u32(model.heads)],
    [key('attention.head_count_kv'), u32(model.kvHeads)],
    [key('attention.key_length'), u32(model.headDim)],
    [key('attention.value_length'), u32(model.headDim)],
    [key('attention.layer_norm_rms_epsilon'), f32(c.number('rms_norm_eps', 1e-6))],
    [key('rope.dimension_count'), u32(model.rope!.width)],
    [key('rope.freq_base'), f32(model.rope!.theta)],
    ...rope.entries.map(([suffix, entry]): [string, GgufEntry] => [key(suffix), entry]),
  ];
  const notes = [...rope.notes];
  if (window !== null && window < model.maxPositions) {
    notes.push(
      `llama.cpp does not limit attention to this model's window of ${window} tokens, so the file states a context of ${window}: up to there nothing differs.`,
    );
  }
  return { name, entries, ropeDivisors: divisorsOf(opened), notes };
}

function gpt2({ model, config, outline }: OpenedModel): GgufArchitecture {
  const c = new ConfigReader(config);
  requireActivation(c.text('activation_function', 'gelu_new'), [
    'gelu_new',
    'gelu_pytorch_tanh',
    'gelu_fast',
  ]);
  if (!c.flag('scale_attn_weights', true))
    throw unsupported('attention without scaling (scale_attn_weights)');
  if (c.flag('scale_attn_by_inverse_layer_idx', false))
    throw unsupported('attention scaled by layer (scale_attn_by_inverse_layer_idx)');
  const entries: Entries = [
    ['gpt2.vocab_size', u32(model.vocabSize)],
    ['gpt2.context_length', u32(model.maxPositions)],
    ['gpt2.embedding_length', u32(model.hiddenSize)],
    ['gpt2.block_count', u32(model.layers)],
    ['gpt2.feed_forward_length', u32(outline.linears.get('transformer.h.0.mlp.c_fc')!.outputs)],
    ['gpt2.attention.head_count', u32(model.heads)],
    ['gpt2.attention.layer_norm_epsilon', f32(c.number('layer_norm_epsilon', 1e-5))],
  ];
  return { name: 'gpt2', entries, ropeDivisors: null, notes: [] };
}

interface RopeWords {
  readonly entries: Entries;
  /** Tokens up to which llama.cpp computes what the model does; null for all. */
  readonly reach: number | null;
  readonly notes: readonly string[];
}

function ropeEntries(architecture: string, scaling: RopeScaling): RopeWords {
  const none: RopeWords = { entries: [], reach: null, notes: [] };
  switch (scaling.type) {
    case 'default':
      return none;
    case 'linear':
      return { ...none, entries: [...scalingType('linear'), ['rope.scaling.factor', f32(scaling.factor)]] };
    case 'dynamic':
      return {
        ...none,
        reach: scaling.originalPositions,
        notes: [
          `llama.cpp has no dynamic rotary scaling, so the file states a context of ${scaling.originalPositions} tokens: up to there nothing differs.`,
        ],
      };
    case 'llama3':
    case 'divisors':
      if (architecture === 'llama') return none;
      throw unsupported(`rotary scaling of the type ${scaling.type} in a ${architecture} model`);
    case 'yarn':
      return { ...none, entries: yarnEntries(scaling) };
    default:
      throw unsupported(`rotary scaling of the type ${scaling.type}`);
  }
}

function yarnEntries(scaling: Extract<RopeScaling, { type: 'yarn' }>): Entries {
  const { factor, originalPositions, betaFast, betaSlow, truncate, attentionFactor } = scaling;
  const usual = factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
  if (!truncate) throw unsupported('YaRN scaling without rounded borders (truncate: false)');
  if (Math.abs(attentionFactor - usual) > 1e-6 * usual)
    throw unsupported(`YaRN scaling with an attention factor of its own (${attentionFactor})`);
  return [
    ...scalingType('yarn'),
    ['rope.scaling.factor', f32(factor)],
    ['rope.scaling.original_context_length', u32(originalPositions)],
    ['rope.scaling.yarn_beta_fast', f32(betaFast)],
    ['rope.scaling.yarn_beta_slow', f32(betaSlow)],
  ];
}

function scalingType(value: string): Entries {
  return [['rope.scaling.type', { type: 'string', value }]];
}

/** By what each plain frequency is divided: GGUF keeps Llama 3's scaling in this form. */
function divisorsOf({ model }: OpenedModel): Float32Array | null {
  const rope = model.rope!;
  if (rope.scaling.type === 'divisors') return Float32Array.from(rope.scaling.divisors);
  if (rope.scaling.type !== 'llama3') return null;
  const { factor, lowFactor, highFactor, originalPositions } = rope.scaling;
  return Float32Array.from({ length: rope.width / 2 }, (_, i) => {
    const wavelength = 2 * Math.PI * rope.theta ** ((2 * i) / rope.width);
    if (wavelength < originalPositions / highFactor) return 1;
    if (wavelength > originalPositions / lowFactor) return factor;
    const smooth = (originalPositions / wavelength - lowFactor) / (highFactor - lowFactor);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}

function requireActivation(name: string, known: readonly string[]): void {
  if (!known.includes(name)) throw unsupported(`the activation function ${name} in this architecture`);
}

function u32(value: number): GgufEntry {
  return { type: 'u32', value };
}

function f32(value: number): GgufEntry {
  return { type: 'f32', value };
}

function unsupported(what: string): AppError {
  return new AppError(
    'export-unsupported',
    `This model cannot be written as GGUF: llama.cpp does not have ${what}.`,
    'Export it with --as safetensors instead.',
  );
}
