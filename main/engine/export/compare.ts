/**
 * Whether an export says what the trained model says: greedy answers to the same prompts, token by token, and how far the
 * probabilities of the next tokens have moved.
 */
import type { Answers, GreedyStep } from '../eval/greedy-steps.ts';

export interface Comparison {
  readonly prompts: number;
  readonly equalAnswers: number;
  /** The earliest new token, counted from 1, at which an answer parts; null where none does. */
  readonly firstDifference: number | null;
  /** Largest difference of the log-probabilities of next tokens that the trained model holds likely. */
  readonly maxLogProbDrift: number;
  /** New tokens that were compared. */
  readonly tokens: number;
}

export interface AnswerSettings {
  /** New tokens of an answer at most. */
  readonly most: number;
  readonly stop: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}

/** Less likely tokens are never chosen, and rounding moves their logarithms far. */
const LIKELY = Math.log(1e-3);

/** The answers of the trained model, kept to compare with. */
export async function collectAnswers(
  prompts: readonly (readonly number[])[],
  answers: Answers,
  { most, stop, onProgress }: AnswerSettings,
): Promise<GreedyStep[][]> {
  const all: GreedyStep[][] = [];
  for (const prompt of prompts) {
    onProgress?.(all.length / prompts.length);
    const steps: GreedyStep[] = [];
    for await (const step of answers.steps(prompt, most)) {
      stop.throwIfAborted();
      steps.push(step);
    }
    all.push(steps);
  }
  return all;
}

/** Compares `answers` with those of the trained model; an answer is followed up to the token at which it parts. */
export async function compareAnswers(
  prompts: readonly (readonly number[])[],
  trained: readonly (readonly GreedyStep[])[],
  answers: Answers,
  { most, stop, onProgress }: AnswerSettings,
): Promise<Comparison> {
  let [equalAnswers, drift, tokens] = [0, 0, 0];
  let firstDifference: number | null = null;
  for (const [i, prompt] of prompts.entries()) {
    onProgress?.(i / prompts.length);
    let at = 0;
    let parted = false;
    for await (const step of answers.steps(prompt, most)) {
      stop.throwIfAborted();
      const expected = trained[i]![at];
      at++;
      parted = step.id !== expected?.id;
      if (expected) drift = Math.max(drift, driftOf(expected.logProbs, step.logProbs));
      tokens++;
      if (parted) break;
    }
    if (!parted && at === trained[i]!.length) equalAnswers++;
    else firstDifference = Math.min(firstDifference ?? Number.POSITIVE_INFINITY, parted ? at : at + 1);
  }
  return { prompts: prompts.length, equalAnswers, firstDifference, maxLogProbDrift: drift, tokens };
}

function driftOf(trained: Float32Array, exported: Float32Array): number {
  let most = 0;
  for (let id = 0; id < trained.length; id++) {
    if (trained[id]! >= LIKELY) most = Math.max(most, Math.abs(trained[id]! - exported[id]!));
  }
  return most;
}
