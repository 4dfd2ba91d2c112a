/** What a decoder may have that Llama has not: each against a Llama whose weights are changed so that both compute the same. */
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import { ConfigReader } from '../../../../main/engine/models/config-reader.ts';
import { decoderModel, readDecoder } from '../../../../main/engine/models/decoder-model.ts';
import { type Model, modelInputs } from '../../../../main/engine/models/model.ts';
import { attendWithin, attentionMask } from '../../../../main/engine/nn/attention.ts';
import type { DecoderConfig } from '../../../../main/engine/nn/decoder.ts';
import { FLAT_MIXING } from '../../../../main/engine/nn/mixing.ts';
import { Parameters } from '../../../../main/engine/nn/parameters.ts';
import { MAIN_ROPE, rotationFeeds } from '../../../../main/engine/nn/rope.ts';
import { compute, TINY, tinyWeights } from '../../../helpers/graphs.ts';

const TIME = 6;
const SIZES = { vocabSize: 50, mlpSize: 24, kvHeads: 2, headDim: 4, maxPositions: 64 };
const LLAMA = readDecoder(new ConfigReader(TINY), SIZES);
const LOCAL = { ...LLAMA.ropes.get(MAIN_ROPE)!, theta: 20 };

const modelOf = (more: Partial<DecoderConfig>) => decoderModel('test', { ...LLAMA, ...more }, false);
type Weights = Map<string, Float32Array>;

/** The graph of the hidden states of a row. */
function graphOf(model: Model): Graph {
  const graph = new Graph();
  const inputs = modelInputs(graph, model, 1, TIME);
  const segments = graph.constant('i32', [1, TIME], new Int32Array(TIME));
  const places = { positions: inputs.positions, segments };
  const attend = attendWithin((window) => attentionMask(places, places, window));
  graph.output(
    'hidden',
    model.hidden(new Parameters(graph, { kind: 'frozen' }), inputs, { ...FLAT_MIXING, attend }),
  );
  return graph;
}

function hiddenOf(more: Partial<DecoderConfig>, weights: Weights = tinyWeights(modelOf(more))): number[] {
  const model = modelOf(more);
  const positions = Int32Array.from({ length: TIME }, (_, i) => i);
  const tokens = positions.map((i) => (7 * i + 3) % 50);
  const feeds = { tokens, positions, ...rotationFeeds(model.ropes, positions) };
  return compute(graphOf(model), { ...Object.fromEntries(weights), ...feeds }, true).hidden!;
}

/** Llama's weights, those whose names end in `end` changed. */
function changed(end: RegExp, change: (values: Float32Array) => Float32Array): Weights {
  const weights = tinyWeights(modelOf({}));
  return new Map([...weights].map(([name, values]) => [name, end.test(name) ? change(values) : values]));
}

const times = (factor: number) => (values: Float32Array) => values.map((value) => factor * value);

function expectClose(one: readonly number[], other: readonly number[]): void {
  expect(one).toHaveLength(other.length);
  // weights are changed in float32
  one.forEach((value, i) => {
    expect(Math.abs(value - other[i]!), `[${i}]`).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)));
  });
}

