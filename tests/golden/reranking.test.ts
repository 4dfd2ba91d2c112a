/** Rerankers, on every executor against Transformers' classes for sequence classification: scores, loss, every gradient, three AdamW steps. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Reranker, wantedFeeds } from '../../main/engine/eval/vectors/reranker.ts';
import { shareRows } from '../../main/engine/eval/vectors/share-rows.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import type { SentenceSettings } from '../../main/engine/load/sentence-settings.ts';
import { pairHeadOutline } from '../../main/engine/models/pair-heads.ts';
import { encoderStep } from '../../main/engine/step/encoder-steps.ts';
import { scoreLoss, scoreStep } from '../../main/engine/step/score-loss.ts';
import { TrainState } from '../../main/engine/step/state.ts';
import { EXACT_EXECUTORS } from '../helpers/executors.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { difference, gradientLine, type Line, passes } from './compare.ts';
import { type EncoderCase, type EncoderTrace, openEncoderCase, type TraceSettings } from './encoder-case.ts';
import { traceLines } from './trace-lines.ts';

const { folder: cache, remove } = temporaryFolder();
afterAll(remove);

type Traces = TraceSettings & { readonly rerank: EncoderTrace };

describe.each(['bert', 'roberta', 'modernbert'])('%s', (family) => {
  let known: EncoderCase<Traces>;
  beforeAll(async () => {
    known = await openEncoderCase<Traces>(
      family,
      { folder: 'reranking', file: 'reranking.safetensors' },
      cache,
    );
  });
  afterAll(() => known.close());

  const SENTENCES: SentenceSettings = {
    ...{ pooling: 'mean', isUnit: true, maxTokens: null },
    ...{ isLowerCase: false, prompts: {}, prompt: '' },
  };

  it.each(EXACT_EXECUTORS)('on %s has the numbers of Transformers', async (name) => {
    const { opened, encoder, weights, expected, traces, ids } = known;
    const executor = await openExecutor(name, { threads: 1 });
    const files = { ...opened, encoder, sentences: SENTENCES };
    const reranker = await Reranker.of({ opened: files, weights, executor }, 1);
    const types = await expected.ints('token_type_ids');
    const time = expected.shape('input_ids')[1]!;
    const pairs = ids.map((own, row) => {
      const first = own.findIndex((_, i) => types[row * time + i] === 1);
      return { ids: own, second: first < 0 ? own.length : first };
    });
    const every = ids.map((_, text) => text);
    const { shape, steps } = shareRows(
      [every],
      ids.map(({ length }) => length),
      ids.length,
    );
    const batch = steps[0]![0]!;
    const method = { kind: 'full' } as const;
    const of = { encoder, isUnit: false };
    const { graph, trainables } = encoderStep(of, method, shape, scoreLoss(reranker.head));
    const head = pairHeadOutline(reranker.head, encoder.hiddenSize);
    const state = TrainState.create(executor, trainables);
    for (const { name: parameter } of trainables)
      state.setValues(
        parameter,
        head.has(parameter) ? await expected.floats(parameter) : await weights.read(parameter),
      );
    await state.commit();
    const lines: Line[] = [];
    const line = (quantity: string, own: number, wanted: number, tolerance: number) =>
      lines.push({ quantity, worst: Math.abs(own - wanted), tolerance });
    const wanted = [...(await expected.floats('wanted'))];
    const feeds = { ...reranker.feeds(batch, shape, pairs), ...wantedFeeds(batch, shape.texts, wanted) };
    const fed = (inputs: ReadonlyMap<string, unknown>, all: object) =>
      Object.fromEntries(Object.entries(all).filter(([input]) => inputs.has(input)));

    const asking = scoreStep(encoder, reranker.head, shape, method);
    const measure = await executor.compile(asking, { weights: weights.source });
    const { scores } = (await measure.run(fed(asking.inputs, { ...feeds, ...state.feeds(false) }))).outputs;
    const found = new Float32Array(ids.length);
    for (const [i, { text }] of batch.texts.entries()) found[text] = (scores as Float32Array)[i]!;
    lines.push({
      quantity: 'scores',
      worst: difference(found, await expected.floats('rerank.scores')),
      tolerance: 1e-4,
    });

    const step = await executor.compile(graph, { weights: weights.source, kept: state.kept });
    const gradients = async () => {
      state.clearGradients();
      const all = fed(graph.inputs, { ...feeds, ...state.feeds(true) });
      const { outputs } = await step.run(all, state.gradientTargets());
      return (outputs.losses as Float32Array).reduce((sum, loss) => sum + loss, 0) / ids.length;
    };
    line('loss', await gradients(), (await expected.floats('rerank.loss'))[0]!, 1e-5);
    await state.fetch(['grad']);
    lines.push(await gradientLine('gradients', expected, state, ids.length, 'rerank.grad.'));
    lines.push(...(await traceLines(traces, traces.rerank, state, ids.length, gradients)));
    await Promise.all([step.release(), measure.release(), state.release(), reranker.release()]);
    expect(lines.filter((one) => !passes(one))).toEqual([]);
  });
});
