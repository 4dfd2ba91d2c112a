/** Qwen3.5, dense: three layers with a gated delta rule to one with attention, whose output is gated. */

import type { Value } from '../ir/graph.ts';
import type { Shape } from '../ir/shape.ts';
import { splitHeads } from '../nn/attention.ts';
import type { Mixer } from '../nn/decoder.ts';
import { linear } from '../nn/linear-and-norm.ts';
import type { ParameterKind } from '../nn/parameters.ts';
import {
  add,
  broadcastTo,
  exp,
  lessEqual,
  log,
  mul,
  neg,
  reshape,
  rmsNorm,
  scalar,
  sigmoid,
  silu,
  slice,
  transpose,
  where,
} from '../ops/functions.ts';
import { ConfigReader, mismatch, readTaps, unsupported } from './config-reader.ts';
import {
  attentionBias,
  DECODER_PLANNER,
  decoderConfigOf,
  decoderModel,
  layerKinds,
  readDecoder,
} from './decoder-model.ts';
import type { Family } from './family.ts';
import { decoderConfig, decoderMetadata, notInGguf, u32 } from './gguf.ts';
import type { GgufTransform } from './gguf-layout.ts';

interface DeltaShape {
  readonly hiddenSize: number;
  readonly keyHeads: number;
  readonly valueHeads: number;
  readonly keyWidth: number;
  readonly valueWidth: number;
  /** Tokens of the short convolution. */
  readonly taps: number;
  readonly normEps: number;
}

/** The scope of all but the projections: what lies in it is computed in float32. */
const DELTA_SCOPE = 'delta';
const [LINEAR, FULL] = ['linear_attention', 'full_attention'];

export const qwen35: Family = {
  type: 'qwen3_5_text',
  titles: ['Qwen3.5'],
  wrapper: { type: 'qwen3_5', tiedHead: false },
  read(config) {
    const c = withDefaults(config);
    const decoder = readDecoder(c, {
      vocabSize: 248_320,
      mlpSize: 12_288,
      kvHeads: 4,
      headDim: 256,
      maxPositions: 32_768,
      rope: { partial: true },
    });
    // its two implementations in Transformers use others in different places
    if (!['silu', 'swish'].includes(decoder.activation))
      throw unsupported(`its activation function is "${decoder.activation}", not silu (hidden_act)`);
    const shape = deltaShape(c, decoder.hiddenSize);
    const kinds = kindsOf(c, decoder.layers);
    const delta = gatedDelta(shape);
    const own = {
      ...attentionBias(c),
      outputGate: true,
      headNorm: 'each',
      norm: { ...decoder.norm, offset: 1 },
      mixerOf: (layer: number) => (kinds[layer] === LINEAR ? delta : null),
    } as const;
    return decoderModel('qwen3_5_text', { ...decoder, ...own }, false, {
      names: GGUF_NAMES,
      transformOf: (parameter) => ggufTransform(parameter, shape),
    });
  },
  gguf: {
    architecture: 'qwen35',
    config(file) {
      const size = (key: string) => Number(file.read(`ssm.${key}`) ?? 0);
      const heads = size('time_step_rank');
      return {
        architectures: ['Qwen3_5ForCausalLM'],
        ...decoderConfig(file),
        partial_rotary_factor:
          Number(file.read('rope.dimension_count')) / Number(file.read('attention.key_length')),
        full_attention_interval: file.read('full_attention_interval') ?? 4,
        linear_conv_kernel_dim: size('conv_kernel'),
        linear_key_head_dim: size('state_size'),
        linear_num_key_heads: size('group_count'),
        linear_num_value_heads: heads,
        linear_value_head_dim: size('inner_size') / heads,
      };
    },
    metadata(described) {
      const c = withDefaults(new ConfigReader(described.config));
      const { taps, keyWidth, keyHeads, valueHeads, valueWidth } = deltaShape(c, described.model.hiddenSize);
      if (keyWidth !== valueWidth) throw notInGguf('value heads that are wider or narrower than key heads');
      return decoderMetadata('qwen35', described, {
        own: [
          ['ssm.conv_kernel', u32(taps)],
          ['ssm.state_size', u32(keyWidth)],
          ['ssm.group_count', u32(keyHeads)],
          ['ssm.time_step_rank', u32(valueHeads)],
          ['ssm.inner_size', u32(valueHeads * valueWidth)],
          ['full_attention_interval', u32(intervalOf(c, described.model.layers))],
          ['rope.dimension_sections', { type: 'i32s', value: sectionsOf(c) }],
        ],
      });
    },
  },
  planner: {
    published: {
      bfloat16: {
        'Qwen/Qwen3.5-0.8B': ['Qwen3.5 0.8B', 24, 1024, 8, 2, 3584, 248_320, true, 262_144, 256],
        'Qwen/Qwen3.5-2B': ['Qwen3.5 2B', 24, 2048, 8, 2, 6144, 248_320, true, 262_144, 256],
        'Qwen/Qwen3.5-4B': ['Qwen3.5 4B', 32, 2560, 16, 4, 9216, 248_320, true, 262_144, 256],
      },
    },
    ...DECODER_PLANNER,
    configOf: (shape) => ({ ...decoderConfigOf(shape), linear_num_value_heads: shape.heads > 8 ? 32 : 16 }),
  },
};

