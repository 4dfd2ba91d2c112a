/**
 * BERT (MiniLM, BGE, GTE, E5): learned positions, a type for each of two texts, the norm after each half of a block. RoBERTa and
 * XLM-RoBERTa (multilingual E5, German models) are the same graph with positions that begin behind that of padding.
 */
import type { Value } from '../ir/graph.ts';
import { mergeHeads, splitHeads } from '../nn/attention.ts';
import { type AttendBothWays, attendBothWays } from '../nn/both-ways.ts';
import { layerNormLayer, linear } from '../nn/linear-and-norm.ts';
import type { Parameters } from '../nn/parameters.ts';
import { ACTIVATIONS, activationOf, add, gather, reshape } from '../ops/functions.ts';
import { type ConfigReader, mismatch, unsupported } from './config-reader.ts';
import type { Encoder, EncoderFamily, EncoderInputs } from './encoder.ts';

interface BertConfig {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly mlpSize: number;
  readonly layers: number;
  readonly heads: number;
  /** Rows of the table of positions. */
  readonly positions: number;
  readonly types: number;
  readonly normEps: number;
  readonly activation: string;
}

export const bert: EncoderFamily = {
  type: 'bert',
  title: 'BERT',
  read(c) {
    const config = readConfig(c);
    const positionsOf = (ids: readonly number[]) => ids.map((_, i) => i);
    return bertModel('bert', config, { maxTokens: config.positions, positionsOf });
  },
  gguf: {
    architecture: 'bert',
    className: 'BertModel',
    keys: [
      ['block_count', 'num_hidden_layers', 'u32', 12],
      // as many as there are positions: llama.cpp asks for so many rows
      ['context_length', 'max_position_embeddings', 'u32', 512],
      ['embedding_length', 'hidden_size', 'u32', 768],
      ['feed_forward_length', 'intermediate_size', 'u32', 3072],
      ['attention.head_count', 'num_attention_heads', 'u32', 12],
      ['attention.layer_norm_epsilon', 'layer_norm_eps', 'f32', 1e-12],
    ],
    more: ({ rows }) => ({
      hidden_act: 'gelu',
      max_position_embeddings: rows('position_embd.weight'),
      type_vocab_size: rows('token_types.weight'),
    }),
    names: [
      [/^embeddings\.word_embeddings/, 'token_embd'],
      [/^embeddings\.token_type_embeddings/, 'token_types'],
      [/^embeddings\.position_embeddings/, 'position_embd'],
      [/^embeddings\.LayerNorm/, 'token_embd_norm'],
      [/^encoder\.layer\.(\d+)\.attention\.self\.query/, 'blk.$1.attn_q'],
      [/^encoder\.layer\.(\d+)\.attention\.self\.key/, 'blk.$1.attn_k'],
      [/^encoder\.layer\.(\d+)\.attention\.self\.value/, 'blk.$1.attn_v'],
      [/^encoder\.layer\.(\d+)\.attention\.output\.dense/, 'blk.$1.attn_output'],
      [/^encoder\.layer\.(\d+)\.attention\.output\.LayerNorm/, 'blk.$1.attn_output_norm'],
      [/^encoder\.layer\.(\d+)\.intermediate\.dense/, 'blk.$1.ffn_up'],
      [/^encoder\.layer\.(\d+)\.output\.dense/, 'blk.$1.ffn_down'],
      [/^encoder\.layer\.(\d+)\.output\.LayerNorm/, 'blk.$1.layer_output_norm'],
      // of rerankers, those of RoBERTa's kind first
      [/^classifier\.dense/, 'cls'],
      [/^classifier\.out_proj/, 'cls.output'],
      [/^pooler\.dense/, 'cls'],
      [/^classifier/, 'cls.output'],
    ],
  },
};

export const roberta: EncoderFamily = { type: 'roberta', title: 'RoBERTa', read: behindPadding('roberta') };

export const xlmRoberta: EncoderFamily = {
  type: 'xlm-roberta',
  title: 'XLM-RoBERTa',
  read: behindPadding('xlm-roberta'),
};

/** Positions begin one behind the id of padding, which has that id's own. */
function behindPadding(type: string): EncoderFamily['read'] {
  return (c) => {
    const config = readConfig(c);
    const padding = c.raw('pad_token_id') === undefined ? 1 : c.number('pad_token_id');
    if (!Number.isInteger(padding) || padding < 0 || padding >= config.positions - 1)
      throw mismatch(`pad_token_id is ${padding}, and the model has ${config.positions} positions`);
    const positionsOf = (ids: readonly number[]) => {
      let last = padding;
      return ids.map((id) => (id === padding ? padding : ++last));
    };
    return bertModel(type, config, { maxTokens: config.positions - padding - 1, positionsOf });
  };
}

