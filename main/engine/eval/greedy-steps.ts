/**
 * Greedy answers step by step, each with what the model thought of all next tokens: what an export is compared by,
 * whichever program computes it.
 */
import { type Generator, greedy } from './generator.ts';

export interface GreedyStep {
  /** The likeliest next token. */
  readonly id: number;
  /** Natural logarithms of the probabilities of all next tokens, [V]. */
  readonly logProbs: Float32Array;
}

/** Something that answers: Fettle's engine, or another program with the model in it. */
export interface Answers {
  /** The answer to `prompt`, at most `most` tokens, ended by a stop token, which is given as well. */
  steps(prompt: readonly number[], most: number): AsyncIterable<GreedyStep>;
}

/** The answers of Fettle's engine; one at a time. */
export function answersOf(generator: Generator, stopIds: readonly number[]): Answers {
  const stops = new Set(stopIds);
  return {
    async *steps(prompt, most) {
      generator.reset();
      let logits = await generator.advance(prompt);
      for (let count = 1; count <= most; count++) {
        const id = greedy(logits);
        yield { id, logProbs: logSoftmax(logits) };
        if (stops.has(id) || count === most) return;
        logits = await generator.advance([id]);
      }
    },
  };
}

function logSoftmax(logits: Float32Array): Float32Array {
  const highest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - highest);
  const shift = highest + Math.log(sum);
  return logits.map((logit) => logit - shift);
}
