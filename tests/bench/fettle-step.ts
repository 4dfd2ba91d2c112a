/**
 * One benchmark trial of Fettle in its own process: LoRA r16 on all linear layers over given packed batches, the very
 * programs that `fettle train` runs. Prints one JSON object with the keys of the PyTorch peer.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Batch, batchFromArrays } from '../../main/engine/data/batches/batch.ts';
import { type ExecutorName, openExecutor } from '../../main/engine/exec/registry.ts';
import { QUANTISED_FORMATS } from '../../main/engine/ir/dtype.ts';
import { doraModules, rowSquaresOf, withRowSquares } from '../../main/engine/load/dora.ts';
import { openModel } from '../../main/engine/load/open-model.ts';
import { prepareWeights } from '../../main/engine/load/weights.ts';
import { type LoraShape, type Method, onBase, peftName } from '../../main/engine/nn/parameters.ts';
import type { Recompute } from '../../main/engine/passes/recompute.ts';
import { trainingFigures } from '../../main/engine/pricing/layers.ts';
import { TrainState } from '../../main/engine/step/state.ts';
import { batchFeeds, gradientStep } from '../../main/engine/step/step-graphs.ts';
import { cacheFolder } from '../../main/paths.ts';
import { peakResidentBytes } from '../../main/processes.ts';
import { median } from './rounds.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    batches: { type: 'string' },
    threads: { type: 'string' },
    /** What is computed again: none, attention, third, half or block. */
    recompute: { type: 'string', default: 'none' },
    /** The format of weights beside the adapters, such as int4-dq; 4 or 8 is that with quantised scales, 16 as in their files; else they are float32. */
    bits: { type: 'string' },
    /** Whether the magnitudes are trained, too (DoRA). */
    dora: { type: 'boolean' },
    profile: { type: 'boolean' },
    executor: { type: 'string', default: 'ort' },
  },
});
const format =
  ([16, ...QUANTISED_FORMATS] as const).find((one) =>
    [String(one), `int${values.bits}-dq` === one ? values.bits : ''].includes(values.bits ?? '-'),
  ) ?? null;
const threads = Number(values.threads ?? 2);
const given = JSON.parse(fs.readFileSync(values.batches!, 'utf8')) as {
  rows: number;
  rowLength: number;
  steps: number;
  batches: GivenBatch[];
};
interface GivenBatch {
  tokens: number[][];
  positions: number[][];
  segments: number[][];
  labels: number[][];
}
const RANK = 16;
const SCALE = 2;

const opened = await openModel(values.model!);
const weights = await prepareWeights(opened, path.join(cacheFolder(), 'weights'), undefined, format);
const profilePrefix = values.profile
  ? path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-profile-')), 'p')
  : undefined;
const executor = await openExecutor(values.executor as ExecutorName, {
  threads,
  ...(profilePrefix !== undefined && { profilePrefix }),
});
const capacity = Math.max(...given.batches.map((batch) => toBatch(batch).labelledCount));
const batches = given.batches.map((batch) => toBatch(batch, Math.ceil(capacity / 64) * 64));
const adapterShape: LoraShape = { rank: RANK, scale: SCALE, ...(values.dora && { dora: 'trained' }) };
const adapters: Method = { kind: 'lora', dropout: 0, adapterOf: () => adapterShape };
const method = onBase(adapters, format, opened.halves);
const shape = { batch: given.rows, time: given.rowLength, labels: batches[0]!.rows.length };
const recompute = values.recompute as Recompute;
const { graph, trainables } = gradientStep(opened.model, method, shape, recompute);
const figures = trainingFigures(opened.model, method, { ...shape, recompute }, executor);
const measuring = performance.now();
const squares = await rowSquaresOf({ opened, executor, weights }, doraModules(adapters, { opened }));
const rowSeconds = (performance.now() - measuring) / 1000;
const program = await executor.compile(graph, { weights: withRowSquares(weights, squares).source });
const state = TrainState.create(executor, trainables);
fillAdapters();
const readySeconds = performance.now() / 1000;

