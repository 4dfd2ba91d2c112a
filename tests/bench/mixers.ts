/**
 * `node tests/bench/mixers.ts [TOKENS]`: time of training steps through two layers with a gated delta rule, and with short convolutions, over that through two with
 * attention of the same width, taken in turns on one thread, so that other programs disturb little. Sizes are those of Qwen3.5-0.8B and LFM2-350M,
 * the vocabulary is small.
 */

import { batchFromArrays } from '../../main/engine/data/batches/batch.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import type { JsonObject } from '../../main/engine/models/config-reader.ts';
import type { Method } from '../../main/engine/nn/parameters.ts';
import { TrainState } from '../../main/engine/step/state.ts';
import { gradientStep } from '../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../main/engine/tasks/feeds.ts';
import { tinyModel } from '../helpers/graphs.ts';
import { median } from './rounds.ts';

const ROUNDS = 5;
const time = Number(process.argv[2] ?? 1024);

const small = { vocab_size: 64, num_hidden_layers: 2, max_position_embeddings: 8192 };
const qwen = {
  ...small,
  ...{
    model_type: 'qwen3_5_text',
    hidden_size: 1024,
    intermediate_size: 3584,
    head_dim: 256,
    linear_num_value_heads: 16,
  },
  ...{ num_attention_heads: 8, num_key_value_heads: 2, tie_word_embeddings: true },
};
const lfm = {
  ...small,
  ...{
    model_type: 'lfm2',
    hidden_size: 1024,
    intermediate_size: 4608,
    head_dim: 64,
    num_attention_heads: 16,
    num_key_value_heads: 8,
  },
  block_auto_adjust_ff_dim: false,
};

const PAIRS: Readonly<Record<string, readonly [JsonObject, JsonObject]>> = {
  'gated delta rule': [
    { ...qwen, layer_types: ['linear_attention', 'linear_attention'] },
    { ...qwen, layer_types: ['full_attention', 'full_attention'] },
  ],
  'short convolution': [
    { ...lfm, layer_types: ['conv', 'conv'] },
    { ...lfm, layer_types: ['full_attention', 'full_attention'] },
  ],
};

const executor = await openExecutor('ort', { threads: 1 });
const lora: Method = { kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 16, scale: 1 }) };

for (const [name, pair] of Object.entries(PAIRS))
  for (const [label, method] of [
    ['LoRA', lora],
    ['full', { kind: 'full' }],
  ] as const) {
    const steps = [await stepOf(pair[0], method), await stepOf(pair[1], method)];
    const seconds: number[][] = [[], []];
    for (let round = 0; round <= ROUNDS; round++)
      for (const [i, step] of steps.entries()) {
        const taken = await step.run();
        if (round > 0) seconds[i]!.push(taken);
      }
    const ratios = seconds[0]!.map((taken, round) => taken / seconds[1]![round]!);
    const [own, attention] = seconds.map((all) => Math.round(1000 * median(all)));
    console.log(
      `${name}, ${label}, ${time} tokens: ${own} ms, attention ${attention} ms, ratio ${median(ratios).toFixed(2)}`,
    );
    for (const step of steps) await step.release();
  }

async function stepOf(config: JsonObject, method: Method) {
  const { model, source, weights } = tinyModel(config);
  const ids = Int32Array.from({ length: time }, (_, i) => (7 * i) % 64);
  const batch = batchFromArrays({
    rowCount: 1,
    rowLength: time,
    tokens: ids,
    labels: ids,
    segments: ids.map((_, i) => Math.floor(i / (time / 4))),
    positions: ids.map((_, i) => i % (time / 4)),
  });
  const shape = { batch: 1, time, labels: batch.rows.length };
  const { graph, trainables } = gradientStep(model, method, shape, 'none', false);
  const state = TrainState.create(executor, trainables);
  for (const { name } of trainables) {
    const values = weights.get(name);
    if (values) state.slice('param', name).set(values);
  }
  await state.commit();
  const program = await executor.compile(graph, { weights: source, kept: state.kept });
  const feeds = { ...batchFeeds(model, batch), ...state.feeds(true) };
  return {
    run: async () => {
      const start = process.cpuUsage();
      await program.run(feeds, state.gradientTargets());
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1e6;
    },
    release: async () => {
      await program.release();
      await state.release();
    },
  };
}
