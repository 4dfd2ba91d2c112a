/** Activation recompute: the same gradients to the bit, in the memory of one block, and nothing undone by other passes. */
import { describe, expect, it } from 'vitest';
import { batchFromArrays } from '../../../../main/engine/data/batches/batch.ts';
import { NATIVE_FUSED } from '../../../../main/engine/exec/onnx/lower.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import type { HostArray } from '../../../../main/engine/ir/dtype.ts';
import type { Graph } from '../../../../main/engine/ir/graph.ts';
import { sizeOf } from '../../../../main/engine/ir/shape.ts';
import type { JsonObject } from '../../../../main/engine/models/config-reader.ts';
import { readModel } from '../../../../main/engine/models/registry.ts';
import type { Method } from '../../../../main/engine/nn/parameters.ts';
import { peaksOf } from '../../../../main/engine/passes/graph-cost.ts';
import { optimise, simplify } from '../../../../main/engine/passes/index.ts';
import { isBackward, layerOf } from '../../../../main/engine/passes/layer-scopes.ts';
import type { Recompute } from '../../../../main/engine/passes/recompute.ts';
import { scheduled } from '../../../../main/engine/passes/schedule.ts';
import { gradientStep } from '../../../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../../../main/engine/tasks/feeds.ts';
import { GEMMA4, NEWER, noise, tinyModel } from '../../../helpers/graphs.ts';

const full: Method = { kind: 'full' };
const lora = (dropout: number, modules = /./): Method => ({
  ...{ kind: 'lora', dropout },
  adapterOf: (module) => (modules.test(module) ? { rank: 3, scale: 2 } : null),
});

const FAMILIES: Readonly<Record<string, JsonObject>> = {
  'GPT-2': { model_type: 'gpt2', n_layer: 3, n_positions: 512 },
  Llama: { num_hidden_layers: 3 },
  Mistral: { model_type: 'mistral', num_hidden_layers: 3, sliding_window: 5 },
  Qwen2: { model_type: 'qwen2', num_hidden_layers: 3 },
  Qwen3: { model_type: 'qwen3', num_hidden_layers: 3 },
  ...Object.fromEntries(Object.entries(NEWER).map(([name, own]) => [name, { num_hidden_layers: 3, ...own }])),
  'Gemma 4': GEMMA4,
};
const METHODS: Readonly<Record<string, Method>> = { 'LoRA with dropout': lora(0.2), 'all weights': full };

/** All outputs of a gradient step, computed by onnxruntime. */
async function outputsOf(config: JsonObject, method: Method, time: number, what: Recompute) {
  const { model, source } = tinyModel(config);
  const tokens = Int32Array.from({ length: time }, (_, i) => (7 * i + 3) % 50);
  const batch = batchFromArrays({ rowCount: 1, rowLength: time, tokens, labels: tokens });
  const shape = { batch: 1, time, labels: batch.rows.length };
  const { graph } = gradientStep(model, method, shape, what);
  const feeds: Record<string, HostArray> = { ...batchFeeds(model, batch), dropoutSeed: Int32Array.of(77) };
  [...graph.inputs].forEach(([name, { shape: size }], i) => {
    feeds[name] ??= noise(sizeOf(size), i + 1, 0.4);
  });
  const needed = Object.fromEntries([...graph.inputs.keys()].map((name) => [name, feeds[name]!]));
  const executor = await openExecutor('ort', { threads: 1 });
  const program = await executor.compile(graph, { weights: source });
  const { outputs } = await program.run(needed);
  await program.release();
  return outputs;
}

/** Layers are chosen by their number: a third and a half of them are tried where layers are alike, and where they are of several kinds. */
const CHOSEN = ['Llama', 'LFM2', 'Qwen3.5', 'Gemma 4'];

describe.each(Object.entries(FAMILIES))('%s', (family, config) => {
  const ways: readonly Recompute[] = CHOSEN.includes(family)
    ? ['attention', 'third', 'half', 'block']
    : ['attention', 'block'];
  // dropout adds nodes to a block: without it there is nothing that another family could do otherwise
  const methods = family === 'Llama' ? { ...METHODS, LoRA: lora(0) } : METHODS;
  it.each(Object.entries(methods))('has the same gradients to the bit: %s', async (_method, method) => {
    const kept = await outputsOf(config, method, 9, 'none');
    expect(Object.keys(kept).length).toBeGreaterThan(10);
    expect(Object.values(kept).every((values) => values.every(Number.isFinite))).toBe(true);
    for (const what of ways) expect(await outputsOf(config, method, 9, what), what).toEqual(kept);
  });
});

