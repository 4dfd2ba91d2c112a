/** LFM2 and LFM2.5: short gated convolutions in most layers, attention with normed heads in the others. */

import type { Value } from '../ir/graph.ts';
import type { Mixer } from '../nn/decoder.ts';
import { linear } from '../nn/linear-and-norm.ts';
import { add, mul, reshape, slice } from '../ops/functions.ts';
import { ConfigReader, type Json, mismatch, readTaps } from './config-reader.ts';
import { decoderConfigOf, decoderModel, layerKinds, readDecoder } from './decoder-model.ts';
import type { Family, ModelShape } from './family.ts';
import { decoderConfig, decoderMetadata, type GgufFile, notInGguf, u32 } from './gguf.ts';

const NAMES = {
  input_layernorm: 'operator_norm',
  post_attention_layernorm: 'ffn_norm',
  norm: 'embedding_norm',
  'self_attn.o_proj': 'self_attn.out_proj',
  'self_attn.q_norm': 'self_attn.q_layernorm',
  'self_attn.k_norm': 'self_attn.k_layernorm',
  'mlp.gate_proj': 'feed_forward.w1',
  'mlp.up_proj': 'feed_forward.w3',
  'mlp.down_proj': 'feed_forward.w2',
};

const GGUF_NAMES = {
  norm: 'token_embd_norm',
  'conv.conv': 'shortconv.conv',
  'conv.in_proj': 'shortconv.in_proj',
  'conv.out_proj': 'shortconv.out_proj',
};

export const lfm2: Family = {
  type: 'lfm2',
  titles: ['LFM2', 'LFM2.5'],
  read(config) {
    const c = inLlamasWords(config);
    const decoder = readDecoder(c, {
      vocabSize: 65536,
      mlpSize: 8192,
      kvHeads: 8,
      headDim: 'hidden/heads',
      maxPositions: 128_000,
      rope: { theta: 1e6 },
    });
    const kinds = kindsOf(c, decoder.layers);
    const conv = gatedConvolution(decoder.hiddenSize, tapsOf(c), c.flag('conv_bias', false));
    const mixerOf = (layer: number) => (kinds[layer] === CONV ? conv : null);
    return decoderModel('lfm2', { ...decoder, headNorm: 'each', names: NAMES, mixerOf }, false, {
      names: GGUF_NAMES,
      transformOf: (parameter) => (parameter.endsWith('.conv.conv.weight') ? { kind: 'squeeze' } : null),
    });
  },
  gguf: {
    architecture: 'lfm2',
    config(file) {
      const kv = headsByLayer(file);
      return {
        architectures: ['Lfm2ForCausalLM'],
        ...decoderConfig(file),
        num_key_value_heads: kv.find((heads) => heads > 0),
        layer_types: kv.map((heads) => (heads > 0 ? ATTENTION : CONV)),
        conv_L_cache: file.read('shortconv.l_cache'),
        block_auto_adjust_ff_dim: false,
      };
    },
    metadata(described) {
      const c = inLlamasWords(new ConfigReader(described.config));
      const kinds = kindsOf(c, described.model.layers);
      if (c.flag('conv_bias', false)) throw notInGguf('biases in convolutions (conv_bias)');
      const heads = kinds.map((kind) => (kind === CONV ? 0 : described.model.kvHeads));
      return decoderMetadata(
        'lfm2',
        { ...described, config: c.json },
        {
          down: NAMES['mlp.down_proj'],
          own: [
            ['attention.head_count_kv', { type: 'i32s', value: heads }],
            ['shortconv.l_cache', u32(tapsOf(c))],
          ],
        },
      );
    },
  },
  planner: {
    published: {
      bfloat16: {
        'LiquidAI/LFM2-350M': ['LFM2 350M', 16, 1024, 16, 8, 4608, 65_536, true, 128_000],
        'LiquidAI/LFM2-700M': ['LFM2 700M', 16, 1536, 24, 8, 6912, 65_536, true, 128_000],
        'LiquidAI/LFM2-1.2B': ['LFM2 1.2B', 16, 2048, 32, 8, 8192, 65_536, true, 128_000],
        'LiquidAI/LFM2.5-350M': ['LFM2.5 350M', 16, 1024, 16, 8, 4608, 65_536, true, 128_000],
        'LiquidAI/LFM2.5-1.2B': ['LFM2.5 1.2B', 16, 2048, 32, 8, 8192, 65_536, true, 128_000],
      },
    },
    configOf: (shape) => ({
      ...decoderConfigOf(shape),
      layer_types: publishedKinds(shape),
      block_auto_adjust_ff_dim: false,
    }),
    targets: {
      attention: ['q_proj', 'k_proj', 'v_proj', 'self_attn.out_proj'],
      'query-value': ['q_proj', 'v_proj'],
    },
  },
};