function readConfig(c: ConfigReader): BertConfig {
  if (c.flag('is_decoder', false)) throw unsupported('it reads in one direction (is_decoder)');
  if (c.flag('add_cross_attention', false))
    throw unsupported('it attends to another encoder (add_cross_attention)');
  const places = c.text('position_embedding_type', 'absolute');
  if (places !== 'absolute')
    throw unsupported(`its positions are of the kind "${places}" (position_embedding_type)`);
  const activation = c.text('hidden_act', 'gelu');
  if (!Object.hasOwn(ACTIVATIONS, activation))
    throw unsupported(`its activation function "${activation}" is not implemented`);
  const hiddenSize = c.size('hidden_size', 768);
  const heads = c.size('num_attention_heads', 12);
  if (hiddenSize % heads !== 0)
    throw mismatch(`hidden_size ${hiddenSize} is not a multiple of ${heads} heads`);
  return {
    hiddenSize,
    heads,
    activation,
    vocabSize: c.size('vocab_size', 30522),
    mlpSize: c.size('intermediate_size', 3072),
    layers: c.size('num_hidden_layers', 12, 1000),
    positions: c.size('max_position_embeddings', 512),
    types: c.size('type_vocab_size', 2),
    normEps: c.number('layer_norm_eps', 1e-12),
  };
}

function bertModel(type: string, c: BertConfig, places: Pick<Encoder, 'maxTokens' | 'positionsOf'>): Encoder {
  return {
    ...places,
    modelType: type,
    vocabSize: c.vocabSize,
    hiddenSize: c.hiddenSize,
    layers: c.layers,
    ropes: new Map(),
    hidden: (p, inputs) => hidden(p, c, inputs),
    // files of masked language models have a prefix, the oldest other names of norms
    storedNames: (parameter) => {
      const older = parameter
        .replace(/LayerNorm\.weight$/, 'LayerNorm.gamma')
        .replace(/LayerNorm\.bias$/, 'LayerNorm.beta');
      return [...new Set([parameter, older])].flatMap((name) => [name, `bert.${name}`, `roberta.${name}`]);
    },
    isIgnored: (stored) =>
      /(^|\.)embeddings\.position_ids$|(^|\.)pooler\.|^(cls|lm_head|classifier)\./.test(stored),
  };
}

function hidden(p: Parameters, c: BertConfig, inputs: EncoderInputs): Value {
  const [batch, time] = inputs.tokens.shape as [number, number];
  const attend = attendBothWays(inputs);
  const read = (name: string, rows: number, at: Value) =>
    gather(p.base(`embeddings.${name}_embeddings.weight`, [rows, c.hiddenSize], 'embedding'), at);
  const words = gather(
    p.table('embeddings.word_embeddings.weight', [c.vocabSize, c.hiddenSize], 'embedding'),
    inputs.tokens,
  );
  const typed = add(words, read('token_type', c.types, inputs.types));
  const placed = add(typed, read('position', c.positions, inputs.positions));
  let x = layerNormLayer(p, reshape(placed, [batch * time, c.hiddenSize]), 'embeddings.LayerNorm', c.normEps);
  for (let layer = 0; layer < c.layers; layer++) {
    const name = `encoder.layer.${layer}`;
    const mixed = selfAttention(p, c, name, x, batch, attend);
    const seen = added(p, c, x, mixed, `${name}.attention.output`);
    x = added(p, c, seen, widened(p, c, name, seen), `${name}.output`);
  }
  return x;
}

/** The norm of what half of a block adds to what it read. */
function added(p: Parameters, c: BertConfig, x: Value, change: Value, module: string): Value {
  const inner = { inputs: change.shape[1]!, outputs: c.hiddenSize, bias: true };
  const dense = linear(p, change, `${module}.dense`, inner);
  const sum = p.graph.scoped(module, () => add(dense, x));
  return layerNormLayer(p, sum, `${module}.LayerNorm`, c.normEps);
}

function selfAttention(
  p: Parameters,
  c: BertConfig,
  name: string,
  x: Value,
  batch: number,
  attend: AttendBothWays,
): Value {
  const module = `${name}.attention.self`;
  const time = x.shape[0]! / batch;
  const [q, k, v] = ['query', 'key', 'value'].map((part) => {
    const rows = linear(p, x, `${module}.${part}`, {
      inputs: c.hiddenSize,
      outputs: c.hiddenSize,
      bias: true,
    });
    return p.graph.scoped(module, () => splitHeads(rows, batch, time, c.heads));
  }) as [Value, Value, Value];
  const scale = (c.hiddenSize / c.heads) ** -0.5;
  return p.graph.scoped(module, () => mergeHeads(attend(q, k, v, scale, null)));
}

function widened(p: Parameters, c: BertConfig, name: string, x: Value): Value {
  const module = `${name}.intermediate`;
  const wide = linear(p, x, `${module}.dense`, { inputs: c.hiddenSize, outputs: c.mlpSize, bias: true });
  return p.graph.scoped(module, () => activationOf(c.activation)(wide));
}