/** What the class takes for what is absent. */
function withDefaults(c: ConfigReader): ConfigReader {
  return c.withDefaults({ num_attention_heads: 16, partial_rotary_factor: 0.25 });
}

function deltaShape(c: ConfigReader, hiddenSize: number): DeltaShape {
  const keyHeads = c.size('linear_num_key_heads', 16, 4096);
  const valueHeads = c.size('linear_num_value_heads', 32, 4096);
  if (valueHeads % keyHeads !== 0)
    throw mismatch(
      `${valueHeads} value heads cannot share ${keyHeads} key heads evenly (linear_num_value_heads)`,
    );
  return {
    hiddenSize,
    keyHeads,
    valueHeads,
    keyWidth: c.size('linear_key_head_dim', 128, 4096),
    valueWidth: c.size('linear_value_head_dim', 128, 4096),
    taps: readTaps(c, 'linear_conv_kernel_dim', 4),
    normEps: c.number('rms_norm_eps', 1e-6),
  };
}

function kindsOf(c: ConfigReader, layers: number): readonly string[] {
  const interval = c.size('full_attention_interval', 4);
  return layerKinds(c, layers, [LINEAR!, FULL!], (layer) => ((layer + 1) % interval === 0 ? FULL! : LINEAR!));
}

/** Two rows of q, k and v through a short convolution; rates, decays and an output gate from projections of their own. */
function gatedDelta(shape: DeltaShape): Mixer {
  const { hiddenSize, keyHeads, valueHeads, keyWidth, valueWidth, taps, normEps } = shape;
  const [keys, values] = [keyHeads * keyWidth, valueHeads * valueWidth];
  const channels = 2 * keys + values;
  return (p, x, { module: layer, layer: number, batch, time, mixing }) => {
    const module = `${layer}.linear_attn`;
    const projected = (name: string, outputs: number) =>
      linear(p, x, `${module}.${name}`, { inputs: hiddenSize, outputs, bias: false });
    const wide = projected('in_proj_qkv', channels);
    const gate = projected('in_proj_z', values);
    const [b, a] = [projected('in_proj_b', valueHeads), projected('in_proj_a', valueHeads)];
    // what unpacks a parameter belongs to its layer too
    const own = (name: string, size: Shape, kind: ParameterKind) =>
      p.graph.scoped(module, () => p.base(`${module}.${name}`, size, kind));
    const filter = own('conv1d.weight', [channels, 1, taps], 'matrix');
    const bias = own('dt_bias', [valueHeads], 'bias');
    const speed = own('A_log', [valueHeads], 'matrix');
    const norm = own('norm.weight', [valueWidth], 'norm');
    const mixed = p.graph.scoped(`${module}.${DELTA_SCOPE}`, () => {
      const rows = reshape(wide, [batch, time, channels]);
      const seen = silu(mixing.convolve(number, rows, reshape(filter, [channels, taps])));
      const heads = (start: number, end: number, count: number) =>
        splitHeads(reshape(slice(seen, 2, start, end), [batch * time, end - start]), batch, time, count);
      const perHead = (y: Value) => transpose(reshape(y, [batch, time, valueHeads]), [0, 2, 1]);
      const o = mixing.recur(number, {
        q: shared(unitRows(heads(0, keys, keyHeads), keyWidth ** -0.5), valueHeads),
        k: shared(unitRows(heads(keys, 2 * keys, keyHeads), 1), valueHeads),
        v: heads(2 * keys, channels, valueHeads),
        decay: perHead(neg(mul(exp(speed), softplus(add(a, bias))))),
        rate: perHead(sigmoid(b)),
      });
      const tokens = reshape(transpose(o, [0, 2, 1, 3]), [batch * time, valueHeads, valueWidth]);
      return mul(reshape(rmsNorm(tokens, norm, normEps), [batch * time, values]), silu(gate));
    });
    return linear(p, mixed, `${module}.out_proj`, { inputs: values, outputs: hiddenSize, bias: false });
  };
}