const [CONV, ATTENTION] = ['conv', 'full_attention'];

/** In the published models of 16 layers these attend. */
const PUBLISHED_ATTENTION: readonly number[] = [2, 5, 8, 10, 12, 14];

const publishedKinds = ({ layers }: ModelShape): string[] =>
  Array.from({ length: layers }, (_, layer) => (PUBLISHED_ATTENTION.includes(layer) ? ATTENTION! : CONV!));

/** The configuration with Llama's names for what Llama has, and the width of the MLP that its class derives. */
function inLlamasWords(c: ConfigReader): ConfigReader {
  return c.withDefaults({ hidden_size: 2560 }).with({
    hidden_act: 'silu',
    intermediate_size: mlpWidth(c),
    rms_norm_eps: c.number('norm_eps', 1e-5),
    tie_word_embeddings: c.flag('tie_embedding', c.flag('tie_word_embeddings', true)),
  });
}

// Lfm2MLP: two thirds, times the multiplier, up to a multiple
function mlpWidth(c: ConfigReader): number {
  const given = c.size('block_ff_dim', c.size('intermediate_size', 12288));
  if (!c.flag('block_auto_adjust_ff_dim', true)) return given;
  const multiple = c.size('block_multiple_of', 256);
  const part = Math.trunc((2 * given) / 3);
  const scaled =
    c.raw('block_ffn_dim_multiplier') === null
      ? part
      : Math.trunc(c.number('block_ffn_dim_multiplier', 1) * part);
  return multiple * Math.ceil(scaled / multiple);
}

function kindsOf(c: ConfigReader, layers: number): readonly string[] {
  const attends = c.raw('full_attn_idxs') == null ? null : c.numbers('full_attn_idxs');
  return layerKinds(c, layers, [CONV!, ATTENTION!], (layer) =>
    attends === null || attends.includes(layer) ? ATTENTION! : CONV!,
  );
}

const tapsOf = (c: ConfigReader): number => readTaps(c, 'conv_L_cache', 3);

/** Key-value heads of each layer: 0 where it does not attend. */
function headsByLayer({ read }: GgufFile): readonly number[] {
  const heads: Json | undefined = read('attention.head_count_kv');
  if (Array.isArray(heads) && heads.every((count) => typeof count === 'number')) return heads as number[];
  throw mismatch('attention.head_count_kv should list the key-value heads of each layer');
}

/** Three parts b, c, x of a projection: c times the convolution of b x over the last `taps` tokens, and a projection back. */
function gatedConvolution(hiddenSize: number, taps: number, bias: boolean): Mixer {
  return (p, x, { module: layer, layer: number, batch, time, mixing }) => {
    const module = `${layer}.conv`;
    const wide = linear(p, x, `${module}.in_proj`, { inputs: hiddenSize, outputs: 3 * hiddenSize, bias });
    // what unpacks a parameter belongs to its layer too
    const weight = p.graph.scoped(module, () =>
      p.base(`${module}.conv.weight`, [hiddenSize, 1, taps], 'matrix'),
    );
    const added = bias ? p.base(`${module}.conv.bias`, [hiddenSize], 'bias') : null;
    const mixed = p.graph.scoped(module, () => {
      const part = (i: number): Value => slice(wide, 1, i * hiddenSize, (i + 1) * hiddenSize);
      const rows = reshape(mul(part(0), part(2)), [batch, time, hiddenSize]);
      const convolved = mixing.convolve(number, rows, reshape(weight, [hiddenSize, taps]));
      return mul(part(1), reshape(added ? add(convolved, added) : convolved, [batch * time, hiddenSize]));
    });
    return linear(p, mixed, `${module}.out_proj`, { inputs: hiddenSize, outputs: hiddenSize, bias });
  };
}
