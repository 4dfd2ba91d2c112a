/**
 * How long a run takes: the work of its graphs over the speeds that the benchmark measured for such work, and
 * around the steps the start, programs that take turns, answers to prompts, writing and the assessment.
 * Seconds.
 */
import type { DeviceRates, MatmulRate, Rates } from '../../common/api/contract.ts';
import type { Product, RunPrice, Work } from '../../common/protocol/protocol.ts';

/** Steps of a staircase are not taken: speeds between two measured sizes are interpolated over this many neighbours. */
const NEIGHBOURS = 3;
/** A product whose operands lie otherwise than those measured counts as so much farther away, in doublings of a side. */
const OTHER_LAYOUT = 1.5;
const OTHER_BATCH = 3;

const FLOAT_BYTES = 4;

/**
 * Seconds of a step in the mean and of all steps, of the evaluations, and of what kept activations take of the
 * steps, by the rates of one device. `factor`: by which graphs and updates take longer than at those rates,
 * with other threads (`threadFactor`). `reading`: evaluations if nothing was kept.
 */
export function runSeconds({ work, memory, steps }: RunPrice, rates: DeviceRates, factor = 1) {
  // gradients are float32 whatever the weights are
  const trained = work.updatedWeights ?? memory.gradientBytes / FLOAT_BYTES;
  const update = rates.updatedWeights
    ? (factor * (work.updateFactor ?? 1) * trained) / rates.updatedWeights + aroundRuns(work.update, rates)
    : factor * work.updateRuns * secondsOf(work.update, rates);
  const { frozen } = work;
  const graphs = factor * stepFactor(work.gradient, rates);
  const once = frozen ? graphs * frozen.batches * secondsOf(frozen.training, rates) : 0;
  const step = graphs * work.batchesPerStep * secondsOf(work.gradient, rates) + update + once / steps;
  const evaluation = work.evaluation ? graphs * secondsOf(work.evaluation, rates) : 0;
  const below = frozen?.evaluation ? graphs * secondsOf(frozen.evaluation, rates) : 0;
  const { evaluationBatches, evaluations } = work;
  return {
    step,
    steps: step * steps,
    once,
    evaluation: (evaluation * evaluations + (evaluations > 0 ? below : 0)) * evaluationBatches,
    reading: (evaluation + below) * evaluationBatches * evaluations,
  };
}

/**
 * How many times as long as by the formula whole steps took when they were measured: between two of them by the operations of `work`, beyond
 * them as the nearest. 1 where none was.
 */
export function stepFactor(work: Work, rates: DeviceRates): number {
  const measured = stepFactors(rates);
  const size = operationsOf(work);
  const after = measured.findIndex(({ operations }) => operations >= size);
  if (after <= 0) return (after === 0 ? measured[0] : measured.at(-1))?.factor ?? 1;
  const [low, high] = [measured[after - 1]!, measured[after]!];
  const share = Math.log(size / low.operations) / Math.log(high.operations / low.operations);
  return low.factor ** (1 - share) * high.factor ** share;
}

interface StepFactor {
  readonly operations: number;
  readonly factor: number;
}

/** A plan asks for the same rates thousands of times. */
const factorsOf = new WeakMap<DeviceRates, readonly StepFactor[]>();

function stepFactors(rates: DeviceRates): readonly StepFactor[] {
  const known = factorsOf.get(rates);
  if (known) return known;
  const found = (rates.steps ?? []).map(({ work, trainedWeights, seconds }) => {
    const update = rates.updatedWeights ? trainedWeights / rates.updatedWeights : 0;
    return { operations: operationsOf(work), factor: seconds / (secondsOf(work, rates) + update) };
  });
  const sorted = found.toSorted((a, b) => a.operations - b.operations);
  factorsOf.set(rates, sorted);
  return sorted;
}

/** Those of one run of a graph: its matrix products, beside which all else is little. */
export function operationsOf({ products }: Work): number {
  return products.reduce((sum, product) => sum + product.count * flopsOf(product), 0);
}

/** Seconds of one run of a graph. */
export function secondsOf(work: Work, rates: DeviceRates): number {
  const products = work.products.reduce(
    (sum, product) => sum + (product.count * flopsOf(product)) / speedOf(product, rates.matmul),
    0,
  );
  const moved = work.moved.reduce(
    (sum, { operandBytes, bytes, strided }) =>
      sum + bytes / bandwidthAt(operandBytes, (strided && rates.strided) || rates.elementwise),
    0,
  );
  return (
    products +
    moved +
    work.exponentials / rates.softmaxElements +
    work.nodes * rates.nodeSeconds +
    aroundRuns(work, rates)
  );
}

