/** Choosing the next token: the most likely one, or a draw shaped by temperature, top-k and top-p (Holtzman et al. 2020). */
import type { Rng } from '../data/rows/rng.ts';
import { greedy, type Sampler } from './generator.ts';

export interface Sampling {
  /** 0 always takes the most likely token. */
  readonly temperature: number;
  /** Draw from the most likely tokens that together have this probability. */
  readonly topP: number;
  /** Draw from this many most likely tokens; 0 for all. */
  readonly topK: number;
}

/** The sampler for these settings; draws come from `rng`. */
export function createSampler({ temperature, topP, topK }: Sampling, rng: Rng): Sampler {
  if (temperature === 0) return greedy;
  return (logits) => {
    const order = Uint32Array.from(logits, (_, id) => id).sort((a, b) => logits[b]! - logits[a]! || a - b);
    const kept = topK > 0 ? order.subarray(0, topK) : order;
    const largest = logits[kept[0]!]!;
    const weights = Float64Array.from(kept, (id) => Math.exp((logits[id]! - largest) / temperature));
    return kept[draw(weights, topP, rng.uniform())]!;
  };
}

/** Index drawn from descending weights cut off after the share `topP`. */
function draw(weights: Float64Array, topP: number, uniform: number): number {
  const total = weights.reduce((a, b) => a + b, 0);
  let end = 0;
  let nucleus = 0;
  while (end < weights.length && nucleus < topP * total) nucleus += weights[end++]!;
  let rest = uniform * nucleus;
  for (let i = 0; i < end; i++) {
    rest -= weights[i]!;
    if (rest < 0) return i;
  }
  return Math.max(0, end - 1);
}
