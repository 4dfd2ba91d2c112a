/** Heads that sort, on every executor against Transformers and PEFT: logits, loss, every gradient, and three steps of AdamW. */
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Batch, batchFromArrays } from '../../main/engine/data/batches/batch.ts';
import { NOT_TRAINED } from '../../main/engine/data/tokens/tokenizer-types.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { type LoraAdapter, readAdapter } from '../../main/engine/io/peft.ts';
import { type OpenedModel, openModel, readConfig } from '../../main/engine/load/open-model.ts';
import { withSortingHead } from '../../main/engine/load/ready-model.ts';
import { prepareWeights, type Weights } from '../../main/engine/load/weights.ts';
import { readModel } from '../../main/engine/models/registry.ts';
import { SORTING_HEAD, sortingConfig } from '../../main/engine/models/sorting.ts';
import { type Method, peftName, savedWholeName } from '../../main/engine/nn/parameters.ts';
import { TrainState } from '../../main/engine/step/state.ts';
import { evaluationStep, gradientStep } from '../../main/engine/step/step-graphs.ts';
import { sortTexts } from '../../main/engine/tasks/categories.ts';
import { EXACT_EXECUTORS } from '../helpers/executors.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { type Arrays, openArrays, readJson } from './case.ts';
import { difference, gradientLine, type Line, passes } from './compare.ts';

const data = path.join(import.meta.dirname, 'data');
const CATEGORIES = ['billing', 'delivery', 'other', 'praise', 'refund'];
const { folder: cache, remove } = temporaryFolder();
afterAll(remove);

interface Trace {
  readonly losses: readonly number[];
  readonly grad_norms: readonly number[];
  readonly after: number;
  readonly parameter_norms: Readonly<Record<string, number>>;
}
type Traces = Readonly<Record<'full' | 'lora', Trace>> & {
  readonly steps: number;
  readonly rate: number;
  readonly weight_decay: number;
  readonly max_norm: number;
};

async function batchOf(expected: Arrays): Promise<Batch> {
  const [rowCount, rowLength] = expected.shape('input_ids') as [number, number];
  const [mask, wanted] = [await expected.ints('attention_mask'), await expected.ints('categories')];
  const isLast = (i: number) => mask[i] === 1 && ((i + 1) % rowLength === 0 || mask[i + 1] === 0);
  return batchFromArrays({
    ...{ rowCount, rowLength, tokens: await expected.ints('input_ids'), attentionMask: mask },
    labels: mask.map(() => NOT_TRAINED),
    categories: mask.map((_, i) => (isLast(i) ? wanted[Math.floor(i / rowLength)]! : NOT_TRAINED)),
  });
}

