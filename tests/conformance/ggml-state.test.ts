/** What is trained stays on a card of ggml: ggml's processor is shown as one, so that its numbers can be compared. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchFromArrays } from '../../main/engine/data/batches/batch.ts';
import { openGgml } from '../../main/engine/exec/ggml/library.ts';
import type { GgmlProgram } from '../../main/engine/exec/ggml/program.ts';
import { CHUNK_BYTES } from '../../main/engine/exec/ggml/tensors.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import type { HostArray } from '../../main/engine/ir/dtype.ts';
import { sizeOf } from '../../main/engine/ir/shape.ts';
import type { Method, Trainable } from '../../main/engine/nn/parameters.ts';
import { optimise } from '../../main/engine/passes/index.ts';
import { BUFFERS, DeviceState } from '../../main/engine/step/device-state.ts';
import { type AdamW, scalarsAt } from '../../main/engine/step/moments.ts';
import { TrainState } from '../../main/engine/step/state.ts';
import { evaluationStep, gradientStep } from '../../main/engine/step/step-graphs.ts';
import { batchFeeds } from '../../main/engine/tasks/feeds.ts';
import { processorAsCard, VULKAN } from '../helpers/ggml.ts';
import { Faults } from '../helpers/ggml-faults.ts';
import { noise, tinyModel } from '../helpers/graphs.ts';

const SETTINGS: AdamW = {
  ...{ rate: 0.01, weightDecay: 0.1, stayClose: 0.05, beta1: 0.9, beta2: 0.99, eps: 1e-8, maxNorm: 0.5 },
};
const LORA: Method = { kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 4, scale: 2 }) };
const METHODS = { lora: LORA, full: { kind: 'full' } } as const;
/** What an update leaves. */
const LEFT = BUFFERS.filter((name) => name !== 'grad');
const [STEPS, PARTS, TOKENS] = [3, 2, 9];

interface Asked {
  readonly card?: string;
  readonly hostState?: boolean;
}

/** A step of a tiny Llama on an executor, with what it is given. */
async function opened(method: Method, { card = VULKAN, hostState = false }: Asked = {}) {
  const executor = await openExecutor('ggml', { threads: 1, card, hostState });
  const { model, weights } = tinyModel({ hidden_size: 32, head_dim: 8, intermediate_size: 48 });
  const tokens = Int32Array.from({ length: TOKENS }, (_, i) => (7 * i + 3) % 50);
  const batch = batchFromArrays({ rowCount: 1, rowLength: TOKENS, tokens, labels: tokens });
  const shape = { batch: 1, time: TOKENS, labels: batch.rows.length };
  const { graph, trainables } = gradientStep(model, method, shape);
  const state = TrainState.create(executor, trainables, { anchored: true });
  trainables.forEach(({ name }, i) => {
    const slice = state.slice('param', name);
    slice.set((weights.get(name) as Float32Array | undefined) ?? noise(slice.length, i + 1, 0.3));
  });
  state.anchor();
  await state.commit();
  const all = batchFeeds(model, batch);
  const feedsOf = ({ inputs }: typeof graph) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => inputs.has(name)));
  const compile = (one = graph, kept = state.kept) =>
    executor.compile(one, { weights: (name) => ({ kind: 'memory', data: weights.get(name)! }), kept });
  const evaluation = evaluationStep(model, method, shape).graph;
  return { executor, graph, evaluation, state, trainables, feedsOf, compile };
}

/** Losses, norms, and what is left of some steps; and the bytes that went to and fro in the last one. */
async function trained(method: Method, asked: Asked = {}) {
  const { graph, evaluation, state, trainables, feedsOf, compile } = await opened(method, asked);
  const [program, measuring] = [await compile(), await compile(evaluation, new Set())];
  const numbers: number[] = [];
  let moved = 0;
  const ggml = openGgml();
  const { set, get } = ggml;
  const counted =
    <Given extends [bigint, HostArray, ...unknown[]]>(copy: (...given: Given) => void) =>
    (...given: Given) => {
      moved += given[1].byteLength;
      copy(...given);
    };
  Object.assign(ggml, { set: counted(set), get: counted(get) });
  try {
    for (let step = 0; step < STEPS; step++) {
      moved = 0;
      state.clearGradients();
      for (let part = 0; part < PARTS; part++) {
        const feeds = { ...feedsOf(graph), ...state.feeds(true) };
        numbers.push(...(await program.run(feeds, state.gradientTargets())).outputs.nll!);
      }
      numbers.push(await state.update(SETTINGS, TOKENS));
    }
  } finally {
    Object.assign(ggml, { set, get });
  }
  const { outputs } = await measuring.run({ ...feedsOf(evaluation), ...state.feeds(false) });
  numbers.push(...outputs.nll!);
  await state.fetch();
  for (const { name } of trainables) for (const buffer of LEFT) numbers.push(...state.slice(buffer, name));
  await program.release();
  await measuring.release();
  await state.release();
  return { numbers, moved };
}

