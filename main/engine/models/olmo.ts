/** OLMo 2 and 3: norms after attention and MLP, and over all queries and all keys; OLMo 3 has windows in three layers of four. */
import type { DecoderConfig } from '../nn/decoder.ts';
import { MAIN_ROPE } from '../nn/rope.ts';
import { ConfigReader, readRope } from './config-reader.ts';
import {
  attentionBias,
  DECODER_PLANNER,
  type DecoderDefaults,
  decoderModel,
  readDecoder,
  readWindows,
} from './decoder-model.ts';
import type { Family } from './family.ts';
import { decoderConfig, decoderMetadata, layerTypesIn, notInGguf, windowEntries } from './gguf.ts';

const OLMO2: DecoderDefaults = {
  vocabSize: 50304,
  mlpSize: 11008,
  kvHeads: 'heads',
  headDim: 'hidden/heads',
  maxPositions: 2048,
  normEps: 1e-5,
};

const LOCAL = 'local';
const PERIOD = 4;
const OLMO3_THETA = 5e5;

function ownOf(c: ConfigReader) {
  return {
    placement: 'post',
    headNorm: 'all',
    ...attentionBias(c),
  } as const satisfies Partial<DecoderConfig>;
}

export const olmo2: Family = {
  type: 'olmo2',
  titles: ['OLMo 2'],
  read: (c) => decoderModel('olmo2', { ...readDecoder(c, OLMO2), ...ownOf(c) }, false),
  gguf: {
    architecture: 'olmo2',
    // files of OLMo 3 have the same architecture, and windows
    config(file) {
      const {
        rope_theta: theta = 10000,
        rope_scaling: scaling,
        ...shared
      } = decoderConfig(file, { windows: true });
      const attention_bias = file.has('blk.0.attn_q.bias');
      const window = file.read('attention.sliding_window');
      if (!window)
        return {
          architectures: ['Olmo2ForCausalLM'],
          ...shared,
          rope_theta: theta,
          rope_scaling: scaling,
          attention_bias,
        };
      return {
        model_type: 'olmo3',
        architectures: ['Olmo3ForCausalLM'],
        ...shared,
        attention_bias,
        sliding_window: window,
        layer_types: layerTypesIn(file, PERIOD),
        rope_parameters: {
          full_attention: { rope_theta: theta, ...(scaling as object | undefined) },
          sliding_attention: { rope_type: 'default', rope_theta: theta },
        },
      };
    },
    metadata(described) {
      refuseBiases(described.config);
      return decoderMetadata('olmo2', described, { normEps: 1e-5 });
    },
  },
  planner: {
    published: {
      bfloat16: {
        'allenai/OLMo-2-0425-1B': ['OLMo 2 1B', 16, 2048, 16, 16, 8192, 100_352, false, 4096],
        'allenai/OLMo-2-1124-7B': ['OLMo 2 7B', 32, 4096, 32, 32, 11_008, 100_352, false, 4096],
        'allenai/OLMo-2-1124-13B': ['OLMo 2 13B', 40, 5120, 40, 40, 13_824, 100_352, false, 4096],
      },
    },
    ...DECODER_PLANNER,
  },
};

export const olmo3: Family = {
  type: 'olmo3',
  titles: ['OLMo 3'],
  read(c) {
    const decoder = readDecoder(c, { ...OLMO2, rope: { layers: 'full_attention', theta: OLMO3_THETA } });
    const { headDim, maxPositions } = decoder;
    const windowOf = windowsIn(c, decoder.layers);
    // an older `rope_theta` is that of the layers that see all
    const local = readRope(c, headDim, maxPositions, {
      layers: 'sliding_attention',
      theta: OLMO3_THETA,
      thetaKey: null,
    });
    return decoderModel(
      'olmo3',
      {
        ...decoder,
        ...ownOf(c),
        ropes: new Map([...decoder.ropes, [LOCAL, local]]),
        ropeOf: (layer) => (windowOf(layer) === null ? MAIN_ROPE : LOCAL),
        windowOf,
      },
      false,
    );
  },
  gguf: {
    architecture: 'olmo2',
    metadata(described) {
      const { model, config } = described;
      refuseBiases(config);
      const [main, local] = [model.ropes.get(MAIN_ROPE)!, model.ropes.get(LOCAL)!];
      if (local.theta !== main.theta || local.scaling.type !== 'default')
        throw notInGguf('another rotation in OLMo’s layers with a window');
      return decoderMetadata('olmo2', described, {
        normEps: 1e-5,
        own: windowEntries(windowsIn(new ConfigReader(config), model.layers), model.layers),
      });
    },
  },
  planner: {
    published: {
      // biome-ignore format: a row for each model
      bfloat16: {
        'allenai/Olmo-3-1025-7B': ['Olmo 3 7B', 32, 4096, 32, 32, 11_008, 100_278, false, 65_536],
        'allenai/Olmo-3-7B-Instruct': ['Olmo 3 7B Instruct', 32, 4096, 32, 32, 11_008, 100_278, false, 65_536],
        'allenai/Olmo-3-1125-32B': ['Olmo 3 32B', 64, 5120, 40, 8, 27_648, 100_278, false, 65_536],
      },
    },
    ...DECODER_PLANNER,
  },
};

function windowsIn(c: ConfigReader, layers: number): (layer: number) => number | null {
  const window = c.optionalSize('sliding_window', 4096);
  return readWindows(c, layers, (layer) => (layer + 1) % PERIOD !== 0, window);
}

function refuseBiases(config: ConfigReader['json']): void {
  if (new ConfigReader(config).flag('attention_bias', false))
    throw notInGguf('biases in OLMo’s attention (attention_bias)');
}
