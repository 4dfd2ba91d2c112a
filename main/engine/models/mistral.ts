/** Mistral: Llama with grouped heads and, in its first version, a sliding attention window in every layer; Ministral 8B has it in some. */

import { MAIN_ROPE, type Rope } from '../nn/rope.ts';
import { ConfigReader, mismatch } from './config-reader.ts';
import { DECODER_PLANNER, decoderConfigOf, decoderModel, readDecoder, readWindows } from './decoder-model.ts';
import type { Family } from './family.ts';
import { decoderConfig, decoderMetadata, f32, LLAMA3_ROPE, narrowest, notInGguf } from './gguf.ts';

/** The window of each layer: of all, or as `layer_types` lists them (Ministral 8B). */
function windowsIn(c: ConfigReader, layers: number): (layer: number) => number | null {
  const window = c.optionalSize('sliding_window', 4096);
  return readWindows(c, layers, () => window !== null, window);
}

export const mistral: Family = {
  type: 'mistral',
  titles: ['Mistral'],
  read(c) {
    const decoder = readDecoder(c, {
      vocabSize: 32000,
      mlpSize: 14336,
      kvHeads: 8,
      headDim: 'hidden/heads',
      maxPositions: 131072,
    });
    return decoderModel('mistral', { ...decoder, windowOf: windowsIn(c, decoder.layers) }, true);
  },
  gguf: {
    architecture: 'llama',
    metadata(described) {
      const { layers } = described.model;
      const window = narrowest(windowsIn(new ConfigReader(described.config), layers), layers);
      return decoderMetadata('llama', described, { ropeTensors: LLAMA3_ROPE, window });
    },
  },
  planner: {
    published: {
      bfloat16: {
        'mistralai/Mistral-7B-v0.3': ['Mistral 7B v0.3', 32, 4096, 32, 8, 14_336, 32_768, false, 32_768],
      },
    },
    ...DECODER_PLANNER,
    configOf: (shape) => ({ ...decoderConfigOf(shape), sliding_window: null }),
  },
};

/** Ministral 3: Llama with YaRN, whose queries grow with their position beyond the original context. */

const QUERIES = 'queries';

/** What the class takes without `rope_parameters`. */
const ROPE = {
  rope_type: 'yarn',
  rope_theta: 1e6,
  factor: 16,
  original_max_position_embeddings: 16384,
  beta_fast: 32,
  beta_slow: 1,
  mscale: 1,
  mscale_all_dim: 1,
  llama_4_scaling_beta: 0.1,
};

export const ministral3: Family = {
  type: 'ministral3',
  titles: ['Ministral 3'],
  wrapper: { type: 'mistral3', tiedHead: true },
  read(given) {
    const c = withRope(given);
    const decoder = readDecoder(c, {
      vocabSize: 131072,
      mlpSize: 14336,
      layers: 34,
      kvHeads: 8,
      headDim: 128,
      maxPositions: 262144,
      normEps: 1e-5,
    });
    const window = c.optionalSize('sliding_window');
    const main = decoder.ropes.get(MAIN_ROPE)!;
    const growth = growthIn(c, main);
    return decoderModel(
      'ministral3',
      {
        ...decoder,
        windowOf: () => window,
        ...(growth && {
          ropes: new Map([...decoder.ropes, [QUERIES, { ...main, growth }]]),
          queryRope: QUERIES,
        }),
      },
      true,
    );
  },
  gguf: {
    architecture: 'mistral3',
    config(file) {
      const logMultiplier = file.read('rope.scaling.yarn_log_multiplier');
      const read = (key: string) => (key === 'rope.scaling.yarn_log_multiplier' ? undefined : file.read(key));
      const { rope_scaling: scaling, rope_theta: theta, ...shared } = decoderConfig({ ...file, read });
      return {
        architectures: ['Ministral3ForCausalLM'],
        ...shared,
        rope_parameters: {
          rope_theta: theta ?? 10000,
          ...(scaling as object | undefined),
          ...(logMultiplier !== undefined && { mscale: 1, mscale_all_dim: logMultiplier }),
          llama_4_scaling_beta: file.read('attention.temperature_scale') ?? 0,
        },
      };
    },
    metadata(described) {
      const { model, config } = described;
      const growth = model.ropes.get(QUERIES)?.growth;
      const { scaling } = model.ropes.get(MAIN_ROPE)!;
      if (growth && (scaling.type !== 'yarn' || scaling.originalPositions !== growth.every))
        throw notInGguf('growing queries (llama_4_scaling_beta) without YaRN');
      return decoderMetadata('mistral3', described, {
        normEps: 1e-5,
        ropeTensors: LLAMA3_ROPE,
        yarnBorders: true,
        window: new ConfigReader(config).optionalSize('sliding_window'),
        own: growth ? [['attention.temperature_scale', f32(growth.beta)]] : [],
      });
    },
  },
  planner: {
    published: {
      // biome-ignore format: a row for each model
      bfloat16: {
        'mistralai/Ministral-3-3B-Base-2512': ['Ministral 3 3B', 26, 3072, 32, 8, 9216, 131_072, true, 262_144, 128],
        'mistralai/Ministral-3-3B-Instruct-2512-BF16': ['Ministral 3 3B Instruct', 26, 3072, 32, 8, 9216, 131_072, true, 262_144, 128],
        'mistralai/Ministral-3-8B-Base-2512': ['Ministral 3 8B', 34, 4096, 32, 8, 14_336, 131_072, false, 262_144, 128],
        'mistralai/Ministral-3-14B-Base-2512': ['Ministral 3 14B', 40, 5120, 32, 8, 16_384, 131_072, false, 262_144, 128],
      },
    },
    ...DECODER_PLANNER,
  },
};

function withRope(c: ConfigReader): ConfigReader {
  const isGiven = c.raw('rope_parameters') != null || c.raw('rope_scaling') != null;
  return isGiven ? c : c.with({ rope_parameters: ROPE });
}

/** How queries grow; null where they do not. */
function growthIn(c: ConfigReader, { scaling }: Rope): Rope['growth'] | null {
  const settings = c.object('rope_scaling') ?? c.object('rope_parameters') ?? new ConfigReader({});
  const beta = settings.optionalNumber('llama_4_scaling_beta') ?? 0;
  if (beta === 0) return null;
  // dynamic scaling stretches the context itself
  const every =
    'originalPositions' in scaling && scaling.type !== 'dynamic'
      ? scaling.originalPositions
      : settings.optionalSize('original_max_position_embeddings');
  if (every === null) throw mismatch('llama_4_scaling_beta needs original_max_position_embeddings');
  return { beta, every };
}