/** scale x / sqrt(sum x^2 + 1e-6) over the last axis, which is a norm with the mean instead of the sum. */
function unitRows(x: Value, scale: number): Value {
  const width = x.shape.at(-1)!;
  const weight = x.graph.constant('f32', [width], new Float32Array(width).fill(scale * width ** -0.5));
  return rmsNorm(x, weight, 1e-6 / width);
}

/** Heads [B,H,T,D], each as often as value heads share it. */
function shared(x: Value, valueHeads: number): Value {
  const [batch, heads, time, width] = x.shape as [number, number, number, number];
  if (heads === valueHeads) return x;
  const repeated = broadcastTo(reshape(x, [batch, heads, 1, time, width]), [
    batch,
    heads,
    valueHeads / heads,
    time,
    width,
  ]);
  return reshape(repeated, [batch, valueHeads, time, width]);
}

/** Where e^x would be too large, log(1 + e^x) is x; torch draws the line there, too. */
const LARGE = 20;

function softplus(x: Value): Value {
  const isSmall = lessEqual(x, scalar(x.graph, LARGE));
  return where(isSmall, log(add(exp(where(isSmall, x, scalar(x.graph, 0))), 1)), x);
}

// GGUF: converters write -exp(A_log), filters without their middle axis, and value heads that share a key head not side by side but one
// from each key head in turn.

const GGUF_NAMES = {
  post_attention_layernorm: 'post_attention_norm',
  'linear_attn.in_proj_qkv': 'attn_qkv',
  'linear_attn.in_proj_z': 'attn_gate',
  'linear_attn.in_proj_b': 'ssm_beta',
  'linear_attn.in_proj_a': 'ssm_alpha',
  'linear_attn.conv1d': 'ssm_conv1d',
  'linear_attn.norm': 'ssm_norm',
  'linear_attn.out_proj': 'ssm_out',
  'linear_attn.A_log': 'ssm_a',
  'linear_attn.dt_bias': 'ssm_dt.bias',
};

const NONE: GgufTransform = { kind: 'none' };

function ggufTransform(parameter: string, shape: DeltaShape): GgufTransform | null {
  const part = /\.linear_attn\.([A-Za-z0-9_]+)/.exec(parameter)?.[1];
  if (part === undefined) return null;
  const { keyHeads, keyWidth, valueHeads, valueWidth } = shape;
  const of = (kind: 'rows' | 'columns', first: number, width: number): GgufTransform =>
    valueHeads === keyHeads ? NONE : { kind, order: [...places(first), ...tiled(shape, width, first)] };
  switch (part) {
    case 'in_proj_qkv':
      return of('rows', 2 * keyHeads * keyWidth, valueWidth);
    case 'conv1d':
      return { kind: 'chain', steps: [{ kind: 'squeeze' }, of('rows', 2 * keyHeads * keyWidth, valueWidth)] };
    case 'in_proj_z':
      return of('rows', 0, valueWidth);
    case 'out_proj':
      return of('columns', 0, valueWidth);
    case 'A_log':
      return { kind: 'chain', steps: [{ kind: 'decay' }, of('rows', 0, 1)] };
    case 'norm':
      return NONE;
    default:
      return of('rows', 0, 1);
  }
}

const places = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Rows of value heads of `width`, from the row `first` on, in the order of GGUF files. */
function tiled({ keyHeads, valueHeads }: DeltaShape, width: number, first: number): number[] {
  const share = valueHeads / keyHeads;
  return places(valueHeads).flatMap((head) => {
    const own = (head % keyHeads) * share + Math.floor(head / keyHeads);
    return places(width).map((row) => first + own * width + row);
  });
}

/** How the file says which layers attend; llama.cpp knows every n-th alone. */
function intervalOf(c: ConfigReader, layers: number): number {
  const kinds = kindsOf(c, layers);
  const interval = kinds.indexOf(FULL!) + 1;
  const isRegular = kinds.every((kind, layer) => (kind === FULL) === ((layer + 1) % interval === 0));
  if (interval > 0 && isRegular) return interval;
  throw notInGguf('full attention in other layers than every n-th (layer_types)');
}

/** Of the rotated pairs of a head those that turn with time, height and width; of text all turn alike. */
function sectionsOf(c: ConfigReader): number[] {
  const given = c.object('rope_parameters') ?? c.object('rope_scaling');
  const sections = given?.has('mrope_section') ? given.numbers('mrope_section') : [];
  return [...sections, 0, 0, 0, 0].slice(0, 4);
}
