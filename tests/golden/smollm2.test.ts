/** Real weights: SmolLM2-135M-Instruct from its Q4_1 GGUF file, which lies outside the repository because of its size. */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Batch } from '../../main/engine/data/batches/batch.ts';
import { encodeChat, encodePrompt } from '../../main/engine/data/tokens/encode.ts';
import { loadTokenizer } from '../../main/engine/data/tokens/tokenizer/load.ts';
import type { Tokenizer } from '../../main/engine/data/tokens/tokenizer-types.ts';
import { Generator, likeliest } from '../../main/engine/eval/generator.ts';
import type { Executor } from '../../main/engine/exec/executor.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { type OpenedModel, openModel } from '../../main/engine/load/open-model.ts';
import { prepareWeights, type Weights } from '../../main/engine/load/weights.ts';
import { type Method, peftName } from '../../main/engine/nn/parameters.ts';
import { TrainState } from '../../main/engine/step/state.ts';
import { evaluationStep, gradientStep } from '../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../main/engine/tasks/feeds.ts';
import type { Message } from '../../main/rows/messages.ts';
import { logitsStep } from '../helpers/graphs.ts';
import { type PaddedArrays, paddedBatch, readJson, readPadded } from './case.ts';

const MODEL = path.join(import.meta.dirname, '../../../shared/models/SmolLM2-135M-Instruct.Q4_1.gguf');
const DATA = path.join(import.meta.dirname, 'data/smollm2');
const present = await fs.access(MODEL).then(
  () => true,
  () => false,
);
if (!present) console.warn('skipped: ../shared/models/SmolLM2-135M-Instruct.Q4_1.gguf is not here');

interface Expected {
  readonly chats: { messages: Message[]; ids: number[] }[];
  readonly loss_sum: number;
  readonly labelled_tokens: number;
  readonly loss_mean: number;
  readonly row_loss_sums: number[];
  readonly top_logits: { ids: number[]; logits: number[] }[];
  readonly greedy: { prompt: string; prompt_ids: number[]; ids: number[]; text: string }[];
}

interface TraceFile {
  readonly losses: number[];
  readonly grad_norms: number[];
  readonly grads: Record<string, { norm: number; first: number[]; shape: number[] }>;
}

const TARGETS = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];

/** The formula that the reference takes A from, A [r,in] of the layer and target that `name` names. */
function formulaA(name: string, [rank, inputs]: readonly number[]): Float32Array {
  const layer = Number(/layers\.(\d+)\./.exec(name)![1]);
  const t = 7 * layer + TARGETS.findIndex((target) => name.includes(target));
  return Float32Array.from({ length: rank! * inputs! }, (_, k) => {
    const [i, j] = [Math.floor(k / inputs!), k % inputs!];
    return Math.cos(0.7 * i + 1.1 * j + 0.3 * t) / Math.sqrt(inputs!);
  });
}

const lora: Method = { kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 8, scale: 2 }) };
const shapeOf = (b: Batch) => ({ batch: b.rowCount, time: b.rowLength, labels: b.rows.length });

