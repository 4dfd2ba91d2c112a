/** What a client's numbers become. */
import { expect, it } from 'vitest';
import { flagsOf, JobRequest, shownNumbers, stepsOf } from '../../../main/extras/tuning/request.ts';

const PLAN = { maxLength: 128, tokensPerMicroBatch: 512 };
const asked = (hyperparameters: object) =>
  JobRequest.safeParse({ model: 'm', training_file: 'f', hyperparameters });

it.each([
  // rows of 40 tokens: a step of so many rows, and what the plan's micro-batches make of it
  [1, { tokensPerMicroBatch: 128, gradientAccumulation: 1 }],
  [8, { tokensPerMicroBatch: 320, gradientAccumulation: 1 }],
  [12, { tokensPerMicroBatch: 480, gradientAccumulation: 1 }],
  [64, { tokensPerMicroBatch: 512, gradientAccumulation: 5 }],
  [256, { tokensPerMicroBatch: 512, gradientAccumulation: 20 }],
])('a batch of %i rows becomes tokens a step', (size, expected) => {
  expect(stepsOf(size, PLAN, { rows: 100, tokens: 4000 })).toEqual({ maxLength: 128, ...expected });
});

it('reads numbers as the official clients send them', () => {
  const numbers = { batch_size: 8, learning_rate_multiplier: 0.5, n_epochs: 3 };
  const request = JobRequest.parse({ model: 'm', training_file: 'f', hyperparameters: numbers });
  expect(shownNumbers(request)).toEqual(numbers);
  expect(Object.fromEntries(flagsOf(request, {}))).toEqual({ epochs: 3 });
  const method = { type: 'supervised', supervised: { hyperparameters: numbers } };
  expect(shownNumbers(JobRequest.parse({ model: 'm', training_file: 'f', method }))).toEqual(numbers);
  // what an answer of OpenAI has where nothing was asked
  expect(asked({ batch_size: null }).success).toBe(true);
});

it.each([0, -1, 2.5, 257, 'many', true])('refuses a batch of %s', (batch_size) => {
  expect(asked({ batch_size }).success).toBe(false);
});
