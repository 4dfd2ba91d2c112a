/** Phi-3, Phi-3.5 and Phi-4: Llama with one matrix for q, k and v and one for gate and up; longrope for long texts. */
import { MAIN_ROPE } from '../nn/rope.ts';
import { ConfigReader } from './config-reader.ts';
import { decoderConfigOf, decoderModel, readDecoder } from './decoder-model.ts';
import type { Family } from './family.ts';
import { decoderConfig, decoderMetadata, notInGguf, u32 } from './gguf.ts';

const ORIGINAL_POSITIONS = 4096;

export const phi3: Family = {
  type: 'phi3',
  titles: ['Phi-3', 'Phi-3.5', 'Phi-4'],
  read(c) {
    const decoder = readDecoder(c, {
      vocabSize: 32064,
      hiddenSize: 3072,
      mlpSize: 8192,
      kvHeads: 'heads',
      headDim: 'hidden/heads',
      maxPositions: 4096,
      normEps: 1e-5,
      rope: {
        partial: true,
        renamed: { su: 'longrope', yarn: 'longrope' },
        originalPositions: ORIGINAL_POSITIONS,
        rereads: true,
      },
    });
    const window = c.optionalSize('sliding_window');
    return decoderModel(
      'phi3',
      {
        ...decoder,
        fusedQkv: true,
        fusedMlp: true,
        windowOf: () => window,
      },
      false,
    );
  },
  gguf: {
    architecture: 'phi3',
    config(file) {
      const { read } = file;
      const shared = decoderConfig(file, { windows: true });
      const headDim =
        read('attention.key_length') ??
        Number(read('embedding_length')) / Number(read('attention.head_count'));
      const original = read('rope.scaling.original_context_length');
      return {
        architectures: ['Phi3ForCausalLM'],
        ...shared,
        head_dim: headDim,
        partial_rotary_factor: Number(read('rope.dimension_count') ?? headDim) / Number(headDim),
        ...(file.has('rope_factors_long.weight') && {
          rope_scaling: { attention_factor: read('rope.scaling.attn_factor') ?? 1 },
          original_max_position_embeddings: original,
        }),
        sliding_window: Number(read('attention.sliding_window') ?? 0) || null,
      };
    },
    metadata(described) {
      const { model, config } = described;
      const window = new ConfigReader(config).optionalSize('sliding_window');
      if (model.heads * model.headDim !== model.hiddenSize)
        throw notInGguf('heads of Phi that are not as wide together as the model (head_dim)');
      const { scaling } = model.ropes.get(MAIN_ROPE)!;
      if (scaling.type !== 'default' && scaling.type !== 'longrope')
        throw notInGguf(`rotary scaling of the type ${scaling.type} in a phi3 model`);
      return decoderMetadata('phi3', described, {
        normEps: 1e-5,
        ropeTensors: ['longrope'],
        window,
        own: [['attention.sliding_window', u32(window ?? 0)]],
      });
    },
  },
  planner: {
    published: {
      // biome-ignore format: a row for each model
      bfloat16: {
        'microsoft/Phi-3-mini-4k-instruct': ['Phi-3 mini', 32, 3072, 32, 32, 8192, 32_064, false, 4096],
        'microsoft/Phi-3-mini-128k-instruct': ['Phi-3 mini 128k', 32, 3072, 32, 32, 8192, 32_064, false, 131_072],
        'microsoft/Phi-3.5-mini-instruct': ['Phi-3.5 mini', 32, 3072, 32, 32, 8192, 32_064, false, 131_072],
        'microsoft/Phi-4-mini-instruct': ['Phi-4 mini', 32, 3072, 24, 8, 8192, 200_064, true, 131_072],
        'microsoft/Phi-4-mini-reasoning': ['Phi-4 mini reasoning', 32, 3072, 24, 8, 8192, 200_064, true, 131_072],
        'microsoft/phi-4': ['Phi-4', 40, 5120, 40, 10, 17_920, 100_352, false, 16_384],
      },
    },
    configOf: decoderConfigOf,
    targets: { attention: ['qkv_proj', 'o_proj'], 'query-value': ['qkv_proj'] },
  },
};
