/**
 * Gemma 4's dense decoders (E2B, E4B, 31B): Gemma 3 with a second embedding for each layer, heads of another width in the layers that see
 * all, and upper layers that attend to the keys and values of a lower one.
 */
import type { LayerSizes } from '../nn/decoder.ts';
import { MAIN_ROPE } from '../nn/rope.ts';
import {
  ConfigReader,
  type Json,
  type JsonObject,
  mismatch,
  readRope,
  unsupported,
} from './config-reader.ts';
import {
  attentionBias,
  DECODER_PLANNER,
  type DecoderDefaults,
  decoderConfigOf,
  decoderModel,
  readDecoder,
  readWindows,
} from './decoder-model.ts';
import type { Family, ModelShape } from './family.ts';
import { decoderConfig, decoderMetadata, f32, type GgufFile, notInGguf, UNROTATED, u32 } from './gguf.ts';

const GEMMA4: DecoderDefaults = {
  vocabSize: 262144,
  hiddenSize: 2304,
  mlpSize: 9216,
  layers: 30,
  heads: 8,
  kvHeads: 4,
  headDim: 256,
  maxPositions: 131072,
  tiedHead: true,
  activation: 'gelu_pytorch_tanh',
  activationKey: 'hidden_activation',
  rope: { layers: 'sliding_attention' },
};

const LOCAL = 'local';
const PERIOD = 6;
const FULL_ROPE = { rope_type: 'proportional', partial_rotary_factor: 0.25, rope_theta: 1e6 };

const GGUF_NAMES = {
  embed_tokens_per_layer: 'per_layer_token_embd',
  per_layer_model_projection: 'per_layer_model_proj',
  per_layer_projection_norm: 'per_layer_proj_norm',
  per_layer_input_gate: 'inp_gate',
  per_layer_projection: 'proj',
  post_per_layer_input_norm: 'post_norm',
  layer_scalar: 'layer_output_scale',
};

export const gemma4: Family = {
  type: 'gemma4_text',
  titles: ['Gemma 4'],
  wrapper: { type: 'gemma4', tiedHead: true },
  read(given) {
    refuse(given);
    const c = withRope(given);
    const decoder = readDecoder(c, GEMMA4);
    const { layers, hiddenSize, maxPositions } = decoder;
    const own = layersOf(c, layers);
    const full = own.sizes.find((_, layer) => own.windowOf(layer) === null);
    const main = readRope(c, full?.headDim ?? decoder.headDim, maxPositions, {
      layers: 'full_attention',
      theta: FULL_ROPE.rope_theta,
    });
    const width = c.raw('hidden_size_per_layer_input');
    const rows = c.size('vocab_size_per_layer_input', 262144);
    return decoderModel(
      'gemma4_text',
      {
        ...decoder,
        placement: 'sandwich',
        headNorm: 'each',
        valueNorm: true,
        ...attentionBias(c),
        ropes: new Map([
          [MAIN_ROPE, main],
          [LOCAL, decoder.ropes.get(MAIN_ROPE)!],
        ]),
        ropeOf: (layer) => (own.windowOf(layer) === null ? MAIN_ROPE : LOCAL),
        windowOf: own.windowOf,
        sizesOf: (layer) => own.sizes[layer]!,
        sharedOf: (layer) => own.sources[layer]!,
        keysAsValues: (layer) => own.keysAsValues && own.windowOf(layer) === null,
        layerEmbedding:
          width === 0 || width === null ? null : { width: c.size('hidden_size_per_layer_input', 256), rows },
        layerScalar: true,
        embeddingScale: Math.sqrt(hiddenSize),
        queryScale: 1,
        logitCap: c.optionalNumber('final_logit_softcapping'),
      },
      false,
      { names: GGUF_NAMES },
    );
  },
  gguf: {
    architecture: 'gemma4',
    withoutAdapters: ['per_layer_model_projection'],
    config: configFromFile,
    metadata(described) {
      const { config, model } = described;
      const c = withRope(new ConfigReader(config));
      if (c.flag('attention_bias', false)) throw notInGguf('biases in Gemma’s attention (attention_bias)');
      if (
        c.raw('hidden_size_per_layer_input') !== 0 &&
        c.size('vocab_size_per_layer_input', 262144) !== model.vocabSize
      )
        throw notInGguf('another number of tokens in the second embedding (vocab_size_per_layer_input)');
      const { sizes, sources, windowOf } = layersOf(c, model.layers);
      const first = sources.findIndex((source) => source !== null);
      const shared = first < 0 ? 0 : model.layers - first;
      const expected = (layer: number) => first - (windowOf(layer) === null ? 1 : 2);
      if (sources.some((source, layer) => source !== null && source !== expected(layer)))
        throw notInGguf('shared keys and values from other layers than the last two (num_kv_shared_layers)');
      const [main, local] = [model.ropes.get(MAIN_ROPE)!, model.ropes.get(LOCAL)!];
      if (main.scaling.type !== 'proportional' || local.scaling.type !== 'default')
        throw notInGguf('another rotation than Gemma 4’s usual one');
      const isLocal = sizes.map((_, layer) => windowOf(layer) !== null);
      const [full, near] = [isLocal.indexOf(false), isLocal.indexOf(true)];
      if (full < 0 || near < 0) throw notInGguf('layers of one kind only');
      const { headDim, kvHeads } = model;
      const each = (key: 'mlpSize' | 'kvHeads', usual: number) => ({
        type: 'i32s' as const,
        value: sizes.map((size) => size[key] ?? usual),
      });
      const cap = c.raw('final_logit_softcapping');
      const fullDim = sizes[full]!.headDim ?? headDim;
      return decoderMetadata('gemma4', described, {
        activations: ['gelu_pytorch_tanh', 'gelu_new'],
        activationKey: 'hidden_activation',
        ropeTensors: ['proportional'],
        own: [
          ['feed_forward_length', each('mlpSize', c.size('intermediate_size', GEMMA4.mlpSize))],
          ['attention.head_count_kv', each('kvHeads', kvHeads)],
          ['attention.key_length', u32(fullDim)],
          ['attention.value_length', u32(fullDim)],
          ['attention.key_length_swa', u32(headDim)],
          ['attention.value_length_swa', u32(headDim)],
          ['attention.sliding_window', u32(windowOf(near)!)],
          ['attention.sliding_window_pattern', { type: 'i32s', value: isLocal.map(Number) }],
          ['attention.shared_kv_layers', u32(shared)],
          ['embedding_length_per_layer_input', u32(Number(c.raw('hidden_size_per_layer_input') ?? 256))],
          ['rope.dimension_count', u32(fullDim)],
          ['rope.dimension_count_swa', u32(headDim)],
          ['rope.freq_base_swa', f32(local.theta)],
          ...(typeof cap === 'number' ? [['final_logit_softcapping', f32(cap)] as const] : []),
        ],
      });
    },
  },
  planner: {
    published: {
      bfloat16: {
        'google/gemma-4-E2B': ['Gemma 4 E2B', 35, 1536, 8, 1, 6144, 262_144, true, 131_072, 256],
        'google/gemma-4-E2B-it': ['Gemma 4 E2B it', 35, 1536, 8, 1, 6144, 262_144, true, 131_072, 256],
        'google/gemma-4-E4B': ['Gemma 4 E4B', 42, 2560, 8, 2, 10_240, 262_144, true, 131_072, 256],
        'google/gemma-4-E4B-it': ['Gemma 4 E4B it', 42, 2560, 8, 2, 10_240, 262_144, true, 131_072, 256],
      },
    },
    ...DECODER_PLANNER,
    configOf: (shape) => ({ ...decoderConfigOf(shape), ...edgeConfigOf(shape) }),
  },
};

