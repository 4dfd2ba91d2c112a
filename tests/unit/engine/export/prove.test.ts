/** Answers held against each other: what counts as equal, where they part, and how far the probabilities are off. */
import { describe, expect, it } from 'vitest';
import type { Answers, GreedyStep } from '../../../../main/engine/eval/generator.ts';
import { betterType, collectAnswers, compareAnswers } from '../../../../main/engine/export/prove.ts';

const settings = { most: 4, stop: new AbortController().signal };

/** An answerer that says `ids` to every prompt, each with the probability `sure`. */
function saying(ids: readonly number[], sure = 0.9): Answers {
  return {
    async *steps(_, most) {
      for (const id of ids.slice(0, most)) yield step(id, sure);
    },
  };
}

function step(id: number, sure: number): GreedyStep {
  const logProbs = new Float32Array(3).fill(Math.log((1 - sure) / 2));
  logProbs[id] = Math.log(sure);
  return { id, logProbs };
}

async function compared(exported: Answers) {
  const prompts = [[1], [2]];
  const trained = await collectAnswers(prompts, saying([0, 1, 2]), settings);
  return compareAnswers(prompts, trained, exported, settings);
}

describe('an export whose likely probabilities differ by a factor', () => {
  it.each([
    [6.5, 'q8_0', 'f16'],
    [6.5, 'q4_0', 'q8_0'],
    [6.5, 'bf16', 'f32'],
    [6.5, 'f32', null],
    [2, 'q8_0', null],
  ])('of %d in %s is better saved as %s', (factor, type, better) => {
    expect(betterType({ maxLogProbDrift: Math.log(factor) }, type)).toBe(better);
  });
});

describe('answers of an export', () => {
  it('are equal where every token is', async () => {
    const found = await compared(saying([0, 1, 2]));
    expect(found).toEqual({
      prompts: 2,
      equalAnswers: 2,
      firstDifference: null,
      maxLogProbDrift: 0,
      tokens: 6,
    });
  });

  it.each([
    ['another token', [0, 2, 2], 2, 4],
    ['an answer that ends early', [0, 1], 3, 4],
    ['an answer that goes on', [0, 1, 2, 0], 4, 8],
    ['no answer at all', [], 1, 0],
  ])('part with %s', async (_, ids, firstDifference, tokens) => {
    expect(await compared(saying(ids))).toMatchObject({ equalAnswers: 0, firstDifference, tokens });
  });

  it('may be equal and less sure, which is measured where the trained model finds a token likely', async () => {
    const { equalAnswers, maxLogProbDrift } = await compared(saying([0, 1, 2], 0.8));
    expect(equalAnswers).toBe(2);
    // the others went from 0.05 to 0.1
    expect(maxLogProbDrift).toBeCloseTo(Math.log(2), 5);
  });

  it('that are no numbers are not taken for equal probabilities', async () => {
    expect((await compared(saying([0, 1, 2], Number.NaN))).maxLogProbDrift).toBeNaN();
  });
});