/** What runs take besides their nodes: calling the executor, and handing over outputs, or new memory for them. */
function aroundRuns({ runs = 0, outputBytes = 0 }: Work, rates: DeviceRates): number {
  const { runSeconds = 0, outputBytesPerSecond = Number.POSITIVE_INFINITY } = rates;
  return runs * runSeconds + outputBytes / outputBytesPerSecond;
}

/** Floating point operations of a product. */
export function flopsOf({ batch, rows, inner, columns }: Product): number {
  return 2 * batch * rows * inner * columns;
}

/** The speed of a product: that of the nearest ones measured of its type, or of float32 where there are none, weighted by how near they are. */
export function speedOf(product: Product, measured: readonly MatmulRate[]): number {
  const { type: wanted = 'float32' } = product;
  const like = measured.filter(({ type, isUnpacked }) => type === wanted && !isUnpacked);
  const near = (like.length > 0 ? like : measured.filter(({ type }) => type === 'float32'))
    .map((rate) => ({ rate, distance: distanceOf(product, rate) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, NEIGHBOURS);
  if (near.length === 0) return Number.NaN;
  const weights = near.map(({ distance }) => 1 / (0.05 + distance) ** 2);
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const log = near.reduce((sum, { rate }, i) => sum + weights[i]! * Math.log(rate.flops), 0) / all;
  return Math.exp(log);
}

/** How unlike two products are: doublings of their sides, the smaller sides counting more, and how their operands lie. */
function distanceOf(a: Product, b: MatmulRate): number {
  const sides = (['rows', 'inner', 'columns'] as const).map((side) => Math.abs(Math.log2(a[side] / b[side])));
  const batch = a.batch > 1 === b.batch > 1 ? 0.2 * Math.abs(Math.log2(a.batch / b.batch)) : OTHER_BATCH;
  return Math.hypot(...sides) + batch + (a.transposed === b.transposed ? 0 : OTHER_LAYOUT);
}

/** Bytes a second of work on operands of that size, between the sizes that were measured. */
function bandwidthAt(bytes: number, measured: DeviceRates['elementwise']): number {
  const sorted = [...measured].sort((a, b) => a.bytes - b.bytes);
  const after = sorted.findIndex((rate) => rate.bytes >= bytes);
  if (after === 0) return sorted[0]!.bytesPerSecond;
  if (after < 0) return sorted.at(-1)?.bytesPerSecond ?? Number.NaN;
  const [low, high] = [sorted[after - 1]!, sorted[after]!];
  const share = Math.log(bytes / low.bytes) / Math.log(high.bytes / low.bytes);
  return low.bytesPerSecond ** (1 - share) * high.bytesPerSecond ** share;
}

const SHARED = 0.9;
/** What else may be: memory that does not keep up, or all divided. */
const LEAST_SHARED = 0.7;
const MOST_SHARED = 1;

interface ThreadFactor {
  /** By which the time of graphs differs from that at the speeds measured. */
  readonly value: number;
  /** How far that may be off, as a factor above 1 either way. */
  readonly spread: number;
}

/** For a run of `price` by `rates`; `cores` that threads can have to themselves. Other executors and devices have threads of their own. */
export function threadFactor(
  price: Pick<RunPrice, 'executor' | 'device' | 'threads'>,
  rates: Pick<DeviceRates, 'threads'>,
  cores = Number.POSITIVE_INFINITY,
): ThreadFactor {
  const { executor, device = 'cpu', threads } = price;
  const [wanted, measured] = [threads, rates.threads].map((count) => Math.max(1, Math.min(count, cores)));
  if (executor !== 'ort' || device !== 'cpu' || wanted === measured) return { value: 1, spread: 1 };
  const by = (shared: number) => (1 - shared + shared / wanted!) / (1 - shared + shared / measured!);
  const value = by(SHARED);
  const others = [by(LEAST_SHARED), by(MOST_SHARED)];
  return { value, spread: Math.max(...others.map((other) => Math.max(other / value, value / other))) };
}

/** The program begins, reads the rows, and compiles two graphs; the weights come on top. */
const START_SECONDS = 2.5;
const START_SECONDS_PER_NODE = 0.0008;
/** What a program that takes its turn on a card needs to bring its weights there: an assumption, below what a usual bus does. */
const TURN_BYTES_PER_SECOND = 2e9;
/**
 * Weights that a processor prepares in a second: measured as processor time on SmolLM2 135M in Q4_1 (float32,
 * 8 bits, NF4; 92, 42 and 10 million), on one core as it is done.
 */
const PREPARED_A_SECOND = { converted: 90e6, integer: 40e6, nf4: 9.7e6 };
/** Where the disk was not measured. */
const DISK_BYTES_PER_SECOND = 150e6;
/** A forward pass is about a third of a step: the backward pass has two products for each of its own. */
const FORWARD_SHARE = 1 / 3;

/** The program, its weights prepared where they are not yet, or else read from the disk. */
export function startSeconds(price: RunPrice, rates: Rates | null): number {
  const { weightBytes, memory, preparation } = price;
  const begin = programSeconds(price);
  if (!preparation) return begin + (weightBytes + memory.trainedBytes) / readingSpeed(rates);
  const { convertedWeights, integerWeights, nf4Weights, writtenBytes } = preparation;
  const work =
    convertedWeights / PREPARED_A_SECOND.converted +
    integerWeights / PREPARED_A_SECOND.integer +
    nf4Weights / PREPARED_A_SECOND.nf4;
  return begin + work + writtenBytes / writingSpeed(rates);
}

/** The start where the weights are in memory already. */
export function programSeconds(price: RunPrice): number {
  return START_SECONDS + START_SECONDS_PER_NODE * nodesOf(price);
}

/** Before each evaluation its program takes the place of the training's, and afterwards gives it back. */
export function turnSeconds(price: RunPrice): number {
  const { weightBytes, work } = price;
  if (!work.takesTurns) return 0;
  const compiling = START_SECONDS_PER_NODE * nodesOf(price);
  return work.evaluations * (compiling + (2 * weightBytes) / TURN_BYTES_PER_SECOND);
}

/** The general answers that are asked for before training, by what a token takes in all evaluations; not told where there are none. */
export function generalSeconds({ work, generalTokens = 0 }: RunPrice, evaluation: number): number {
  const evaluated = work.evaluationTokens * work.evaluationBatches * work.evaluations;
  return evaluated > 0 ? (generalTokens * evaluation) / evaluated : 0;
}

/** All answers to the person's own prompts, by what a token takes in all evaluations, or in all steps where there are none. */
export function sampleSeconds(
  { work, steps }: RunPrice,
  seconds: { readonly evaluation: number; readonly steps: number },
): number {
  const { samples, evaluationTokens, evaluationBatches, evaluations, batchesPerStep } = work;
  if (!samples) return 0;
  const evaluated = evaluationTokens * evaluationBatches * evaluations;
  const trained = samples.microBatchTokens * batchesPerStep * steps;
  const each =
    evaluated > 0 ? seconds.evaluation / evaluated : (FORWARD_SHARE * seconds.steps) / Math.max(1, trained);
  return samples.tokens * each;
}

/** All that is written in the `training` seconds of a run: checkpoints as often as they come, the best weights, and the result. */
export function writingSeconds({ work, steps }: RunPrice, rates: Rates | null, training: number): number {
  const kept = work.frozen?.bytes ?? 0;
  return (work.writtenBytes + kept + checkpointBytes(work, steps, training)) / writingSpeed(rates);
}

/** Of the checkpoints before the last. Each restarts the time to the next one, so the more frequent way counts. */
function checkpointBytes({ checkpoints }: RunPrice['work'], steps: number, training: number): number {
  if (!checkpoints) return 0;
  const { bytes, everySteps, everyMinutes } = checkpoints;
  const bySteps = everySteps === null ? 0 : Math.floor((steps - 1) / everySteps);
  const byTime = everyMinutes > 0 ? Math.floor(training / (60 * everyMinutes)) : 0;
  return Math.max(0, bySteps, byTime) * bytes;
}

function readingSpeed(rates: Rates | null): number {
  return rates?.diskBytesPerSecond ?? DISK_BYTES_PER_SECOND;
}

/** Measured since it is told; before, the disk was taken to write as fast as it reads. */
function writingSpeed(rates: Rates | null): number {
  return rates?.diskWrittenPerSecond ?? readingSpeed(rates);
}

function nodesOf({ work }: RunPrice): number {
  return work.gradient.nodes + (work.evaluation?.nodes ?? 0);
}

/**
 * The assessment asks as much as fits into its share of the training, but never less than its floor nor more than there is.
 * `evaluation`: all evaluations of the run, whose tokens are of the same work; `training`: all its steps.
 */
export function assessmentOf({ work }: RunPrice, evaluation: number, training: number): number {
  const tokens = work.evaluationTokens * work.evaluationBatches * work.evaluations;
  if (!work.assessmentTokens || tokens === 0) return 0;
  const [least, most] = work.assessmentTokens.map((count) => (count * evaluation) / tokens) as [
    number,
    number,
  ];
  const { assessmentShare = 1 } = work;
  return assessmentShare === null ? most : Math.min(most, Math.max(least, assessmentShare * training));
}