const losses: number[] = [];
const stepSeconds: number[] = [];
/** Time of the processor, all threads: what other programs take from the clock is not in it. */
const stepProcessorSeconds: number[] = [];
let firstStep = 0;
for (let step = 0; step < given.steps; step++) {
  const batch = batches[step % batches.length]!;
  const started = performance.now();
  const used = process.cpuUsage();
  state.clearGradients();
  const { outputs } = await program.run(
    { ...batchFeeds(opened.model, batch), ...state.feeds(true) },
    state.gradientTargets(),
  );
  let sum = 0;
  for (let i = 0; i < batch.labelledCount; i++) sum += outputs.nll![i]!;
  await state.update(
    { rate: 2e-4, weightDecay: 0, beta1: 0.9, beta2: 0.999, eps: 1e-8, maxNorm: 1 },
    batch.labelledCount,
  );
  stepSeconds.push((performance.now() - started) / 1000);
  const { user, system } = process.cpuUsage(used);
  stepProcessorSeconds.push((user + system) / 1e6);
  losses.push(sum / batch.labelledCount);
  if (step === 0) firstStep = performance.now() / 1000;
}
await program.release();

const realTokens = batches.reduce((sum, { realTokens }) => sum + realTokens, 0) / batches.length;
console.log(
  JSON.stringify({
    losses,
    step_seconds: stepSeconds,
    step_processor_seconds: stepProcessorSeconds,
    tokens_per_second: realTokens / median(stepSeconds.slice(1)),
    seconds_to_ready: readySeconds,
    seconds_to_first_step: firstStep,
    peak_rss_bytes: peakResidentBytes(),
    ...(values.dora && { row_seconds: rowSeconds }),
    predicted: figures.gradient,
    real_tokens_per_step: realTokens,
    ...(profilePrefix !== undefined && { matmul_share: matmulShare(profilePrefix) }),
  }),
);

function toBatch({ tokens, positions, segments, labels }: GivenBatch, labelCapacity?: number): Batch {
  return batchFromArrays({
    rowCount: given.rows,
    rowLength: given.rowLength,
    tokens: tokens.flat(),
    positions: positions.flat(),
    segments: segments.flat(),
    labels: labels.flat(),
    ...(labelCapacity !== undefined && { labelCapacity }),
  });
}

/** A by the peer's formula, so that both print the same losses; B is zero. */
function fillAdapters(): void {
  let t = 0;
  for (const [module, { inputs }] of opened.outline.linears) {
    const a = state.slice('param', peftName(module, 'A'));
    for (let i = 0; i < RANK; i++) {
      for (let j = 0; j < inputs; j++)
        a[i * inputs + j] = Math.cos(0.7 * i + 1.1 * j + 0.3 * t) / Math.sqrt(inputs);
    }
    const lengths = squares.get(module);
    if (lengths) state.slice('param', peftName(module, 'magnitude')).set(lengths.map(Math.sqrt));
    t++;
  }
}

/** Share of the time in operations that matrix products take, from the profile of all steps. */
function matmulShare(prefix: string): number {
  const folder = path.dirname(prefix);
  const files = fs.readdirSync(folder).map((name) => path.join(folder, name));
  const largest = files.sort((a, b) => fs.statSync(b).size - fs.statSync(a).size)[0]!;
  const events = JSON.parse(fs.readFileSync(largest, 'utf8')) as {
    cat?: string;
    name: string;
    dur: number;
    args?: { op_name?: string };
  }[];
  fs.rmSync(folder, { recursive: true });
  let [products, all] = [0, 0];
  for (const { cat, name, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    all += dur;
    if (/MatMul|Gemm/.test(args?.op_name ?? '')) products += dur;
  }
  return products / all;
}
