/** Encoders that are trained to sort, on every executor against Transformers and PEFT: logits, loss, every gradient, three steps of AdamW. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shareRows } from '../../main/engine/eval/vectors/share-rows.ts';
import { targetFeeds } from '../../main/engine/eval/vectors/steps.ts';
import { textFeeds } from '../../main/engine/eval/vectors/text-feeds.ts';
import { trainingOf } from '../../main/engine/eval/vectors/train-encoder.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { Graph } from '../../main/engine/ir/graph.ts';
import type { SentenceSettings } from '../../main/engine/load/sentence-settings.ts';
import { type Method, Parameters } from '../../main/engine/nn/parameters.ts';
import {
  encoderStep,
  frozenEncoderStep,
  headLogits,
  headName,
  sortingLoss,
  type TextShape,
  textVectors,
} from '../../main/engine/step/encoder-steps.ts';
import { TrainState } from '../../main/engine/step/state.ts';
import { EXACT_EXECUTORS } from '../helpers/executors.ts';
import { temporaryFolder } from '../helpers/tiny-model.ts';
import { difference, gradientLine, type Line, passes } from './compare.ts';
import { type EncoderCase, type EncoderTrace, openEncoderCase, type TraceSettings } from './encoder-case.ts';
import { traceLines } from './trace-lines.ts';

const { folder: cache, remove } = temporaryFolder();
afterAll(remove);

const KINDS = ['all', 'upper', 'lora'] as const;
type Kind = (typeof KINDS)[number];
type Traces = Readonly<Record<Kind, EncoderTrace>> & TraceSettings;
const LABELS = [5, 3];
/** How texts lie in a batch, and whether frozen layers are cut off; once where an executor only computes the same graph. */
const LAYOUTS = { one: ['shared'], two: ['shared', 'padded'], all: ['shared', 'padded', 'kept'] } as const;

