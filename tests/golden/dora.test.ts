/** DoRA on every executor against PEFT: its saved adapter, the loss, every gradient, the logits, and the merged matrices. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { mergedParameters } from '../../main/engine/export/merge.ts';
import { type LoraAdapter, readAdapter } from '../../main/engine/io/peft.ts';
import { loadAdapter, rowSquaresOf, withRowSquares } from '../../main/engine/load/adapter.ts';
import { type OpenedModel, openModel } from '../../main/engine/load/open-model.ts';
import { wholeParameter } from '../../main/engine/load/parameter-pieces.ts';
import { prepareWeights, type Weights } from '../../main/engine/load/weights.ts';
import { type Method, peftName } from '../../main/engine/nn/parameters.ts';
import { TrainState } from '../../main/engine/step/state.ts';
import { gradientStep } from '../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../main/engine/tasks/feeds.ts';
import { EXACT_EXECUTORS } from '../helpers/executors.ts';
import { logitsStep } from '../helpers/graphs.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { type Arrays, openArrays, paddedBatch, readPadded } from './case.ts';
import { difference, gradientLine, lossLines, passes, range } from './compare.ts';

const data = path.join(import.meta.dirname, 'data');
const { folder: cache, remove } = temporaryFolder();
afterAll(remove);

describe.each(['gpt2', 'qwen2'])('%s', (family) => {
  const model = path.join(data, 'families', family);
  const adapterFolder = path.join(data, 'dora', family, 'adapter');
  let opened: OpenedModel;
  let weights: Weights;
  let adapter: LoraAdapter;
  let expected: Arrays & { close(): Promise<void> };
  beforeAll(async () => {
    opened = await openModel(model);
    weights = await prepareWeights(opened, cache);
    adapter = await readAdapter(adapterFolder);
    expected = await openArrays(path.join(data, 'dora', family, 'dora.safetensors'));
  });
  afterAll(async () => {
    await expected.close();
    await opened.store.close();
  });

  const method: Method = {
    kind: 'lora',
    dropout: 0,
    adapterOf: (module) => (adapter.tensors.has(module) ? { rank: 2, scale: 2.5, dora: 'trained' } : null),
  };

  const cases = EXACT_EXECUTORS.flatMap((name) =>
    (['none', 'block'] as const).map((recompute) => [name, recompute] as const),
  );
  it.each(cases)('has the loss and the gradients on %s, computing again: %s', async (name, recompute) => {
    const executor = await openExecutor(name, { threads: 1 });
    const padded = await readPadded(model);
    const batch = paddedBatch(padded, range(padded.rows));
    const squares = await rowSquaresOf({ opened, executor, weights }, adapter.tensors.keys());
    const shape = { batch: padded.rows, time: padded.time, labels: batch.rows.length };
    const step = gradientStep(opened.model, method, shape, recompute);
    const state = TrainState.create(executor, step.trainables);
    for (const [module, { a, b, magnitude }] of adapter.tensors) {
      state.slice('param', peftName(module, 'A')).set(a);
      state.slice('param', peftName(module, 'B')).set(b);
      state.slice('param', peftName(module, 'magnitude')).set(magnitude!);
    }
    await state.commit();
    const program = await executor.compile(step.graph, {
      weights: withRowSquares(weights, squares).source,
      kept: state.kept,
    });
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

  it.each(EXACT_EXECUTORS)('has the logits on %s, loaded from the folder that PEFT wrote', async (name) => {
    const executor = await openExecutor(name, { threads: 1 });
    const padded = await readPadded(model);
    const row = paddedBatch(padded, [0], padded.time);
    const { rowLength } = row;
    const rows = Int32Array.from(range(rowLength));
    const loaded = await loadAdapter(adapterFolder, { opened, executor, weights });
    const shape = { batch: 1, time: rowLength, labels: rowLength };
    const { graph } = logitsStep(opened.model, loaded.method, shape);
    expect([...graph.weights.keys()].filter((weight) => weight.includes('rowSquares'))).toEqual([]);
    const program = await executor.compile(graph, { weights: weights.source });
    const all = { ...batchFeeds(opened.model, row), rows, ...loaded.trained };
    const feeds = Object.fromEntries(Object.entries(all).filter(([input]) => graph.inputs.has(input)));
    const { outputs } = await program.run(feeds);
    await program.release();
    const vocabulary = opened.model.vocabSize;
    const own = (outputs.logits as Float32Array).map((value, i) =>
      padded.mask[Math.floor(i / vocabulary)] === 1 ? value : 0,
    );
    expect(difference(own, await expected.floats('logits'))).toBeLessThanOrEqual(5e-5);
  });

  it('has the merged matrices', async () => {
    const merged = expected.names().filter((name) => name.startsWith('merged.'));
    expect(merged).toHaveLength(2);
    const read = mergedParameters(opened, adapter);
    for (const name of merged) {
      const parameter = name.slice('merged.'.length);
      const own = await wholeParameter(opened, parameter, read(parameter));
      const reference = await expected.floats(name);
      expect(difference(own, reference), parameter).toBeLessThanOrEqual(1e-6);
    }
  });
});
