/** Granite 3 and the dense models of Granite 4: Llama with factors on the embedding, the scores, what blocks add, and the logits. */
import { MAIN_ROPE } from '../nn/rope.ts';
import { ConfigReader, mismatch, unsupported } from './config-reader.ts';
import {
  attentionBias,
  DECODER_PLANNER,
  type DecoderDefaults,
  decoderConfigOf,
  decoderModel,
  layerKinds,
  readDecoder,
} from './decoder-model.ts';
import type { Family } from './family.ts';
import { decoderConfig, decoderMetadata, f32, type GgufMetadata, LLAMA3_ROPE } from './gguf.ts';
import type { Described } from './model.ts';

const GRANITE: DecoderDefaults = {
  vocabSize: 32000,
  mlpSize: 11008,
  kvHeads: 'heads',
  headDim: 'hidden/heads',
  maxPositions: 2048,
};

const NAMES = {
  'mlp.gate_up_proj': 'shared_mlp.input_linear',
  'mlp.down_proj': 'shared_mlp.output_linear',
};

export const granite: Family = {
  type: 'granite',
  titles: ['Granite 3'],
  read(c) {
    const own = { ...attentionBias(c), mlpBias: c.flag('mlp_bias', false), ...factorsIn(c) };
    return decoderModel('granite', { ...readDecoder(c, GRANITE), ...own }, true);
  },
  gguf: {
    architecture: 'granite',
    config(file) {
      if (file.read('rope.scaling.finetuned') === false)
        throw unsupported('its GGUF file asks for no rotation; use the Hugging Face folder of this model');
      const shared = decoderConfig(file);
      const headDim = shared.head_dim ?? Number(shared.hidden_size) / Number(shared.num_attention_heads);
      return {
        architectures: ['GraniteForCausalLM'],
        ...shared,
        attention_bias: file.has('blk.0.attn_q.bias'),
        mlp_bias: file.has('blk.0.ffn_up.bias'),
        embedding_multiplier: file.read('embedding_scale'),
        // without one llama.cpp scales as usual
        attention_multiplier: file.read('attention.scale') ?? Number(headDim) ** -0.5,
        residual_multiplier: file.read('residual_scale'),
        logits_scaling: file.read('logit_scale'),
      };
    },
    metadata: (described) => metadata(described),
  },
  planner: {
    published: {
      // biome-ignore format: a row for each model
      bfloat16: {
        'ibm-granite/granite-3.3-2b-base': ['Granite 3.3 2B', 40, 2048, 32, 8, 8192, 49_152, true, 131_072],
        'ibm-granite/granite-3.3-2b-instruct': ['Granite 3.3 2B', 40, 2048, 32, 8, 8192, 49_159, true, 131_072],
        'ibm-granite/granite-3.3-8b-instruct': ['Granite 3.3 8B', 40, 4096, 32, 8, 12_800, 49_159, true, 131_072],
      },
    },
    ...DECODER_PLANNER,
  },
};

export const granite4: Family = {
  type: 'granitemoehybrid',
  titles: ['Granite 4'],
  read(c) {
    const decoder = readDecoder(c, GRANITE);
    refuseHybrids(c, decoder.layers);
    const isRotated = positionsOf(c) === 'rope';
    return decoderModel(
      'granitemoehybrid',
      {
        ...decoder,
        ...attentionBias(c),
        mlpSize: c.size('shared_intermediate_size', 1024),
        fusedMlp: true,
        names: NAMES,
        ropeOf: () => (isRotated ? MAIN_ROPE : null),
        ...factorsIn(c),
      },
      true,
      { apart: true },
    );
  },
  gguf: {
    architecture: 'granite',
    metadata(described) {
      const isRotated = positionsOf(new ConfigReader(described.config)) === 'rope';
      const { entries, ...others } = metadata(described, NAMES['mlp.down_proj']);
      const finetuned = ['rope.scaling.finetuned', { type: 'bool', value: isRotated }] as const;
      return { ...others, entries: [...entries, finetuned] };
    },
  },
  planner: {
    published: {
      bfloat16: {
        'ibm-granite/granite-4.0-350m': ['Granite 4.0 350M', 28, 1024, 16, 4, 2048, 100_352, true, 32_768],
        'ibm-granite/granite-4.0-1b': ['Granite 4.0 1B', 40, 2048, 16, 4, 4096, 100_352, true, 131_072],
      },
    },
    ...DECODER_PLANNER,
    configOf: ({ layers, ...shape }) => ({
      ...decoderConfigOf({ layers, ...shape }),
      shared_intermediate_size: shape.feedForward,
      num_local_experts: 0,
      position_embedding_type: 'rope',
      layer_types: Array.from({ length: layers }, () => 'attention'),
    }),
  },
};

/** The four factors; an absent one is 1, that on the scores as well. */
function factorsIn(c: ConfigReader) {
  const factor = (key: string) => {
    const value = c.raw(key) === null ? 1 : c.number(key, 1);
    if (value === 0) throw mismatch(`${key} is 0`);
    return value;
  };
  return {
    embeddingScale: factor('embedding_multiplier'),
    queryScale: factor('attention_multiplier'),
    residualScale: factor('residual_multiplier'),
    logitScale: 1 / factor('logits_scaling'),
  };
}

function metadata(described: Described, down?: string): GgufMetadata {
  const { embeddingScale, queryScale, residualScale, logitScale } = factorsIn(
    new ConfigReader(described.config),
  );
  return decoderMetadata('granite', described, {
    ropeTensors: LLAMA3_ROPE,
    ...(down !== undefined && { down }),
    own: [
      ['embedding_scale', f32(embeddingScale)],
      ['attention.scale', f32(queryScale)],
      ['residual_scale', f32(residualScale)],
      ['logit_scale', f32(1 / logitScale)],
    ],
  });
}

function refuseHybrids(c: ConfigReader, layers: number): void {
  const experts = c.raw('num_local_experts') === null ? 0 : c.number('num_local_experts', 8);
  if (experts > 0) throw unsupported('it is a mixture of experts (num_local_experts)');
  const older = c.raw('layers_block_type') ?? null;
  const named = c.has('layer_types') ? c : new ConfigReader({ layer_types: older });
  const known = ['attention', 'full_attention', 'mamba', 'linear_attention'];
  const kinds = layerKinds(named, layers, known, () => 'linear_attention');
  if (!kinds.every((kind) => kind.endsWith('attention') && kind !== 'linear_attention'))
    throw unsupported(
      'it has state-space layers (layer_types); the Granite 4 models of 350M and 1B have none',
    );
}

function positionsOf(c: ConfigReader): 'rope' | null {
  return c.raw('position_embedding_type') === 'rope' ? 'rope' : null;
}