it('rows whose queries are divided have the same gradients to the bit', async () => {
  const kept = await outputsOf(FAMILIES.Llama!, lora(0.1), 300, 'none');
  for (const what of ['attention', 'block'] as const)
    expect(await outputsOf(FAMILIES.Llama!, lora(0.1), 300, what), what).toEqual(kept);
});

describe('long rows', () => {
  const positions = { max_position_embeddings: 2048, n_positions: 2048, num_hidden_layers: 2, n_layer: 2 };

  it.each([
    ['Llama', FAMILIES.Llama!, lora(0.1)],
    ['Mistral, a window', { ...FAMILIES.Mistral!, sliding_window: 300 }, lora(0)],
    ['GPT-2, all weights', FAMILIES['GPT-2']!, full],
  ] as const)('have the gradients of plain attention to 1e-6: %s', async (_, config, method) => {
    // five chunks and a part of one, with keys of two lengths
    const kept = await outputsOf({ ...config, ...positions }, method, 1300, 'none');
    for (const what of ['attention', 'block'] as const) {
      const lean = await outputsOf({ ...config, ...positions }, method, 1300, what);
      for (const [name, values] of Object.entries(kept)) {
        const largest = [...values].reduce((most, x) => Math.max(most, Math.abs(x)), 1e-30);
        const off = [...values].reduce((most, x, i) => Math.max(most, Math.abs(x - lean[name]![i]!)), 0);
        expect(off / largest, `${what} ${name}`).toBeLessThan(1e-6);
      }
    }
  });

  it('never have the scores of two chunks of queries at once, on the way back either', () => {
    for (const what of ['attention', 'block'] as const) {
      const order = scheduled(optimise(longStep(2048, what), NATIVE_FUSED));
      const lastUse = new Map(order.flatMap(({ inputs }, step) => inputs.map((x) => [x, step] as const)));
      const change = new Int32Array(order.length + 1);
      order.forEach(({ output, op }, step) => {
        const [, , queries = 0, keys = 0] = output.shape;
        if (op === 'where' || queries < 256 || keys < 1024) return;
        change[step]!++;
        change[lastUse.get(output)! + 1]!--;
      });
      let [now, most] = [0, 0];
      for (const more of change) {
        now += more;
        most = Math.max(most, now);
      }
      expect(most).toBeGreaterThan(1);
      // scores, their softmax, its gradient and what comes of them
      expect(most).toBeLessThanOrEqual(5);
    }
  });

  it('need memory that grows with their length, beside the mask, which has no heads', () => {
    const mask = (time: number) => 4 * 0.625 * time * time;
    const peakAt = (time: number) =>
      peaksOf(optimise(longStep(time, 'block'), NATIVE_FUSED)).turn.bytes - mask(time);
    expect(peakAt(8192) / peakAt(4096)).toBeLessThan(2.2);
  });
});

/** A step of two layers with three heads on a single row. */
function longStep(time: number, what: Recompute): Graph {
  const model = readModel({
    ...{ model_type: 'llama', vocab_size: 200, hidden_size: 48, intermediate_size: 64 },
    ...{ num_hidden_layers: 2, num_attention_heads: 3, num_key_value_heads: 1, head_dim: 16 },
    max_position_embeddings: time,
  });
  return gradientStep(model, lora(0), { batch: 1, time, labels: 64 }, what).graph;
}

const TIME = 512;
const WIDTH = 96;

/** A step of a model of so many layers as it will run. */
function stepOf(layers: number, method: Method, what: Recompute, model_type = 'llama'): Graph {
  const gpt2 = { n_embd: WIDTH, n_head: 3, n_layer: layers, n_positions: TIME };
  const other = {
    ...{ hidden_size: WIDTH, intermediate_size: 256, num_attention_heads: 3, num_key_value_heads: 1 },
    ...{ num_hidden_layers: layers, head_dim: 32, max_position_embeddings: TIME },
  };
  const model = readModel({ model_type, vocab_size: 500, ...(model_type === 'gpt2' ? gpt2 : other) });
  return gradientStep(model, method, { batch: 1, time: TIME, labels: 128 }, what).graph;
}

const ready = (graph: Graph) => optimise(graph, NATIVE_FUSED);

function peakOf(layers: number, method: Method, what: Recompute, family?: string): number {
  const graph = ready(stepOf(layers, method, what, family));
  return peaksOf(graph, new Set([...graph.outputs.keys()].filter((name) => name.startsWith('grad.')))).turn
    .bytes;
}

