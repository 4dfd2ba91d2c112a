/** What is said of a card whose LoRA steps were timed beside the processor's. */
import { describe, expect, it } from 'vitest';
import { stepsText } from '../../../common/step-times.ts';
import { madeUpRates, timedSteps } from '../../helpers/rates.ts';

const [cpu] = madeUpRates(1e11).devices;
/** `card`: seconds of its steps where the processor's take 1, 10 and 100. */
function told(...card: readonly number[]): string | null {
  const own = { ...cpu!, executor: 'ggml', steps: timedSteps(...card) };
  return stepsText({ devices: [{ ...cpu!, steps: timedSteps(1, 10, 100) }, own] }, own);
}

describe('the steps of a card', () => {
  it.each([
    [[2, 15], 'The processor is faster here: a training step takes 1.5 to 2.0 times as long on the card.'],
    [[3], 'The processor is faster here: a training step takes 3.0 times as long on the card.'],
    [[0.5, 1, 2], 'A training step is 2.0 to 50 times as fast there as on the processor.'],
    [[0.95, 10], 'A training step takes about as long there as on the processor.'],
    [
      [2, 10, 25],
      'Small models train faster on the processor, large ones on the card: a step is 0.5 to 4.0 times as fast there.',
    ],
    [
      [0.5, 20],
      'Which is faster depends on the model: a training step is 0.5 to 2.0 times as fast there as on the processor.',
    ],
  ])('%j are told against the processor’s', (seconds, text) => {
    expect(told(...seconds)).toBe(text);
  });

  it('are not told where either was not measured so', () => {
    expect(told()).toBeNull();
    expect(stepsText({ devices: [cpu!] }, { ...cpu!, executor: 'ggml', steps: timedSteps(1) })).toBeNull();
  });
});
