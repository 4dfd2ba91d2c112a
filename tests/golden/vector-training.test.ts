/**
 * Encoders trained by vectors, on every executor against sentence-transformers and PEFT: vectors, loss, every gradient, three steps of
 * AdamW; as one graph, and over micro-batches with cached vectors.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shareRows } from '../../main/engine/eval/vectors/share-rows.ts';
import { textFeeds } from '../../main/engine/eval/vectors/text-feeds.ts';
import { VectorSteps } from '../../main/engine/eval/vectors/vector-steps.ts';
import { gradedTask, rankingTask } from '../../main/engine/eval/vectors/vector-tasks.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { widthOf } from '../../main/engine/models/encoder.ts';
import type { Method } from '../../main/engine/nn/parameters.ts';
import type { Pooling } from '../../main/engine/nn/pooling.ts';
import { vectorStep } from '../../main/engine/step/encoder-steps.ts';
import { EXACT_EXECUTORS } from '../helpers/executors.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { difference, gradientLine, type Line, passes } from './compare.ts';
import { type EncoderCase, type EncoderTrace, openEncoderCase, type TraceSettings } from './encoder-case.ts';
import { traceLines } from './trace-lines.ts';

const { folder: cache, remove } = temporaryFolder();
afterAll(remove);

const KINDS = ['pairs', 'triplets', 'graded'] as const;
type Kind = (typeof KINDS)[number];
type Traces = Readonly<Record<Kind, EncoderTrace>> & TraceSettings & { readonly scores: readonly number[] };
const CASES: Readonly<Record<string, readonly Kind[]>> = {
  bert: KINDS,
  roberta: ['pairs', 'graded'],
  modernbert: ['pairs', 'graded'],
  'decoder-qwen3': ['triplets', 'graded'],
  // with two layers behind pooling
  'decoder-gemma3-both': ['pairs', 'graded'],
};
const POOLED: Readonly<Record<Kind, Pooling>> = { pairs: 'mean', triplets: 'lasttoken', graded: 'cls' };

describe.each(Object.entries(CASES))('%s', (family, kinds) => {
  let known: EncoderCase<Traces>;
  beforeAll(async () => {
    known = await openEncoderCase<Traces>(
      family,
      { folder: 'vector-training', file: 'vectors.safetensors' },
      cache,
    );
  });
  afterAll(() => known.close());

  /** One step of the rows that sentence-transformers was given. */
  function taskOf(kind: Kind) {
    const { encoder, traces } = known;
    const rows = Array.from({ length: kind === 'triplets' ? 4 : 6 }, (_, row) => row);
    const sizes = kind === 'triplets' ? [encoder.hiddenSize, Math.floor(encoder.hiddenSize / 3)] : [];
    const settings = { scale: 20, sizes };
    if (kind === 'graded')
      return gradedTask(
        rows.map((row) => ({ first: row, second: row + 6, score: traces.scores[row]! })),
        [rows],
        settings,
      );
    const count = rows.length;
    const ranked = rows.map((row) => ({
      query: row,
      passage: row + count,
      negatives: kind === 'triplets' ? [row + 2 * count] : [],
    }));
    return rankingTask(ranked, [rows], settings);
  }

  /** A step as one micro-batch, or in several of few texts. */
  function laidOut(layout: 'whole' | 'cached') {
    const lengths = known.ids.map((own) => own.length);
    const every = lengths.map((_, text) => text);
    if (layout === 'whole') {
      const { shape, steps } = shareRows([every], lengths, every.length);
      expect(steps[0]!.length).toBe(1);
      return { shape, batches: steps[0]! };
    }
    const groups = [every.slice(0, 5), every.slice(5, 10), every.slice(10)];
    const batches = groups.map((texts) => ({ texts: texts.map((text, row) => ({ text, row, start: 0 })) }));
    return { shape: { rows: 5, rowLength: Math.max(...lengths), texts: 5 }, batches };
  }

  const cases = EXACT_EXECUTORS.flatMap((name) =>
    kinds.flatMap((kind) =>
      (name === 'ort' ? (['whole', 'cached'] as const) : (['whole'] as const)).map(
        (layout) => [kind, name, layout] as const,
      ),
    ),
  );
  it.each(cases)('%s on %s has the numbers of sentence-transformers, %s', async (kind, name, layout) => {
    const { opened, encoder, weights, expected, traces, ids } = known;
    const executor = await openExecutor(name, { threads: 1 });
    const adapted = (module: string) => expected.has(`base_model.model.${module}.lora_A.weight`);
    const method: Method =
      kind === 'graded'
        ? {
            kind: 'lora',
            dropout: 0,
            adapterOf: (module) => (adapted(module) ? { rank: 2, scale: 2.5 } : null),
          }
        : { kind: 'full' };
    const sentences = {
      ...{ pooling: POOLED[kind], isUnit: kind === 'pairs' },
      ...{ maxTokens: null, isLowerCase: false, prompts: {}, prompt: '' },
    };
    const task = taskOf(kind);
    const { shape, batches } = laidOut(layout);
    const steps = await VectorSteps.open(
      { opened: { ...opened, encoder, sentences }, weights, executor },
      task,
      {
        ...{ method, shape },
        ...{ most: batches.length, threads: 1 },
      },
    );
    const { state } = steps;
    for (const { name: parameter } of state.trainables)
      state.setValues(
        parameter,
        expected.has(parameter) ? await expected.floats(parameter) : await weights.read(parameter),
      );
    await state.commit();
    const lines: Line[] = [];
    const line = (quantity: string, own: number, wanted: number, tolerance: number) =>
      lines.push({ quantity, worst: Math.abs(own - wanted), tolerance });

    const of = { encoder, isUnit: sentences.isUnit };
    const { graph } = vectorStep(of, method, shape);
    const reading = await executor.compile(graph, { weights: weights.source });
    const width = widthOf(encoder);
    const found = new Float32Array(ids.length * width);
    for (const batch of batches) {
      const feeds = {
        ...textFeeds({ encoder, sentences }, batch, shape, (text) => ids[text]!),
        ...state.feeds(false),
      };
      const fed = Object.fromEntries(Object.entries(feeds).filter(([input]) => graph.inputs.has(input)));
      const vectors = (await reading.run(fed)).outputs.vectors as Float32Array;
      for (const [i, { text }] of batch.texts.entries())
        found.set(vectors.subarray(i * width, (i + 1) * width), text * width);
    }
    const vectors = await expected.floats(`${kind}.vectors`);
    lines.push({ quantity: 'vectors', worst: difference(found, vectors), tolerance: 1e-5 });

    const count = task.countOf(0);
    const gradients = async () => {
      state.clearGradients();
      return (await steps.add(0, batches, (text) => ids[text]!)) / count;
    };
    line('loss', await gradients(), (await expected.floats(`${kind}.loss`))[0]!, 1e-5);
    await state.fetch(['grad']);
    lines.push(await gradientLine('gradients', expected, state, count, `${kind}.grad.`));
    lines.push(...(await traceLines(traces, traces[kind], state, count, gradients)));
    await Promise.all([reading.release(), steps.release()]);
    expect(lines.filter((one) => !passes(one))).toEqual([]);
  });
});