/** What the models for small devices have in their last layers, and which layers see all. */
function edgeConfigOf({ layers, width }: ModelShape): JsonObject {
  const isSmaller = width < 2560;
  const interval = isSmaller ? 5 : 6;
  return {
    num_kv_shared_layers: isSmaller ? 20 : 18,
    use_double_wide_mlp: isSmaller,
    sliding_window: 512,
    layer_types: Array.from({ length: layers }, (_, layer) =>
      (layer + 1) % interval === 0 ? 'full_attention' : 'sliding_attention',
    ),
  };
}

function refuse(c: ConfigReader): void {
  if (c.flag('enable_moe_block', false)) throw unsupported('it is a mixture of experts (enable_moe_block)');
  if (c.raw('use_bidirectional_attention') === 'all')
    throw unsupported('it looks ahead in the text (use_bidirectional_attention)');
}

/** The configuration with the rotations that its class takes for itself. */
function withRope(c: ConfigReader): ConfigReader {
  if (c.raw('rope_parameters') != null) return c;
  const sliding_attention = { rope_type: 'default', rope_theta: 10000 };
  return c.with({ rope_parameters: { full_attention: FULL_ROPE, sliding_attention } });
}

type Size = Partial<LayerSizes>;

/** What the layers have of their own, and whose keys and values they attend to. */
function layersOf(c: ConfigReader, layers: number) {
  // the last layer always sees all, whatever the list says
  const types = c.texts('layer_types');
  const listed =
    types?.length === layers ? c.with({ layer_types: [...types.slice(0, -1), 'full_attention'] }) : c;
  const isLocal = (layer: number) => (layer + 1) % PERIOD !== 0 && layer < layers - 1;
  const windowOf = readWindows(listed, layers, isLocal, c.size('sliding_window', 512));
  const keysAsValues = c.flag('attention_k_eq_v', false);
  const shared = Number(c.raw('num_kv_shared_layers') ?? 0) === 0 ? 0 : c.size('num_kv_shared_layers');
  if (shared >= layers) throw mismatch(`${shared} of ${layers} layers have no keys of their own`);
  const first = layers - shared;
  const wide = c.flag('use_double_wide_mlp', false) ? 2 : 1;
  const mlpSize = c.size('intermediate_size', GEMMA4.mlpSize);
  const overrides = overridesOf(c, layers, (layer) => windowOf(layer) === null, keysAsValues);
  const sizes = overrides.map(
    (own, layer): Size => (layer < first || wide === 1 ? own : { ...own, mlpSize: wide * mlpSize }),
  );
  for (const [layer, size] of sizes.entries()) {
    const like = sizes[sizes.findIndex((_, i) => (windowOf(i) === null) === (windowOf(layer) === null))]!;
    if (size.headDim !== like.headDim)
      throw unsupported('its heads differ within layers of one kind (per_layer_config)');
  }
  const sources = sizes.map((_, layer) => {
    if (layer < first) return null;
    for (let source = first - 1; source >= 0; source--)
      if ((windowOf(source) === null) === (windowOf(layer) === null)) return source;
    throw mismatch(`layer ${layer} attends to the keys of a lower layer of its kind, and there is none`);
  });
  return { windowOf, sizes, sources, keysAsValues };
}

