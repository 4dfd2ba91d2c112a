/**
 * Whether OpenVINO computes right on this computer, and how much faster: loss and every gradient of a small step of a real model's shape
 * against onnxruntime, which computes in float32. A fault in the library would be silent, so nothing trains with it before this has passed.
 * The result is kept for this processor and this version of the library.
 */
import fs from 'node:fs/promises';
import { describeError } from '../../../common/errors.ts';
import type { EngineEvent, SpeedTest } from '../../../common/protocol/protocol.ts';
import { percent } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { makeFolder } from '../../folders.ts';
import { cacheFolder, speedTestFile } from '../../paths.ts';
import { processorName } from '../../processes.ts';
import { median } from '../bench/programs.ts';
import { type Batch, batchFromArrays } from '../data/batches/batch.ts';
import type { Executor, WeightSource } from '../exec/executor.ts';
import { openExecutor, openvinoVersion } from '../exec/registry.ts';
import { sizeOf } from '../ir/shape.ts';
import { outline } from '../models/model.ts';
import { readModel } from '../models/registry.ts';
import type { Method } from '../nn/parameters.ts';
import { TrainState } from '../step/state.ts';
import { batchFeeds, gradientStep } from '../step/step-graphs.ts';

/** SmolLM2-135M's widths, square projections among them, with fewer layers and a smaller vocabulary. */
const MODEL = readModel({
  ...{ architectures: ['LlamaForCausalLM'], model_type: 'llama', hidden_act: 'silu', dtype: 'float32' },
  ...{ hidden_size: 576, intermediate_size: 1536, num_hidden_layers: 3, vocab_size: 8192 },
  ...{ num_attention_heads: 9, num_key_value_heads: 3, rms_norm_eps: 1e-5, rope_theta: 100_000 },
  ...{ max_position_embeddings: 8192, tie_word_embeddings: true },
});
const SHAPE = { batch: 1, time: 512, labels: 128 };
const METHOD: Method = { kind: 'lora', dropout: 0, adapterOf: () => ({ rank: 16, scale: 2 }) };

/** The loss may differ by this share, and each gradient's difference may have this share of its norm: three times what bfloat16 costs. */
const MOST_LOSS_ERROR = 0.005;
const MOST_GRADIENT_ERROR = 0.1;
/** And what a first step gains may differ by this share: small adapters must not be lost in sums that are rounded. Measured: 3%, and 22% where they were. */
const MOST_PROGRESS_ERROR = 0.15;
/** With less gain the time to compile is not worth it. */
const LEAST_GAIN = 1.2;
/** The usual learning rate. */
const FIRST_STEP = 2e-4;
/** Timed runs of each, alternated, after one that is compared. */
const ROUNDS = 3;

/** Compares and times both; throws where the library is not here. `stop` ends it between two runs. */
export async function speedTest(threads: number, stop?: AbortSignal): Promise<SpeedTest> {
  const of = { openvino: await openvinoVersion(), processor: processorName() };
  const done = (
    found: Pick<SpeedTest, 'lossError' | 'gradientError' | 'progressError' | 'gain' | 'problem'>,
  ): SpeedTest => ({
    ...of,
    ...found,
    measured: new Date().toISOString(),
  });
  try {
    const found = await compared(threads, stop);
    return done({ ...found, problem: problemOf(found) });
  } catch (error) {
    stop?.throwIfAborted();
    const none = { lossError: null, gradientError: null, progressError: null, gain: null };
    return done({ ...none, problem: describeError(error).trim() });
  }
}

type Figures = Readonly<Record<'lossError' | 'gradientError' | 'progressError' | 'gain', number>>;

/** Why OpenVINO is not used, as a sentence; null: it is. */
function problemOf({ lossError, gradientError, progressError, gain }: Figures): string | null {
  // not a number is not below either
  const isRight =
    lossError <= MOST_LOSS_ERROR &&
    gradientError <= MOST_GRADIENT_ERROR &&
    progressError <= MOST_PROGRESS_ERROR;
  if (!isRight)
    return say`Its results on this processor are wrong: the loss differs by ${percent(lossError, 2)}, a gradient by ${percent(gradientError, 1)}, the progress of a step by ${percent(progressError)}.`;
  return gain >= LEAST_GAIN
    ? null
    : say`It is no faster on this processor: a step takes ${percent(1 / gain)} of the time.`;
}

async function compared(threads: number, stop?: AbortSignal): Promise<Figures> {
  const executors = [
    await openExecutor('ort', { threads }),
    await openExecutor('openvino', { threads }),
  ] as const;
  const weights = madeWeights();
  const [exact, quick] = [await openStep(executors[0], weights), await openStep(executors[1], weights)];
  try {
    const [wanted, got] = [await exact.run(), await quick.run()];
    const times: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++)
      for (const [i, step] of [exact, quick].entries()) {
        stop?.throwIfAborted();
        const began = performance.now();
        await step.again();
        times[i as 0 | 1].push(performance.now() - began);
      }
    const start = [await exact.begin(), await quick.begin()].map(({ loss }) => loss) as [number, number];
    const direction = (await exact.begin()).gradients;
    const [after, quickAfter] = [await exact.moved(direction), await quick.moved(direction)];
    const gradients = [...wanted.gradients].map(([name, gradient]) =>
      errorOf(got.gradients.get(name)!, gradient),
    );
    return {
      lossError: Math.abs(got.loss - wanted.loss) / wanted.loss,
      gradientError: Math.max(...gradients),
      progressError: Math.abs((start[1] - quickAfter) / (start[0] - after) - 1),
      gain: median(times[0]) / median(times[1]),
    };
  } finally {
    await exact.release();
    await quick.release();
  }
}