describe.each(['bert', 'roberta', 'modernbert'])('%s', (family) => {
  let known: EncoderCase<Traces>;
  let targets: Int32Array[];
  beforeAll(async () => {
    known = await openEncoderCase<Traces>(
      family,
      { folder: 'encoder-sorting', file: 'sorting.safetensors' },
      cache,
    );
    targets = await Promise.all(LABELS.map((_, part) => known.expected.ints(`targets-${part}`)));
  });
  afterAll(() => known.close());

  /** All texts in one row, or a text in each. */
  function laidOut(layout: 'shared' | 'padded') {
    const { ids } = known;
    const lengths = ids.map((own) => own.length);
    const every = ids.map((_, text) => text);
    if (layout === 'shared') {
      const { shape, steps } = shareRows([every], lengths, ids.length);
      expect([shape.rows, steps[0]!.length]).toEqual([1, 1]);
      return { shape, batch: steps[0]![0]! };
    }
    const shape: TextShape = { rows: ids.length, rowLength: Math.max(...lengths), texts: ids.length };
    return { shape, batch: { texts: every.map((text) => ({ text, row: text, start: 0 })) } };
  }

  const cases = EXACT_EXECUTORS.flatMap((name) =>
    KINDS.flatMap((kind) =>
      LAYOUTS[name === 'ort' && kind === 'upper' ? 'all' : name === 'ort' ? 'two' : 'one'].map(
        (layout) => [kind, name, layout] as const,
      ),
    ),
  );
  it.each(cases)('%s on %s has the numbers of Transformers, rows %s', async (kind, name, layout) => {
    const { encoder, weights, expected, traces, ids } = known;
    const executor = await openExecutor(name, { threads: 1 });
    const adapted = (module: string) => expected.has(`base_model.model.${module}.lora_A.weight`);
    const methods: Readonly<Record<Kind, Method>> = {
      all: { kind: 'full' },
      upper: trainingOf(1, encoder.layers),
      lora: {
        kind: 'lora',
        dropout: 0,
        adapterOf: (module) => (adapted(module) ? { rank: 2, scale: 2.5 } : null),
      },
    };
    const method = methods[kind];
    const { shape, batch } = laidOut(layout === 'padded' ? 'padded' : 'shared');
    const isKept = layout === 'kept';
    const of = { encoder, isUnit: kind !== 'lora' };
    const { graph, trainables } = encoderStep(
      of,
      method,
      shape,
      sortingLoss(LABELS),
      isKept ? 'f32' : undefined,
    );
    if (isKept) expect(graph.weights.size).toBe(0);
    const state = TrainState.create(executor, trainables);
    for (const { name: parameter } of trainables) {
      const own = parameter.replace('base_model.model.head', 'head');
      const value = expected.has(own) ? await expected.floats(own) : await weights.read(parameter);
      state.slice('param', parameter).set(value);
    }
    await state.commit();
    const sentences: SentenceSettings = {
      ...{ pooling: kind === 'lora' ? 'cls' : 'mean', isUnit: of.isUnit },
      ...{ maxTokens: null, isLowerCase: false, prompts: {}, prompt: '' },
    };
    const feeds = {
      ...textFeeds({ encoder, sentences }, batch, shape, (text) => ids[text]!),
      ...targetFeeds(batch, shape, targets),
    };
    const fed = (inputs: ReadonlyMap<string, unknown>, all: object) =>
      Object.fromEntries(Object.entries(all).filter(([input]) => inputs.has(input)));
    const source = { weights: weights.source };
    let kept = {};
    if (isKept) {
      const below = frozenEncoderStep(of, method, shape);
      const program = await executor.compile(below, source);
      kept = { kept: (await program.run(fed(below.inputs, feeds))).outputs.kept };
      await program.release();
    }
    const logits = new Graph();
    const p = new Parameters(logits, method);
    const vectors = textVectors(logits, p, of, shape);
    LABELS.forEach((count, part) => {
      const head = p.ownHead(headName(part), [count, encoder.hiddenSize + 1]);
      logits.output(`logits-${part}`, headLogits(vectors, head));
    });
    const measure = await executor.compile(logits, source);
    const step = await executor.compile(graph, { ...source, kept: state.kept });
    const lines: Line[] = [];
    const line = (quantity: string, own: number, wanted: number, tolerance: number) =>
      lines.push({ quantity, worst: Math.abs(own - wanted), tolerance });
    const { outputs: found } = await measure.run(fed(logits.inputs, { ...feeds, ...state.feeds(false) }));
    // texts that share rows stand there in another order
    const inOrder = (part: number) => {
      const [own, count] = [found[`logits-${part}`] as Float32Array, LABELS[part]!];
      const sorted = new Float32Array(own.length);
      for (const [i, { text }] of batch.texts.entries())
        sorted.set(own.subarray(i * count, (i + 1) * count), text * count);
      return sorted;
    };
    for (const part of LABELS.keys()) {
      const wanted = await expected.floats(`${kind}.logits-${part}`);
      lines.push({ quantity: `logits ${part}`, worst: difference(inOrder(part), wanted), tolerance: 1e-4 });
    }
    const gradients = async () => {
      state.clearGradients();
      const { outputs } = await step.run(
        fed(graph.inputs, { ...feeds, ...kept, ...state.feeds(true) }),
        state.gradientTargets(),
      );
      return (outputs.losses as Float32Array).reduce((sum, loss) => sum + loss, 0) / ids.length;
    };
    line('loss', await gradients(), (await expected.floats(`${kind}.loss`))[0]!, 1e-5);
    await state.fetch(['grad']);
    lines.push(await gradientLine('gradients', expected, state, ids.length, `${kind}.grad.`));
    lines.push(...(await traceLines(traces, traces[kind], state, ids.length, gradients)));
    await Promise.all([step.release(), measure.release(), state.release()]);
    expect(lines.filter((one) => !passes(one))).toEqual([]);
  });
});