const worst = (own: readonly number[], expected: readonly number[]) =>
  Math.max(...own.map((value, i) => Math.abs(value - expected[i]!)));

let end: () => void;
beforeAll(() => {
  end = processorAsCard();
});
afterAll(() => end());

describe.each(['lora', 'full'] as const)('what is trained on a card (%s)', (kind) => {
  it('has the numbers that it has in main memory, and stays there', async () => {
    const [card, copied, processor] = [
      await trained(METHODS[kind]),
      await trained(METHODS[kind], { hostState: true }),
      await trained(METHODS[kind], { card: 'CPU' }),
    ];
    expect(card.numbers.every(Number.isFinite)).toBe(true);
    expect(card.numbers).toHaveLength(copied.numbers.length);
    expect(copied.numbers).toEqual(processor.numbers);
    // the update on the card is in float32, the processor's in double precision
    expect(worst(card.numbers, copied.numbers)).toBeLessThan(1e-5);
    expect(card.moved).toBeLessThan(copied.moved / 5);
  });

  it('is in the prediction of memory', async () => {
    const { executor, graph, state, feedsOf, compile } = await opened(METHODS[kind]);
    // the first program is compared with the processor
    await (await compile()).release();
    const program = (await compile()) as GgmlProgram;
    expect(program.workingBytes).toBeNull();
    await program.run({ ...feedsOf(graph), ...state.feeds(true) }, state.gradientTargets());
    const { turnBytes } = executor.memoryOf(optimise(graph, executor.fusedOperations), state.kept);
    // a card's places lie further apart than those of the prediction
    expect(turnBytes / program.workingBytes!).toBeGreaterThan(0.8);
    expect(turnBytes / program.workingBytes!).toBeLessThan(1.05);
    await program.release();
    await state.release();
  });
});

it('updates group by group as all at once', async () => {
  const { executor, trainables } = await opened(LORA);
  const after = async (groupElements: number) => {
    const state = new DeviceState(executor, trainables as Trainable[], false, groupElements);
    for (const [i, buffer] of (['param', 'grad'] as const).entries())
      await state.write(buffer, (name) =>
        noise(sizeOf(trainables.find((one) => one.name === name)!.shape), i + 3, 1),
      );
    const { rate } = SETTINGS;
    const shrinks = { shrinkDecayed: 1 - rate * 0.1, shrinkOther: 1, pull: 0 };
    await state.update(0.5, { ...scalarsAt(SETTINGS, 1), ...shrinks });
    const values = trainables.map(({ shape }) => new Float32Array(sizeOf(shape)));
    await state.read('param', (name) => values[trainables.findIndex((one) => one.name === name)]!);
    await state.release();
    return values.flatMap((one) => [...one]);
  };
  const whole = await after(2 ** 24);
  expect(whole.length).toBeGreaterThan(100);
  expect(await after(200)).toEqual(whole);
});

it('gives back everything where an allocation fails, and works the next time', async () => {
  const { executor, graph, trainables, feedsOf, compile } = await opened(LORA);
  // compared with the processor once
  await (await compile()).release();
  const held = new Faults(openGgml());
  const step = async () => {
    const state = TrainState.create(executor, trainables);
    const program = await compile(graph, state.kept).catch(async (error) => {
      await state.release();
      throw error;
    });
    try {
      await program.run({ ...feedsOf(graph), ...state.feeds(true) }, state.gradientTargets());
      await state.update(SETTINGS, TOKENS);
    } finally {
      await program.release();
      await state.release();
    }
  };
  try {
    await step();
    const places = held.asked;
    expect(places).toBeGreaterThan(20);
    expect(held.kept).toBe(0);
    for (let i = 0; i < 20; i++) {
      held.failAt(Math.floor((i * places) / 20));
      await expect(step()).rejects.toMatchObject({ code: 'out-of-memory' });
      expect(held.kept).toBe(0);
    }
    held.failAt(Number.POSITIVE_INFINITY);
    await step();
    expect(held.kept).toBe(0);
  } finally {
    held.restore();
  }
});

it('asks a card for few pieces of memory', async () => {
  const ggml = openGgml();
  const { newBuffer } = ggml;
  const asked: number[] = [];
  Object.assign(ggml, {
    newBuffer: (type: bigint, bytes: number) => {
      asked.push(bytes);
      return newBuffer(type, bytes);
    },
  });
  try {
    await trained(LORA);
  } finally {
    Object.assign(ggml, { newBuffer });
  }
  expect(asked).toEqual([CHUNK_BYTES]);
});