async function openStep(executor: Executor, weights: WeightSource) {
  const { graph, trainables } = gradientStep(MODEL, METHOD, SHAPE);
  const program = await executor.compile(graph, { weights });
  const state = TrainState.create(executor, trainables);
  const batch = madeBatch();
  const set = async (numbersOf: (name: string) => (i: number) => number) => {
    for (const { name } of trainables) {
      const [data, value] = [state.slice('param', name), numbersOf(name)];
      for (let i = 0; i < data.length; i++) data[i] = value(i);
    }
    await state.commit();
  };
  const run = async () => {
    state.clearGradients();
    const feeds = { ...batchFeeds(MODEL, batch), ...state.feeds(true) };
    const { outputs } = await program.run(feeds, state.gradientTargets());
    const loss = (outputs.nll as Float32Array).subarray(0, batch.labelledCount).reduce((a, b) => a + b, 0);
    const gradients = trainables.map(({ name }) => [name, state.slice('grad', name).slice()] as const);
    return { loss, gradients: new Map(gradients) };
  };
  const random = () => {
    const next = numbers(2);
    return () => 0.1 * next();
  };
  const isSecond = (name: string) => name.includes('lora_B');
  return {
    /** With adapters that have learned. */
    async run() {
      await set(random);
      return await run();
    },
    /** With adapters that have not: the second matrix of each is zero. */
    async begin() {
      await set((name) => (isSecond(name) ? () => 0 : random()));
      return await run();
    },
    /** The loss after a first step of AdamW against `gradients`, which goes by their signs. */
    async moved(gradients: ReadonlyMap<string, Float32Array>) {
      const step = (gradient: Float32Array) => (i: number) => -FIRST_STEP * Math.sign(gradient[i]!);
      await set((name) => (isSecond(name) ? step(gradients.get(name)!) : random()));
      return (await run()).loss;
    },
    /** Once more with the adapters of before. */
    again: run,
    release: () => program.release(),
  };
}

function madeWeights(): WeightSource {
  const random = numbers(1);
  const made = new Map<string, Float32Array>();
  for (const [name, { shape }] of outline(MODEL).parameters) {
    const data = new Float32Array(sizeOf(shape));
    // norms around one
    if (shape.length === 1) for (let i = 0; i < data.length; i++) data[i] = 1 + 0.2 * random();
    else fill(data, 0.12, random);
    made.set(name, data);
  }
  return (name) => ({ kind: 'memory', data: made.get(name)! });
}

function madeBatch(): Batch {
  const random = numbers(3);
  const { batch, time, labels } = SHAPE;
  const token = () => Math.floor((random() + 0.5) * 8192);
  const every = time / labels;
  return batchFromArrays({
    rowCount: batch,
    rowLength: time,
    tokens: Array.from({ length: time }, token),
    positions: Array.from({ length: time }, (_, i) => i),
    segments: new Array<number>(time).fill(1),
    labels: Array.from({ length: time }, (_, i) => (i % every === 1 ? token() : -100)),
  });
}

/** Numbers in [-0.5, 0.5), the same for a seed. */
function numbers(seed: number): () => number {
  let word = seed;
  return () => {
    word = (Math.imul(word, 1664525) + 1013904223) | 0;
    return (word >>> 8) / 2 ** 24 - 0.5;
  };
}

function fill(data: Float32Array, scale: number, random: () => number): void {
  for (let i = 0; i < data.length; i++) data[i] = scale * random();
}

/** The norm of the difference as a share of the wanted one's. */
function errorOf(got: Float32Array, wanted: Float32Array): number {
  let [apart, norm] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    apart += (got[i]! - wanted[i]!) ** 2;
    norm += wanted[i]! ** 2;
  }
  return Math.sqrt(apart / norm);
}

/** What the test gave on this processor with the library that is here; null where it has not run. Throws where there is no library. */
async function knownSpeedTest(): Promise<SpeedTest | null> {
  const of = { openvino: await openvinoVersion(), processor: processorName() };
  try {
    const kept = JSON.parse(await fs.readFile(speedTestFile(), 'utf8')) as SpeedTest;
    return kept.openvino === of.openvino && kept.processor === of.processor ? kept : null;
  } catch {
    return null;
  }
}

/** Runs the test and keeps its result. */
export async function keptSpeedTest(threads: number, stop?: AbortSignal): Promise<SpeedTest> {
  const found = await speedTest(threads, stop);
  makeFolder(cacheFolder());
  await fs.writeFile(speedTestFile(), `${JSON.stringify(found)}\n`);
  return found;
}

/** `config` on OpenVINO only where the test has passed, which is run where it has not been; else on onnxruntime, with a warning that says why. */
export async function withTestedExecutor<
  Config extends { readonly executor: string; readonly threads: number },
>(config: Config, emit: (event: EngineEvent) => void): Promise<Config> {
  if (config.executor !== 'openvino') return config;
  const known = await knownSpeedTest();
  if (known === null)
    emit({ event: 'phase', phase: 'load', detail: say`testing OpenVINO on this computer, once` });
  const { problem } = known ?? (await keptSpeedTest(config.threads));
  if (problem === null) return config;
  const message = say`OpenVINO is not used: ${problem} onnxruntime computes instead.`;
  emit({ event: 'warning', code: 'openvino-unfit', message });
  return { ...config, executor: 'ort' };
}
