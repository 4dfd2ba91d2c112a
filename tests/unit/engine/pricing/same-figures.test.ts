/** Prices by the short way, as the plan step asks for them one after the other, beside those of graphs that are all built: the same numbers. */
import { describe, expect, it, vi } from 'vitest';
import { parseRunConfig } from '../../../../main/engine/config/config.ts';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import type { JsonObject } from '../../../../main/engine/models/config-reader.ts';
import { outline } from '../../../../main/engine/models/model.ts';
import { readModel } from '../../../../main/engine/models/registry.ts';
import type { Halves } from '../../../../main/engine/nn/parameters.ts';
import type { Recompute } from '../../../../main/engine/passes/recompute.ts';
import { evaluationFigures, trainingFigures } from '../../../../main/engine/pricing/layers.ts';
import { type KnownModel, rememberedFigures } from '../../../../main/engine/pricing/pricing.ts';
import { methodOf } from '../../../../main/engine/step/method.ts';
import { Rng, streamSeed } from '../../../../main/rows/rng.ts';

const way = vi.hoisted(() => ({ isShort: true, lengthened: 0 }));
vi.mock(import('../../../../main/engine/pricing/lengthen.ts'), async (actual) => {
  const real = await actual();
  const lengthened: typeof real.lengthened = (graph, period) => {
    const found = way.isShort ? real.lengthened(graph, period) : null;
    if (found) way.lengthened++;
    return found;
  };
  return { ...real, lengthened };
});

const executor = await openExecutor('ort', { threads: 1 });
const rng = Rng.fromSeed(streamSeed(11, 'same', 'figures'));
const one = <T>(list: readonly T[]): T => list[Math.floor(list.length * rng.uniform())]!;
const between = (least: number, most: number) => least + Math.floor((most - least + 1) * rng.uniform());

const CONFIGS: readonly JsonObject[] = [
  { model_type: 'llama', num_hidden_layers: 14, vocab_size: 60_000, tie_word_embeddings: true },
  { model_type: 'llama', num_hidden_layers: 32, vocab_size: 4096 },
  { model_type: 'mistral', num_hidden_layers: 13, vocab_size: 4096, sliding_window: 150 },
  { model_type: 'qwen2', num_hidden_layers: 16, vocab_size: 4096, tie_word_embeddings: true },
];

function openedFor(config: JsonObject): KnownModel {
  const shape = {
    ...{ hidden_size: 256, intermediate_size: 768, num_attention_heads: 4, num_key_value_heads: 2 },
    ...{ head_dim: 64, max_position_embeddings: 4096 },
  };
  const whole = { ...shape, ...config };
  const model = readModel(whole);
  const found = outline(model);
  const halves: Halves = new Map([...found.parameters.keys()].map((name) => [name, 'bf16']));
  return { config: whole, model, outline: found, halves };
}

const MODELS = CONFIGS.map(openedFor);

function randomMethod(opened: KnownModel) {
  const method = one(['lora', 'qlora', 'qlora', 'full'] as const);
  const bits = { lora: one([16, undefined]), qlora: one([4, 8]), full: undefined }[method];
  const settings = {
    ...(method !== 'full' && { lora: { rank: between(2, 64), dropout: one([0, 0.1]) } }),
    ...(bits !== undefined && { bits }),
  };
  return methodOf(parseRunConfig({ model: 'm', data: 'd', out: 'o', method, ...settings }), opened);
}

function randomShapes() {
  const time = one([between(2, 40) * 32, 1024, 1056]);
  const shape = () => ({ batch: between(1, time > 512 ? 2 : 5), time, labels: 64 * between(1, 8) });
  const recompute = one(['none', 'attention', 'third', 'half', 'block'] as const satisfies Recompute[]);
  return { training: { ...shape(), recompute, accumulates: one([true, false]) }, evaluation: shape() };
}

describe('figures by the short way', () => {
  it('are those of graphs that are all built, for any settings and in any order', () => {
    const asked = Array.from({ length: 25 }, () => {
      const opened = one(MODELS);
      return { opened, method: randomMethod(opened), shapes: randomShapes() };
    });
    // one after the other, and some of them again, as a person goes back to what was before
    const order = [...asked, ...asked.filter((_, i) => i % 5 === 0)];
    const short = order.map(({ opened, method, shapes }) =>
      rememberedFigures(opened, method, shapes, executor),
    );
    expect(way.lengthened).toBeGreaterThan(asked.length);
    way.isShort = false;
    const built = new Map(
      asked.map((each) => {
        const { opened, method, shapes } = each;
        const training = trainingFigures(opened.model, method, shapes.training, executor);
        const evaluation = evaluationFigures(opened.model, method, shapes.evaluation, executor);
        return [each, { ...training, evaluation }];
      }),
    );
    for (const [i, each] of order.entries()) expect(short[i]).toEqual(built.get(each));
  });
});