describe.each(['llama', 'qwen2', 'gpt2'])('%s', (family) => {
  const folder = path.join(data, 'sorting', family);
  let opened: OpenedModel;
  let weights: Weights;
  let adapter: LoraAdapter;
  let expected: Arrays & { close(): Promise<void> };
  let traces: Traces;
  beforeAll(async () => {
    const base = await openModel(path.join(data, 'families', family));
    weights = await prepareWeights(base, cache);
    const special = { bos: null, eos: null, pad: 0, unk: null };
    opened = withSortingHead(base, { special }, CATEGORIES);
    adapter = await readAdapter(path.join(folder, 'adapter'));
    expected = await openArrays(path.join(folder, 'sorting.safetensors'));
    traces = await readJson<Traces>(folder, 'trace.json');
  });
  afterAll(async () => {
    await expected.close();
    await opened.store.close();
  });

  const methods: Readonly<Record<'full' | 'lora', Method>> = {
    full: { kind: 'full' },
    lora: {
      ...{ kind: 'lora', dropout: 0 },
      adapterOf: (module) => (adapter.tensors.has(module) ? { rank: 2, scale: 2.5 } : null),
    },
  };

  async function initial(kind: 'full' | 'lora', name: string): Promise<Float32Array> {
    if (name === SORTING_HEAD) return await expected.floats(SORTING_HEAD);
    if (kind === 'full') return await weights.read(name);
    if (name === savedWholeName(SORTING_HEAD)) return adapter.head!.weights;
    const [module, { a, b }] = [...adapter.tensors].find(([one]) =>
      name.startsWith(peftName(one, 'A').slice(0, -14)),
    )!;
    return name === peftName(module, 'A') ? a : b;
  }

  const cases = EXACT_EXECUTORS.flatMap((name) =>
    (['full', 'lora'] as const).flatMap((kind) =>
      (['none', 'block'] as const).map((recompute) => [kind, name, recompute] as const),
    ),
  );
  it.each(cases)(
    '%s on %s has the numbers of Transformers, computing again: %s',
    async (kind, name, recompute) => {
      const executor = await openExecutor(name, { threads: 1 });
      const batch = await batchOf(expected);
      const shape = { batch: batch.rowCount, time: batch.rowLength, labels: batch.rows.length };
      const { model } = opened;
      const { graph, trainables } = gradientStep(
        model,
        methods[kind],
        shape,
        recompute,
        true,
        sortTexts.loss,
      );
      const state = TrainState.create(executor, trainables);
      for (const one of trainables) state.slice('param', one.name).set(await initial(kind, one.name));
      await state.commit();
      const step = await executor.compile(graph, { weights: weights.source, kept: state.kept });
      const measuring = evaluationStep(model, methods[kind], shape, sortTexts.loss);
      const measure = await executor.compile(measuring.graph, { weights: weights.source });
      const fed = (inputs: ReadonlyMap<string, unknown>, feeds: object) =>
        Object.fromEntries(Object.entries(feeds).filter(([input]) => inputs.has(input)));
      const feeds = sortTexts.feeds(model, batch);
      const measured = async () => {
        const { outputs } = await measure.run(
          fed(measuring.graph.inputs, { ...feeds, ...state.feeds(false) }),
        );
        const tally = sortTexts.tally();
        tally.add(batch, outputs);
        return { figures: tally.figures, scores: outputs.scores as Float32Array };
      };
      const gradients = async () => {
        state.clearGradients();
        const { outputs } = await step.run(
          fed(graph.inputs, { ...feeds, ...state.feeds(true) }),
          state.gradientTargets(),
        );
        const tally = sortTexts.tally();
        tally.add(batch, outputs);
        return tally.figures.loss;
      };
      const lines: Line[] = [];
      const line = (quantity: string, own: number, wanted: number, tolerance: number) =>
        lines.push({ quantity, worst: Math.abs(own - wanted), tolerance });
      const [loss] = await expected.floats(`${kind}.loss`);
      const logits = await expected.floats(`${kind}.logits`);
      const { figures, scores } = await measured();
      lines.push({ quantity: 'logits', worst: difference(scores, logits), tolerance: 1e-4 });
      line('loss', figures.loss, loss!, 1e-5);
      const rightOnes = [...(await expected.ints('categories'))].filter((category, row) => {
        const given = logits.subarray(5 * row, 5 * row + 5);
        return given.indexOf(Math.max(...given)) === category;
      });
      line('accuracy', figures.accuracy!, rightOnes.length / batch.rowCount, 0);
      line('loss of the step', await gradients(), loss!, 1e-5);
      await state.fetch(['grad']);
      if (expected.has(`${kind}.grad.${trainables[0]!.name}`))
        lines.push(await gradientLine('gradients', expected, state, batch.labelledCount, `${kind}.grad.`));
      const trace = traces[kind];
      for (let i = 0; i < traces.steps; i++) {
        line(`loss before step ${i + 1}`, await gradients(), trace.losses[i]!, 1e-4);
        const norm = await state.update(
          {
            ...{
              rate: traces.rate,
              weightDecay: traces.weight_decay,
              stayClose: 0,
              maxNorm: traces.max_norm,
            },
            ...{ beta1: 0.9, beta2: 0.999, eps: 1e-8 },
          },
          sortTexts.countOf(batch),
        );
        line(`gradient norm of step ${i + 1}`, norm, trace.grad_norms[i]!, 1e-3);
      }
      line('loss after', (await measured()).figures.loss, trace.after, 1e-3);
      await state.fetch(['param']);
      for (const [parameter, norm] of Object.entries(trace.parameter_norms))
        line(parameter, Math.hypot(...state.values(parameter)), norm, 1e-3 * Math.max(1, norm));
      await Promise.all([step.release(), measure.release(), state.release()]);
      expect(lines.filter((one) => !passes(one))).toEqual([]);
    },
  );
});

it('reads and writes the configuration as Transformers does', async () => {
  const written = await readConfig(path.join(data, 'sorting', 'llama', 'model', 'config.json'));
  expect(readModel(written).categories).toEqual(CATEGORIES);
  const base = await readConfig(path.join(data, 'families', 'llama', 'config.json'));
  const own = sortingConfig(base, readModel(base), CATEGORIES, 0);
  expect(own).toMatchObject({
    architectures: ['LlamaForSequenceClassification'],
    id2label: written.id2label,
    label2id: written.label2id,
    pad_token_id: written.pad_token_id,
  });
});
