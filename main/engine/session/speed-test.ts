/**
 * Whether a quick way computes right on this computer, and how much faster: loss and every gradient of a small step of a real model's shape
 * against float32 on onnxruntime. A fault would be silent, so nothing trains in a quick way by itself before this has passed. The result is
 * kept for this processor, this Fettle and the version of the library.
 */
import { describeError } from '../../../common/errors.ts';
import type { EngineEvent, QuickWay, SpeedTest } from '../../../common/protocol/protocol.ts';
import { percent } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { int8Version, keepSpeedTest, keptSpeedTest, speedTestOf } from '../../speed-tests.ts';
import { LORA, madeModel, madeWeights, numbers, openLoraStep, type Weights } from '../bench/lora-step.ts';
import type { Executor } from '../exec/executor.ts';
import { openExecutor, openvinoVersion, requireInt8Products } from '../exec/registry.ts';
import type { HostArray } from '../ir/dtype.ts';
import { quantiseRows } from '../load/quantise-rows.ts';
import { quantisedMatrices } from '../load/quantised-weights.ts';
import { outline } from '../models/model.ts';
import type { Method } from '../nn/parameters.ts';
import { quantisedParts } from '../nn/quantised.ts';

/** SmolLM2-135M's widths, square projections among them, with fewer layers and a smaller vocabulary. */
const STEP = madeModel({
  layers: 3,
  width: 576,
  between: 1536,
  heads: 9,
  keyHeads: 3,
  vocabulary: 8192,
  time: 512,
});
const METHOD = LORA;

interface Tested {
  /** What is tested, for a sentence. */
  readonly executor: 'ort' | 'openvino';
  readonly method: Method;
  version(): Promise<string>;
  /** Throws where it cannot be right. */
  require?(executor: Executor): Promise<void>;
  readonly weightsOf?: (made: Weights) => Weights;
  /** The loss may differ by this share, and each gradient's difference may have this share of its norm. */
  readonly mostLossError: number;
  readonly mostGradientError: number;
}

/** Limits are about three times what rounding costs where all is right. */
const WAYS: Readonly<Record<QuickWay, Tested>> = {
  int8: {
    executor: 'ort',
    method: { ...METHOD, quantised: 'int8-row' },
    version: async () => int8Version(),
    require: requireInt8Products,
    weightsOf: inInt8,
    mostLossError: 0.005,
    mostGradientError: 0.2,
  },
  openvino: {
    executor: 'openvino',
    method: METHOD,
    version: openvinoVersion,
    mostLossError: 0.005,
    mostGradientError: 0.1,
  },
};

/** What a first step gains may differ by this share: small adapters must not be lost in sums that are rounded. Measured: 3%, and 22% where they were. */
const MOST_PROGRESS_ERROR = 0.15;
/** With less gain the time to compile is not worth it. */
const LEAST_GAIN = 1.2;
/** The usual learning rate. */
const FIRST_STEP = 2e-4;
/** Timed runs of each, alternated, after one that is compared; the quickest counts, which other programs have disturbed least. */
const ROUNDS = 4;

/** Compares and times both; throws where the library is not here. `stop` ends it between two runs. */
export async function speedTest(way: QuickWay, threads: number, stop?: AbortSignal): Promise<SpeedTest> {
  const version = await WAYS[way].version();
  try {
    const found = await compared(WAYS[way], threads, stop);
    return speedTestOf({ version, ...found, problem: problemOf(found, WAYS[way]) });
  } catch (error) {
    stop?.throwIfAborted();
    return speedTestOf({ version, problem: describeError(error).trim() });
  }
}

type Figures = Readonly<Record<'lossError' | 'gradientError' | 'progressError' | 'gain', number>>;

/** Why a way is not used, as a sentence; null: it is. */
function problemOf(
  { lossError, gradientError, progressError, gain }: Figures,
  { mostLossError, mostGradientError }: Tested,
): string | null {
  // not a number is not below either
  const isRight =
    lossError <= mostLossError && gradientError <= mostGradientError && progressError <= MOST_PROGRESS_ERROR;
  if (!isRight)
    return say`Its results on this processor are wrong: the loss differs by ${percent(lossError, 2)}, a gradient by ${percent(gradientError, 1)}, the progress of a step by ${percent(progressError)}.`;
  return gain >= LEAST_GAIN
    ? null
    : say`It is no faster on this processor: a step takes ${percent(1 / gain)} of the time.`;
}

async function compared(way: Tested, threads: number, stop?: AbortSignal): Promise<Figures> {
  const [usual, other] = [
    await openExecutor('ort', { threads }),
    await openExecutor(way.executor, { threads }),
  ];
  await way.require?.(other);
  const weights = madeWeights(STEP.model);
  const exact = await openStep(usual, METHOD, weights);
  const quick = await openStep(other, way.method, way.weightsOf?.(weights) ?? weights);
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
      gain: Math.min(...times[0]) / Math.min(...times[1]),
    };
  } finally {
    await exact.release();
    await quick.release();
  }
}

async function openStep(executor: Executor, method: Method, made: Weights) {
  const step = await openLoraStep(executor, STEP, method, made);
  const { set } = step;
  const run = async () => {
    const { nll } = await step.run();
    const loss = nll.subarray(0, step.labels).reduce((a, b) => a + b, 0);
    return { loss, gradients: step.gradients() };
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
      const along = (gradient: Float32Array) => (i: number) => -FIRST_STEP * Math.sign(gradient[i]!);
      await set((name) => (isSecond(name) ? along(gradients.get(name)!) : random()));
      return (await run()).loss;
    },
    /** Once more with the adapters as they were. */
    again: run,
    release: () => step.release(),
  };
}

/** The same weights as products in 8 bits want them. */
function inInt8(made: Weights): Weights {
  const parts = new Map<string, HostArray>(made);
  for (const [name, { shape, format }] of quantisedMatrices(outline(STEP.model), 'int8-row')) {
    const rows = quantiseRows(made.get(name) as Float32Array, shape[1]!, format);
    const { codes, scales, steps } = quantisedParts(name, shape, format);
    parts.set(codes.name, rows.codes);
    parts.set(scales.name, rows.scales);
    if (steps) parts.set(steps.name, rows.steps!);
  }
  return parts;
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

/** What the test gave with the library that is here; null where it has not run. Throws where there is no library. */
async function knownSpeedTest(way: QuickWay): Promise<SpeedTest | null> {
  return keptSpeedTest(way, await WAYS[way].version());
}

/** Runs the test and keeps its result. */
export async function newSpeedTest(way: QuickWay, threads: number, stop?: AbortSignal): Promise<SpeedTest> {
  const found = await speedTest(way, threads, stop);
  keepSpeedTest(way, found);
  return found;
}

/** `config` on OpenVINO only where the test has passed, which is run where it has not been; else on onnxruntime, with a warning that says why. */
export async function withTestedExecutor<
  Config extends { readonly executor: string; readonly threads: number },
>(config: Config, emit: (event: EngineEvent) => void): Promise<Config> {
  if (config.executor !== 'openvino') return config;
  const known = await knownSpeedTest('openvino');
  if (known === null)
    emit({ event: 'phase', phase: 'load', detail: say`testing OpenVINO on this computer, once` });
  const { problem } = known ?? (await newSpeedTest('openvino', config.threads));
  if (problem === null) return config;
  const message = say`OpenVINO is not used: ${problem} onnxruntime computes instead.`;
  emit({ event: 'warning', code: 'openvino-unfit', message });
  return { ...config, executor: 'ort' };
}