describe('a decoder', () => {
  const plain = hiddenOf({});

  it.each<[string, Partial<DecoderConfig>, Weights]>([
    ['embedding', { embeddingScale: 3 }, changed(/embed_tokens.weight/, times(3))],
    ['queries', { queryScale: 0.75 * LLAMA.queryScale }, changed(/q_proj.weight/, times(0.75))],
    ['what a block adds', { residualScale: 0.5 }, changed(/(o|down)_proj.weight/, times(0.5))],
    ['logits', { logitScale: 2 }, changed(/model.norm.weight/, times(2))],
    [
      'norms with 1 + w',
      { norm: { ...LLAMA.norm, offset: 1 } },
      changed(/norm.weight/, (values) => values.map((value) => value + 1)),
    ],
  ])('scales: %s', (_, more, weights) => {
    const own = hiddenOf(more, tinyWeights(modelOf({})));
    expectClose(own, hiddenOf({}, weights));
    expect(own).not.toEqual(plain);
  });

  it('with fused projections is one whose matrices stand below each other', () => {
    const weights = tinyWeights(modelOf({}));
    const parts = (module: string, names: readonly string[]) =>
      Float32Array.from(names.flatMap((name) => [...weights.get(`${module}.${name}_proj.weight`)!]));
    const fused = new Map(weights);
    for (const layer of [0, 1].map((i) => `model.layers.${i}`)) {
      fused.set(`${layer}.self_attn.qkv_proj.weight`, parts(`${layer}.self_attn`, ['q', 'k', 'v']));
      fused.set(`${layer}.mlp.gate_up_proj.weight`, parts(`${layer}.mlp`, ['gate', 'up']));
    }
    expectClose(hiddenOf({ fusedQkv: true, fusedMlp: true }, fused), plain);
  });

  it('norms queries and keys of all heads together where that is asked for', () => {
    const one = { heads: 1, kvHeads: 1 };
    const weights = tinyWeights(modelOf({ ...one, headNorm: 'each' }));
    // of a single head both are the same
    expectClose(
      hiddenOf({ ...one, headNorm: 'all' }, weights),
      hiddenOf({ ...one, headNorm: 'each' }, weights),
    );
    const widths = (headNorm: 'each' | 'all') =>
      graphOf(modelOf({ headNorm })).weights.get('model.layers.0.self_attn.k_norm.weight')!.shape;
    expect([widths('each'), widths('all')]).toEqual([[4], [8]]);
  });

  it.each([
    ['pre', ['input_layernorm', 'post_attention_layernorm']],
    ['post', ['post_attention_layernorm', 'post_feedforward_layernorm']],
    [
      'sandwich',
      [
        'input_layernorm',
        'post_attention_layernorm',
        'pre_feedforward_layernorm',
        'post_feedforward_layernorm',
      ],
    ],
  ] as const)('has its norms placed: %s', (placement, names) => {
    const scopes = graphOf(modelOf({ placement })).nodes.filter(({ op }) => op === 'rmsNorm');
    const found = scopes.map(({ scope }) => scope).filter((scope) => scope.startsWith('model.layers.1.'));
    expect(found.map((scope) => scope.split('.')[3])).toEqual(names);
    const gguf = names.map((name) => modelOf({ placement }).ggufSource(`model.layers.1.${name}.weight`).name);
    expect(new Set(gguf).size).toBe(names.length);
  });

  it('has layer norms with biases where that is asked for', () => {
    const { weights } = graphOf(modelOf({ norm: { kind: 'layer', eps: 1e-5, offset: 0 } }));
    expect(weights.has('model.norm.bias')).toBe(true);
  });

  it('rotates each layer by the tables of its name, or not at all', () => {
    const ropes = new Map([...LLAMA.ropes, ['local', LOCAL]]);
    const ropeOf = (layer: number) => [MAIN_ROPE, 'local', null][layer]!;
    const model = modelOf({ layers: 3, ropes, ropeOf });
    const rotations = graphOf(model).nodes.filter(({ op }) => op === 'rope');
    const tables = rotations.map(({ inputs }) =>
      inputs.slice(2).map(({ source }) => source.kind === 'input' && source.name),
    );
    const [main, local] = [
      ['cos', 'sin'],
      ['cos.local', 'sin.local'],
    ];
    expect(tables).toEqual([main, main, local, local]);
    expect(model.withLayers(9)).toBeNull();
    // with the same rotation under another name nothing changes
    const same = new Map([...LLAMA.ropes, ['local', LLAMA.ropes.get(MAIN_ROPE)!]]);
    expect(hiddenOf({ ropes: same, ropeOf: () => 'local' })).toEqual(plain);
    expect(hiddenOf({ ropes, ropeOf: () => 'local' })).not.toEqual(plain);
  });
});