const OVERRIDES: Readonly<Record<string, keyof Size>> = {
  head_dim: 'headDim',
  num_key_value_heads: 'kvHeads',
};

/** Sizes of heads by layer: as `per_layer_config` lists them, else those of all layers that see all. */
function overridesOf(
  c: ConfigReader,
  layers: number,
  seesAll: (layer: number) => boolean,
  keysAsValues: boolean,
): readonly Size[] {
  // null says that no layer has anything of its own
  const listed = c.raw('per_layer_config') === null ? new ConfigReader({}) : c.object('per_layer_config');
  return Array.from({ length: layers }, (_, layer): Size => {
    if (!listed) {
      if (!seesAll(layer)) return {};
      const kvHeads = keysAsValues ? c.optionalSize('num_global_key_value_heads') : null;
      return { headDim: c.size('global_head_dim', 512), ...(kvHeads !== null && { kvHeads }) };
    }
    const own = listed.object(String(layer));
    const size: { -readonly [key in keyof Size]: number } = {};
    for (const key of own?.keys ?? []) {
      const name = Object.hasOwn(OVERRIDES, key) ? OVERRIDES[key] : undefined;
      if (name === undefined) throw unsupported(`its layers differ in ${key} (per_layer_config)`);
      size[name] = own!.size(key);
    }
    return size;
  });
}

function configFromFile(file: GgufFile): Readonly<Record<string, Json | undefined>> {
  const { read } = file;
  const { hidden_act: _, rope_theta: theta, ...shared } = decoderConfig(file, { windows: true });
  const layers = Number(read('block_count'));
  const pattern = listOf(read('attention.sliding_window_pattern'), layers);
  const [kv, mlp] = [
    listOf(read('attention.head_count_kv'), layers),
    listOf(read('feed_forward_length'), layers),
  ];
  const isLocal = pattern.map((each) => each === true || each === 1);
  const near = Math.max(0, isLocal.indexOf(true));
  const full = Number(read('attention.key_length'));
  const rotated = (file.divisors ?? []).filter((divisor) => divisor < UNROTATED / 2).length;
  const overrides = isLocal.flatMap((local, layer): [string, JsonObject][] =>
    local ? [] : [[String(layer), { head_dim: full, num_key_value_heads: kv[layer] as number }]],
  );
  return {
    architectures: ['Gemma4ForCausalLM'],
    ...shared,
    hidden_activation: 'gelu_pytorch_tanh',
    num_key_value_heads: kv[near] as number,
    intermediate_size: mlp[0] as number,
    use_double_wide_mlp: mlp.at(-1) !== mlp[0],
    head_dim: read('attention.key_length_swa'),
    sliding_window: read('attention.sliding_window'),
    layer_types: isLocal.map((local) => (local ? 'sliding_attention' : 'full_attention')),
    per_layer_config: Object.fromEntries(overrides),
    num_kv_shared_layers: read('attention.shared_kv_layers') ?? 0,
    hidden_size_per_layer_input: read('embedding_length_per_layer_input') ?? 0,
    vocab_size_per_layer_input: file.rows('per_layer_token_embd.weight'),
    attention_k_eq_v: !file.has(`blk.${Math.max(0, isLocal.indexOf(false))}.attn_v.weight`),
    final_logit_softcapping: read('final_logit_softcapping') ?? null,
    rope_parameters: {
      full_attention: {
        rope_type: 'proportional',
        rope_theta: theta ?? 10000,
        partial_rotary_factor: file.divisors ? (2 * rotated) / full : 1,
      },
      sliding_attention: { rope_type: 'default', rope_theta: read('rope.freq_base_swa') ?? 10000 },
    },
  };
}

/** A value for each layer: a list has them, anything else is the same for all. */
function listOf(value: Json | undefined, layers: number): readonly Json[] {
  if (!Array.isArray(value)) return Array.from({ length: Math.min(layers, 1000) }, () => value ?? null);
  if (value.length !== layers) throw mismatch(`a list of ${value.length} layers, the model has ${layers}`);
  return value;
}
