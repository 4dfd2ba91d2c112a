/** Qwen2 and Qwen2.5 (biases on q, k, v) and Qwen3 (norms on each query and key head). */
import { ConfigReader } from './config-reader.ts';
import {
  attentionBias,
  DECODER_PLANNER,
  type DecoderDefaults,
  decoderModel,
  readDecoder,
  readWindows,
} from './decoder-model.ts';
import type { Family } from './family.ts';
import { decoderConfig, decoderMetadata, narrowest } from './gguf.ts';
import type { Described } from './model.ts';

const QWEN2: DecoderDefaults = {
  vocabSize: 151936,
  mlpSize: 22016,
  kvHeads: 32,
  headDim: 'hidden/heads',
  maxPositions: 32768,
};

export const qwen2: Family = {
  type: 'qwen2',
  titles: ['Qwen2', 'Qwen2.5'],
  read(c) {
    const decoder = readDecoder(c, QWEN2);
    return decoderModel(
      'qwen2',
      { ...decoder, qkvBias: true, windowOf: windowsIn(c, decoder.layers) },
      false,
    );
  },
  gguf: {
    architecture: 'qwen2',
    config: (file) => ({ architectures: ['Qwen2ForCausalLM'], ...decoderConfig(file) }),
    metadata: (described) => metadata('qwen2', described),
  },
  planner: {
    published: {
      bfloat16: {
        'Qwen/Qwen2.5-0.5B': ['Qwen2.5 0.5B', 24, 896, 14, 2, 4864, 151_936, true, 32_768],
        'Qwen/Qwen2.5-1.5B': ['Qwen2.5 1.5B', 28, 1536, 12, 2, 8960, 151_936, true, 131_072],
        'Qwen/Qwen2.5-3B': ['Qwen2.5 3B', 36, 2048, 16, 2, 11_008, 151_936, true, 32_768],
        'Qwen/Qwen2.5-7B': ['Qwen2.5 7B', 28, 3584, 28, 4, 18_944, 152_064, false, 131_072],
      },
    },
    instructPositions: 32_768,
    ...DECODER_PLANNER,
  },
};

export const qwen3: Family = {
  type: 'qwen3',
  titles: ['Qwen3'],
  read(c) {
    const decoder = readDecoder(c, { ...QWEN2, headDim: 128 });
    const windowOf = windowsIn(c, decoder.layers);
    const own = { ...attentionBias(c), headNorm: 'each', windowOf } as const;
    return decoderModel('qwen3', { ...decoder, ...own }, false);
  },
  gguf: {
    architecture: 'qwen3',
    config: (file) => ({
      architectures: ['Qwen3ForCausalLM'],
      ...decoderConfig(file),
      attention_bias: file.has('blk.0.attn_q.bias'),
    }),
    metadata: (described) => metadata('qwen3', described),
  },
  planner: {
    published: {
      bfloat16: {
        'Qwen/Qwen3-0.6B': ['Qwen3 0.6B', 28, 1024, 16, 8, 3072, 151_936, true, 40_960, 128],
        'Qwen/Qwen3-1.7B': ['Qwen3 1.7B', 28, 2048, 16, 8, 6144, 151_936, true, 40_960, 128],
        'Qwen/Qwen3-4B': ['Qwen3 4B', 36, 2560, 32, 8, 9728, 151_936, true, 40_960, 128],
        'Qwen/Qwen3-8B': ['Qwen3 8B', 36, 4096, 32, 8, 12_288, 151_936, false, 40_960, 128],
      },
    },
    ...DECODER_PLANNER,
  },
};

function metadata(architecture: string, described: Described) {
  const { config, model } = described;
  const windowOf = windowsIn(new ConfigReader(config), model.layers);
  return decoderMetadata(architecture, described, { window: narrowest(windowOf, model.layers) });
}

/** The sliding window of each layer: as `layer_types` lists them, else from `max_window_layers` on. */
function windowsIn(c: ConfigReader, layers: number): (layer: number) => number | null {
  const given = c.optionalSize('sliding_window', 4096);
  const window = c.flag('use_sliding_window', false) ? given : null;
  const from = c.number('max_window_layers', 28);
  const usual = (layer: number) => layer >= from && window !== null;
  return readWindows(c, layers, usual, window);
}
