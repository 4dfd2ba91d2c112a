import { describe, expect, it } from 'vitest';
import { Rng } from '../../../../main/engine/data/rows/rng.ts';
import { createSampler, type Sampling } from '../../../../main/engine/eval/sampler.ts';

const LOGITS = Float32Array.of(1, 3, 2, -1, 3 - Math.log(4));
const DRAWS = 20_000;

/** Share of each id in many draws. */
function shares(sampling: Partial<Sampling>, seed = 1): number[] {
  const sample = createSampler({ temperature: 1, topP: 1, topK: 0, ...sampling }, Rng.fromSeed(seed));
  const counts = Array(LOGITS.length).fill(0);
  for (let i = 0; i < DRAWS; i++) counts[sample(LOGITS)]++;
  return counts.map((count) => count / DRAWS);
}

/** Probabilities of the ids in `kept`, at a temperature. */
function softmax(kept: readonly number[], temperature = 1): number[] {
  const weights = [...LOGITS].map((logit, id) => (kept.includes(id) ? Math.exp(logit / temperature) : 0));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

function expectShares(actual: readonly number[], expected: readonly number[]): void {
  for (const [id, share] of expected.entries()) {
    if (share === 0) expect(actual[id]).toBe(0);
    // five standard errors of a share
    else
      expect(Math.abs(actual[id]! - share)).toBeLessThanOrEqual(5 * Math.sqrt((share * (1 - share)) / DRAWS));
  }
}

describe('sampling', () => {
  it('takes the most likely token at temperature 0, the first one of equals', () => {
    const sample = createSampler({ temperature: 0, topP: 1, topK: 0 }, Rng.fromSeed(1));
    expect(sample(LOGITS)).toBe(1);
    expect(sample(Float32Array.of(2, 5, 5, 1))).toBe(1);
    expect(sample(Float32Array.of(-7, -9, -Infinity))).toBe(0);
  });

  it.each([0.5, 1, 2])('draws as the softmax at temperature %f says', (temperature) => {
    expectShares(shares({ temperature }), softmax([0, 1, 2, 3, 4], temperature));
  });

  it('draws from the k most likely tokens', () => {
    expectShares(shares({ topK: 2 }), softmax([1, 2]));
    expectShares(shares({ topK: 1 }), softmax([1]));
    expectShares(shares({ topK: 99 }), softmax([0, 1, 2, 3, 4]));
  });

  it('draws from the fewest tokens that together have the share p', () => {
    // probabilities of ids 1, 2, 4, 0, 3: 0.563, 0.207, 0.141, 0.076, 0.010
    expectShares(shares({ topP: 0.5 }), softmax([1]));
    expectShares(shares({ topP: 0.6 }), softmax([1, 2]));
    expectShares(shares({ topP: 0.8 }), softmax([1, 2, 4]));
    expectShares(shares({ topP: 1 }), softmax([0, 1, 2, 3, 4]));
  });

  it('takes the share p of what k leaves', () => {
    // of ids 1 and 2 the first has 0.73
    expectShares(shares({ topK: 2, topP: 0.7 }), softmax([1]));
    expectShares(shares({ topK: 2, topP: 0.75 }), softmax([1, 2]));
  });

  it('repeats with its seed and only with it', () => {
    expect(shares({}, 7)).toEqual(shares({}, 7));
    expect(shares({}, 7)).not.toEqual(shares({}, 8));
  });

  it('survives logits that overflow, and almost no temperature', () => {
    const sample = createSampler({ temperature: 1e-6, topP: 1, topK: 0 }, Rng.fromSeed(1));
    expect(sample(Float32Array.of(3e38, -3e38, 0))).toBe(0);
    expect(sample(Float32Array.of(-Infinity, 5, 4.99))).toBe(1);
  });
});