describe.skipIf(!present)('SmolLM2-135M-Instruct (Q4_1)', () => {
  let cache: string;
  let opened: OpenedModel;
  let weights: Weights;
  let tokenizer: Tokenizer;
  let executor: Executor;
  let padded: PaddedArrays;
  let batch: Batch;
  let expected: Expected;

  beforeAll(async () => {
    cache = await fs.mkdtemp(path.join(os.tmpdir(), 'fettle-smollm2-'));
    opened = await openModel(MODEL);
    weights = await prepareWeights(opened, cache);
    tokenizer = await loadTokenizer(MODEL);
    executor = await openExecutor('ort', { threads: 1 });
    padded = await readPadded(DATA);
    batch = paddedBatch(padded, [0, 1, 2]);
    expected = await readJson<Expected>(DATA, 'expected.json');
  });

  afterAll(async () => {
    await opened?.store.close();
    if (cache) await fs.rm(cache, { recursive: true });
  });

  it('encodes the chats', () => {
    const ids = expected.chats.map(({ messages }) => encodeChat(tokenizer, messages, { trainOn: 'all' }).ids);
    expect(ids).toEqual(expected.chats.map((chat) => chat.ids));
    const prompts = expected.greedy.map(({ prompt }) =>
      encodePrompt(tokenizer, [{ role: 'user', content: prompt }]),
    );
    expect(prompts).toEqual(expected.greedy.map((g) => g.prompt_ids));
  });

  it('labels the tokens that the reference labels', () => {
    expected.chats.forEach(({ messages }, row) => {
      const { labels } = encodeChat(tokenizer, messages, { trainOn: 'answers' });
      const reference = padded.labels.subarray(row * padded.time, row * padded.time + labels.length);
      // the reference also trains on the line break after the answer, which the template writes
      const end = labels.findLastIndex((label) => label >= 0);
      expect(labels.slice(0, end + 1)).toEqual([...reference.subarray(0, end + 1)]);
    });
  });

  it('has the loss of each row and the mean loss', async () => {
    const { graph } = evaluationStep(opened.model, { kind: 'frozen' }, shapeOf(batch));
    const program = await executor.compile(graph, { weights: weights.source });
    const { outputs } = await program.run(batchFeeds(opened.model, batch));
    await program.release();
    const sums = [0, 0, 0];
    for (let i = 0; i < batch.labelledCount; i++)
      sums[Math.floor(batch.rows[i]! / batch.rowLength)]! += outputs.nll![i]!;
    expect(batch.labelledCount).toBe(expected.labelled_tokens);
    sums.forEach((sum, row) => {
      expect(Math.abs(sum - expected.row_loss_sums[row]!)).toBeLessThan(2e-3);
    });
    const mean = sums.reduce((a, b) => a + b) / batch.labelledCount;
    expect(Math.abs(mean - expected.loss_mean)).toBeLessThan(1e-4);
  });

  it('has the ten largest logits after each row', async () => {
    const last = expected.chats.map(({ ids }, row) => row * batch.rowLength + ids.length - 1);
    const asked = {
      ...batch,
      rows: Int32Array.from(last),
      targets: new Int32Array(3),
      weights: new Float32Array(3),
    };
    const { graph } = logitsStep(opened.model, { kind: 'frozen' }, shapeOf(asked));
    const program = await executor.compile(graph, { weights: weights.source });
    const logits = (await program.run(batchFeeds(opened.model, asked))).outputs.logits!;
    await program.release();
    const { vocabSize } = opened.model;
    expected.top_logits.forEach((top, row) => {
      const own = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
      const order = Array.from(own.keys()).sort((a, b) => own[b]! - own[a]!);
      expect(order.slice(0, 10)).toEqual(top.ids);
      top.ids.forEach((id, i) => {
        expect(Math.abs(own[id]! - top.logits[i]!)).toBeLessThan(1e-3);
      });
    });
  });

  it('writes the same greedy answers', async () => {
    const { model } = opened;
    const generator = new Generator({
      executor,
      model,
      weights: weights.source,
      method: { kind: 'frozen' },
      trained: {},
    });
    for (const { prompt_ids: prompt, ids, text } of expected.greedy) {
      generator.reset();
      const own = [likeliest(await generator.advance(prompt))];
      while (own.length < ids.length) own.push(likeliest(await generator.advance([own.at(-1)!])));
      expect(own).toEqual(ids);
      expect(tokenizer.decode(own, { skipSpecial: true })).toBe(text);
    }
    await generator.release();
  });

  it('follows ten steps of LoRA with all listed gradients', async () => {
    const trace = await readJson<TraceFile>(DATA, 'lora_trace.json');
    const { graph, trainables } = gradientStep(opened.model, lora, shapeOf(batch));
    const state = TrainState.create(executor, trainables);
    for (const { name, shape, kind } of trainables)
      if (kind === 'lora_a') state.slice('param', name).set(formulaA(name, shape));
    const program = await executor.compile(graph, { weights: weights.source });
    const adamW = { rate: 5e-4, weightDecay: 0, beta1: 0.9, beta2: 0.999, eps: 1e-8, maxNorm: 1 };
    let seen = 0;
    for (const [step, loss] of trace.losses.entries()) {
      state.clearGradients();
      const feeds = { ...batchFeeds(opened.model, batch), ...state.feeds(true) };
      const { outputs } = await program.run(feeds, state.gradientTargets());
      const own = (outputs.nll as Float32Array).reduce((a, b) => a + b, 0) / batch.labelledCount;
      expect(Math.abs(own - loss), `loss of step ${step}`).toBeLessThan(2e-3);
      for (const [key, reference] of Object.entries(trace.grads).filter(([k]) =>
        k.startsWith(`step${step + 1}.`),
      )) {
        const [, module, which] = /^step\d+\.(.+)\.lora_([AB])$/.exec(key)!;
        const name = peftName(`model.${module}`, which as 'A' | 'B');
        const grad = state.slice('grad', name).map((g) => g / batch.labelledCount);
        const tolerance = 2e-3 * reference.norm;
        expect(Math.abs(Math.hypot(...grad) - reference.norm), key).toBeLessThan(tolerance);
        reference.first.forEach((value, i) => {
          expect(Math.abs(grad[i]! - value), `${key}[${i}]`).toBeLessThan(tolerance);
        });
        seen++;
      }
      const norm = await state.update(adamW, batch.labelledCount);
      expect(Math.abs(norm - trace.grad_norms[step]!), `norm of step ${step}`).toBeLessThan(4e-3);
    }
    expect(seen).toBe(Object.keys(trace.grads).length);
    await program.release();
  });
});
