/** What adapters can hold of a model of which the number of weights is known: a rule about learning. Nothing of memory or time comes from here. */

/** Channels in and out of the linear layers of a block, over the width: four of attention, three of the MLP. */
const LINEAR_CHANNELS = 18;

/** Layers x width of a usual transformer: weights are 12 L d², and d is about 100 L. */
export function depthTimesWidth(parameters: number): number {
  const width = Math.cbrt(parameters / 0.12);
  return parameters / (12 * width);
}

/** Weights of adapters of a rank on all linear layers. */
export function adapterParameters(parameters: number, rank: number): number {
  return rank * LINEAR_CHANNELS * depthTimesWidth(parameters);
}