describe('memory', () => {
  it.each(['gpt2', 'llama', 'mistral', 'qwen2', 'qwen3'])(
    'a block of %s leaves its input behind',
    (family) => {
      for (const method of [lora(0), lora(0.1), full])
        expect(peakOf(7, method, 'block', family) - peakOf(6, method, 'block', family)).toBe(
          4 * TIME * WIDTH,
        );
    },
  );

  it('at twelve layers falls to less than 0.35, and with attention alone by its probabilities', () => {
    for (const method of [lora(0), lora(0.1), full]) {
      const [none, attention, block] = (['none', 'attention', 'block'] as const).map((what) =>
        peakOf(12, method, what),
      );
      expect(block! / none!).toBeLessThan(0.35);
      // chunks of 256 queries with the keys up to their end, three heads, in each layer but one or two
      const probabilities = 4 * 3 * 256 * (256 + 512);
      expect(none! - attention!).toBeGreaterThan(10 * probabilities);
      expect(none! - attention!).toBeLessThanOrEqual(12 * probabilities);
    }
  });
});

it.each([
  ['third', 3, 12],
  ['half', 2, 11],
] as const)('%s computes one block of %i again whole, and never the last one', (what, period, layers) => {
  const again = (graph: Graph) => {
    const nodes = simplify(graph, NATIVE_FUSED).nodes.filter(
      ({ op, scope }) => op === 'silu' && isBackward(scope),
    );
    return new Set(nodes.map(({ scope }) => layerOf(scope)));
  };
  const expected = Array.from({ length: layers }, (_, i) => i).filter((i) => (layers - i) % period === 0);
  expect(again(stepOf(layers, lora(0), what))).toEqual(new Set(expected));
  expect(expected).not.toContain(layers - 1);
});

describe('every third block', () => {
  it('leaves its input behind, and the others what they leave with attention alone', () => {
    for (const method of [lora(0), lora(0.1), full]) {
      const [attention, third, block] = (['attention', 'third', 'block'] as const).map(
        (what) => peakOf(13, method, what) - peakOf(10, method, what),
      );
      expect(third! - block! / 3).toBeGreaterThan(0.9 * ((2 * attention!) / 3));
      expect(third! - block! / 3).toBeLessThan(1.1 * ((2 * attention!) / 3));
    }
  });
});

describe('every second block', () => {
  it('leaves its input behind, and the others what they leave with attention alone', () => {
    for (const method of [lora(0), lora(0.1), full]) {
      const [attention, half, block] = (['attention', 'half', 'block'] as const).map(
        (what) => peakOf(11, method, what) - peakOf(9, method, what),
      );
      expect(block).toBe(2 * 4 * TIME * WIDTH);
      expect(half! - block! / 2).toBeGreaterThan(0.9 * (attention! / 2));
      expect(half! - block! / 2).toBeLessThan(1.1 * (attention! / 2));
    }
  });
});

describe('other passes', () => {
  it('do not merge the copies with what they are copies of', () => {
    const count = (what: Recompute) => {
      const graph = simplify(stepOf(3, lora(0.1), what), NATIVE_FUSED);
      const of = (op: string) => graph.nodes.filter((node) => node.op === op).length;
      return { softmax: of('softmax'), randomUniform: of('randomUniform'), silu: of('silu') };
    };
    const [none, attention, block] = [count('none'), count('attention'), count('block')];
    // two chunks of queries in each of three layers, and the loss once
    expect([none.softmax, attention.softmax, block.softmax]).toEqual([7, 13, 13]);
    // seven adapters in each layer
    expect([none.randomUniform, attention.randomUniform, block.randomUniform]).toEqual([21, 21, 42]);
    expect(block.silu).toBe(2 * none.silu);
  });

  it('leave the copies of a block after the way back through the next one', () => {
    const order = scheduled(ready(stepOf(4, lora(0.1), 'block')));
    const layersBack = order.map(({ scope }) => (isBackward(scope) ? layerOf(scope) : null));
    const isCopy = order.map(({ scope, op }) => isBackward(scope) && /softmax|randomUniform|silu/.test(op));
    expect(isCopy.filter(Boolean).length).toBeGreaterThan(30);
    isCopy.forEach((copied, step) => {
      const above = layersBack[step]! + 1;
      if (copied && above < 4) expect(layersBack.lastIndexOf(above)).toBeLessThan(step);
    });
  });

  it('find nothing more where no gradient goes', () => {
    const count = (method: Method, what: Recompute) => stepOf(4, method, what).nodes.length;
    const top = lora(0, /layers\.3\./);
    const all = lora(0);
    const more = (method: Method) => count(method, 'block') - count(method, 'none');
    expect(more(top)).toBeGreaterThan(0);
    expect(more(top) * 4).toBe(more(all));
  });
});
