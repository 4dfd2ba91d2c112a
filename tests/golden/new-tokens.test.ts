/** Rows of new tokens on every executor against PEFT's trainable tokens: its saved adapter, the loss, every gradient, the logits, the merged tables. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { type LoraAdapter, readAdapter } from '../../main/engine/io/peft.ts';
import { type OpenedModel, openModel } from '../../main/engine/load/open-model.ts';
import { tablePieces } from '../../main/engine/load/parameter-pieces.ts';
import { withRowsFor } from '../../main/engine/load/ready-model.ts';
import { prepareWeights, type Weights } from '../../main/engine/load/weights.ts';
import { type Method, peftName, tokenRowsName } from '../../main/engine/nn/parameters.ts';
import { TrainState } from '../../main/engine/step/state.ts';
import { gradientStep, type StepGraph } from '../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../main/engine/tasks/feeds.ts';
import { EXACT_EXECUTORS } from '../helpers/executors.ts';
import { logitsStep } from '../helpers/graphs.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { type Arrays, openArrays, type PaddedArrays, paddedBatch, readPadded } from './case.ts';
import { difference, gradientLine, lossLines, passes, range } from './compare.ts';

const data = path.join(import.meta.dirname, 'data');
const { folder: cache, remove } = temporaryFolder();
afterAll(remove);

/** Where the ids begin, and the tables that have rows for them. */
const CASES = [
  ['gpt2', 256, ['transformer.wte']],
  ['qwen2', 250, ['model.embed_tokens']],
  ['llama', 256, ['model.embed_tokens', 'lm_head']],
] as const;

describe.each(CASES)('%s with new tokens from %i on', (family, first, tables) => {
  const model = path.join(data, 'families', family);
  const adapterFolder = path.join(data, 'new-tokens', family, 'adapter');
  let base: OpenedModel;
  let opened: OpenedModel;
  let weights: Weights;
  let adapter: LoraAdapter;
  let padded: PaddedArrays;
  let expected: Arrays & { close(): Promise<void> };
  beforeAll(async () => {
    base = await openModel(model);
    weights = await prepareWeights(base, cache);
    adapter = await readAdapter(adapterFolder);
    opened = { ...base, ...withRowsFor(base, { first, count: 3 }) };
    expected = await openArrays(path.join(data, 'new-tokens', family, 'new-tokens.safetensors'));
    const ids = await expected.ints('input_ids');
    padded = { ...(await readPadded(model)), ids, labels: await expected.ints('labels') };
  });
  afterAll(async () => {
    await expected.close();
    await base.store.close();
  });

  const method: Method = {
    kind: 'lora',
    dropout: 0,
    adapterOf: (module) => (adapter.tensors.has(module) ? { rank: 2, scale: 2.5 } : null),
  };
  const stateOf = async (executor: Awaited<ReturnType<typeof openExecutor>>, step: StepGraph) => {
    const state = TrainState.create(executor, step.trainables);
    for (const [module, { a, b }] of adapter.tensors) {
      state.slice('param', peftName(module, 'A')).set(a);
      state.slice('param', peftName(module, 'B')).set(b);
    }
    for (const [table, rows] of adapter.newTokens!.rows)
      state.slice('param', tokenRowsName(`${table}.weight`)).set(rows);
    await state.commit();
    return state;
  };

  it('is read from the folder that PEFT wrote', () => {
    const { texts, first: begin, rows } = adapter.newTokens!;
    expect([texts.length, begin, [...rows.keys()].sort()]).toEqual([3, first, [...tables].sort()]);
    expect(opened.model.vocabSize).toBe(Math.max(256, first + 3));
  });

  const cases = EXACT_EXECUTORS.flatMap((name) =>
    (['none', 'block'] as const).map((recompute) => [name, recompute] as const),
  );
  it.each(cases)('has the loss and the gradients on %s, computing again: %s', async (name, recompute) => {
    const executor = await openExecutor(name, { threads: 1 });
    const batch = paddedBatch(padded, range(padded.rows));
    const shape = { batch: padded.rows, time: padded.time, labels: batch.rows.length };
    const step = gradientStep(opened.model, method, shape, recompute);
    const state = await stateOf(executor, step);
    const program = await executor.compile(step.graph, { weights: weights.source, kept: state.kept });
    const all = { ...batchFeeds(opened.model, batch), ...state.feeds(true) };
    const feeds = Object.fromEntries(Object.entries(all).filter(([input]) => step.graph.inputs.has(input)));
    const { outputs } = await program.run(feeds, state.gradientTargets());
    await state.fetch(['grad']);
    await program.release();
    const lines = [
      ...lossLines('', outputs.nll as Float32Array, batch, await expected.floats('loss'), null),
      await gradientLine('gradients', expected, state, batch.labelledCount, 'grad.'),
    ];
    expect(lines.filter((line) => !passes(line))).toEqual([]);
  });

  it.each(EXACT_EXECUTORS)('has the logits on %s', async (name) => {
    const executor = await openExecutor(name, { threads: 1 });
    const row = paddedBatch(padded, [0], padded.time);
    const { rowLength } = row;
    const rows = Int32Array.from(range(rowLength));
    const step = logitsStep(opened.model, method, { batch: 1, time: rowLength, labels: rowLength });
    const state = await stateOf(executor, step);
    const program = await executor.compile(step.graph, { weights: weights.source });
    const all = { ...batchFeeds(opened.model, row), rows, ...state.feeds(false) };
    const feeds = Object.fromEntries(Object.entries(all).filter(([input]) => step.graph.inputs.has(input)));
    const { outputs } = await program.run(feeds);
    await program.release();
    const vocabulary = opened.model.vocabSize;
    const own = (outputs.logits as Float32Array).map((value, i) =>
      padded.mask[Math.floor(i / vocabulary)] === 1 ? value : 0,
    );
    expect(difference(own, await expected.floats('logits'))).toBeLessThanOrEqual(5e-5);
  });

  it('has the merged tables', async () => {
    const place = { base, first } as Parameters<typeof tablePieces>[0];
    for (const [i, table] of tables.entries()) {
      const rows = adapter.newTokens!.rows.get(table)!;
      const own: number[] = [];
      for await (const piece of tablePieces(place, `${table}.weight`, rows)) own.push(...piece);
      const reference = await expected.floats(i === 0 ? 'merged.embedding' : 'merged.head');
      expect(difference(Float32Array.from(own), reference), table).toBe(0);
    }
  });
});
