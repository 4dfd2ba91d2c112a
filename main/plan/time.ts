/** How long the steps of a run take: the work of its graphs over the speeds that the benchmark measured for such work. */
import type { DeviceRates, MatmulRate } from '../../common/api/contract.ts';
import type { Product, RunPrice, Work } from '../../common/protocol/protocol.ts';

/** Steps of a staircase are not taken: speeds between two measured sizes are interpolated over this many neighbours. */
const NEIGHBOURS = 3;
/** A product whose operands lie otherwise than those measured counts as so much farther away, in doublings of a side. */
const OTHER_LAYOUT = 1.5;
const OTHER_BATCH = 3;

const FLOAT_BYTES = 4;

export interface RunSeconds {
  readonly step: number;
  readonly steps: number;
  readonly evaluation: number;
}

/**
 * Seconds of a step, of all steps, and of all evaluations, by the rates of one device. `factor`: by which graphs take longer than at those
 * rates, with other threads (threads.ts); an update in plain loops has one thread whatever they are.
 */
export function runSeconds({ work, memory, steps }: RunPrice, rates: DeviceRates, factor = 1): RunSeconds {
  // gradients are float32 whatever the weights are
  const trained = work.updatedWeights ?? memory.gradientBytes / FLOAT_BYTES;
  const update = rates.updatedWeights
    ? ((work.updateFactor ?? 1) * trained) / rates.updatedWeights + aroundRuns(work.update, rates)
    : factor * work.updateRuns * secondsOf(work.update, rates);
  const step = factor * work.batchesPerStep * secondsOf(work.gradient, rates) + update;
  const evaluation = work.evaluation ? factor * secondsOf(work.evaluation, rates) : 0;
  return {
    step,
    steps: step * steps,
    evaluation: evaluation * work.evaluationBatches * work.evaluations,
  };
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

/** What runs take besides their nodes: the way there and back, and handing over what they give, or new memory for it. */
function aroundRuns({ runs = 0, outputBytes = 0 }: Work, rates: DeviceRates): number {
  const { runSeconds = 0, outputBytesPerSecond = Number.POSITIVE_INFINITY } = rates;
  return runs * runSeconds + outputBytes / outputBytesPerSecond;
}

/** Floating point operations of a product. */
export function flopsOf({ batch, rows, inner, columns }: Product): number {
  return 2 * batch * rows * inner * columns;
}

/** The speed of a float32 product: that of the nearest ones measured, weighted by how near they are. */
export function speedOf(product: Product, measured: readonly MatmulRate[]): number {
  const near = measured
    .filter(({ type }) => type === 'float32')
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
