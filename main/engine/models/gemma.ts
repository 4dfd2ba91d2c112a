/** Gemma 3: norms on both sides of attention and MLP, and on queries and keys; five layers of six see a window and rotate by their own base. */
import { MAIN_ROPE } from '../nn/rope.ts';
import { ConfigReader, readRope, unsupported } from './config-reader.ts';
import {
  attentionBias,
  DECODER_PLANNER,
  type DecoderDefaults,
  decoderConfigOf,
  decoderModel,
  readDecoder,
  readWindows,
} from './decoder-model.ts';
import type { Family } from './family.ts';
import { decoderConfig, decoderMetadata, f32, layerTypesIn, notInGguf, windowEntries } from './gguf.ts';
import type { Model } from './model.ts';

const GEMMA3: DecoderDefaults = {
  vocabSize: 262208,
  hiddenSize: 2304,
  mlpSize: 9216,
  layers: 26,
  heads: 8,
  kvHeads: 4,
  headDim: 256,
  maxPositions: 131072,
  tiedHead: true,
  activation: 'gelu_pytorch_tanh',
  activationKey: 'hidden_activation',
  rope: { layers: 'full_attention', theta: 1e6 },
};

const LOCAL = 'local';
const PERIOD = 6;

export const gemma3: Family = {
  type: 'gemma3_text',
  titles: ['Gemma 3'],
  wrapper: { type: 'gemma3', tiedHead: true },
  read(c) {
    refuse(c);
    const decoder = readDecoder(c, GEMMA3);
    const { hiddenSize, headDim, maxPositions } = decoder;
    const readsBothWays = c.flag('use_bidirectional_attention', false);
    const windowOf = windowsIn(c, decoder.layers, readsBothWays);
    const local = readRope(c, headDim, maxPositions, {
      layers: 'sliding_attention',
      theta: 1e4,
      thetaKey: 'rope_local_base_freq',
    });
    const scale = queryScale(c);
    // in GGUF files the norm of queries holds by how much their scale differs from llama.cpp's
    const times = scale * ggufHeadWidth(decoder) ** 0.5;
    const model = decoderModel(
      'gemma3_text',
      {
        ...decoder,
        placement: 'sandwich',
        norm: { ...decoder.norm, offset: 1 },
        headNorm: 'each',
        ...attentionBias(c),
        ropes: new Map([...decoder.ropes, [LOCAL, local]]),
        ropeOf: (layer) => (windowOf(layer) === null ? MAIN_ROPE : LOCAL),
        windowOf,
        embeddingScale: Math.sqrt(hiddenSize),
        queryScale: scale,
        logitCap: c.optionalNumber('final_logit_softcapping'),
      },
      false,
      {
        transformOf: (parameter) =>
          parameter.endsWith('.q_norm.weight') ? { kind: 'shift', by: 1, times } : null,
      },
    );
    return readsBothWays ? { ...model, readsBothWays } : model;
  },
  gguf: {
    architecture: 'gemma3',
    config: (file) => {
      const shared = decoderConfig(file, { windows: true });
      const scaling = shared.rope_scaling as { rope_type?: string } | undefined;
      return {
        architectures: ['Gemma3ForCausalLM'],
        ...shared,
        hidden_act: undefined,
        hidden_activation: 'gelu_pytorch_tanh',
        attention_bias: false,
        sliding_window: file.read('attention.sliding_window') ?? null,
        layer_types: layerTypesIn(file, PERIOD),
        rope_scaling: scaling,
        rope_local_base_freq: file.read('rope.freq_base_swa') ?? 1e4,
        final_logit_softcapping: file.read('final_logit_softcapping') ?? null,
        query_pre_attn_scalar: ggufHeadWidth({
          layers: Number(file.read('block_count')),
          headDim: Number(shared.head_dim),
          hiddenSize: Number(shared.hidden_size),
          heads: Number(shared.num_attention_heads),
        }),
      };
    },
    metadata(described) {
      const { config, model } = described;
      const c = new ConfigReader(config);
      if (c.flag('attention_bias', false)) throw notInGguf('biases in Gemma’s attention (attention_bias)');
      const local = model.ropes.get(LOCAL)!;
      if (local.scaling.type !== 'default') throw notInGguf('scaled positions in layers with a window');
      const cap = c.raw('final_logit_softcapping');
      return decoderMetadata('gemma3', described, {
        activations: ['gelu_pytorch_tanh', 'gelu_new'],
        activationKey: 'hidden_activation',
        own: [
          ...windowEntries(windowsIn(c, model.layers), model.layers),
          ['rope.freq_base_swa', f32(local.theta)],
          ...(typeof cap === 'number' ? [['final_logit_softcapping', f32(cap)] as const] : []),
        ],
      });
    },
  },
  planner: {
    published: {
      bfloat16: {
        'google/gemma-3-270m': ['Gemma 3 270M', 18, 640, 4, 1, 2048, 262_144, true, 32_768, 256],
        'google/gemma-3-270m-it': ['Gemma 3 270M it', 18, 640, 4, 1, 2048, 262_144, true, 32_768, 256],
        'google/gemma-3-1b-pt': ['Gemma 3 1B', 26, 1152, 4, 1, 6912, 262_144, true, 32_768, 256],
        'google/gemma-3-1b-it': ['Gemma 3 1B it', 26, 1152, 4, 1, 6912, 262_144, true, 32_768, 256],
        'google/gemma-3-4b-pt': ['Gemma 3 4B', 34, 2560, 8, 4, 10_240, 262_208, true, 131_072, 256],
        'google/gemma-3-4b-it': ['Gemma 3 4B it', 34, 2560, 8, 4, 10_240, 262_208, true, 131_072, 256],
        'google/gemma-3-12b-it': ['Gemma 3 12B it', 48, 3840, 16, 8, 15_360, 262_208, true, 131_072, 256],
        'google/gemma-3-27b-it': ['Gemma 3 27B it', 62, 5376, 32, 16, 21_504, 262_208, true, 131_072, 128],
      },
    },
    ...DECODER_PLANNER,
    configOf: (shape) => ({
      ...decoderConfigOf(shape),
      sliding_window: shape.positions > 32_768 ? 1024 : 512,
    }),
  },
};

function refuse(c: ConfigReader): void {
  if (c.raw('attn_logit_softcapping') != null)
    throw unsupported('it caps attention scores (attn_logit_softcapping)');
}

/** Of one that reads both ways, half of the window lies to each side. */
function windowsIn(c: ConfigReader, layers: number, isHalved = false): (layer: number) => number | null {
  const period = c.size('sliding_window_pattern', PERIOD);
  const whole = c.optionalSize('sliding_window', 4096);
  const window = whole !== null && isHalved ? Math.floor(whole / 2) : whole;
  return readWindows(c, layers, (layer) => (layer + 1) % period !== 0, window);
}

function queryScale(c: ConfigReader): number {
  const width = c.number('query_pre_attn_scalar', 256);
  if (width <= 0) throw unsupported(`its query_pre_attn_scalar is ${width}`);
  return width ** -0.5;
}

/** What llama.cpp takes for `query_pre_attn_scalar`, which its files do not name. */
function ggufHeadWidth({
  layers,
  headDim,
  hiddenSize,
  heads,
}: Pick<Model, 'layers' | 'headDim' | 'hiddenSize' | 'heads'>) {
  return layers === 62 ? Math.floor(hiddenSize / heads) : headDim;
}
