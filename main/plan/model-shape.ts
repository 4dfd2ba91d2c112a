/**
 * Rough sizes that follow from a number of weights alone, where no graph is at hand: what adapters hold, and what a smaller model
 * would need. Everything that is shown of the chosen model itself comes from its graph.
 */
import type { PlanMethod } from '../../preload/contract.ts';

/** Channels in and out of the linear layers of a block, over the width: four of attention, three of the MLP. */
const LINEAR_CHANNELS = 18;
/** A weight in float32, and in 4 bits with its scales. */
const WEIGHT_BYTES: Readonly<Record<PlanMethod, number>> = { full: 4, lora: 4, qlora: 0.6 };
/** A trained weight has itself, its gradient and Adam's two moments. */
const TRAINED_BYTES = 16;
/** Values of a step per token, layer and channel at their peak (SmolLM2-135M, docs/log.md). */
const VALUES_PER_CHANNEL = 24;
const PROGRAM_BYTES = 250e6;

/** Layers x width of a usual transformer: weights are 12 L d², and d is about 100 L. */
export function depthTimesWidth(parameters: number): number {
  const width = Math.cbrt(parameters / 0.12);
  return parameters / (12 * width);
}

/** Weights of adapters of a rank on all linear layers. */
export function adapterParameters(parameters: number, rank: number): number {
  return rank * LINEAR_CHANNELS * depthTimesWidth(parameters);
}

/** Bytes that training needs at its peak. */
export function roughPeakBytes(parameters: number, method: PlanMethod, rank: number, tokens: number): number {
  const trained = method === 'full' ? parameters : adapterParameters(parameters, rank);
  const frozen = method === 'full' ? 0 : parameters * WEIGHT_BYTES[method];
  const working = 4 * tokens * VALUES_PER_CHANNEL * depthTimesWidth(parameters);
  return PROGRAM_BYTES + frozen + trained * TRAINED_BYTES + working;
}
