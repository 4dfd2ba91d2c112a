/** Events of a small run, for the tests of what a run's page makes of them. */
import type { EngineEvent, NumberedEvent, StepEvent } from '../../../common/api/contract.ts';

export function step(step: number, change: Partial<StepEvent> = {}): StepEvent {
  return {
    event: 'step',
    step,
    steps: 100,
    epoch: step / 50,
    loss: 3 - step / 100,
    gradNorm: 1,
    learningRate: 1e-3,
    tokens: 1000,
    tokensPerSecond: 500,
    stepMs: 2000,
    rssBytes: 1e9,
    secondsLeft: 2 * (100 - step),
    ...change,
  };
}

export const evaluation = (at: number, loss: number, best = true): EngineEvent => ({
  ...{ event: 'eval', step: at, loss, best },
  perplexity: Math.exp(loss),
  labelledTokens: 100,
});

export const sample = (at: number, text: string, prompt = 'Hello'): EngineEvent => ({
  ...{ event: 'sample', step: at, prompt, text },
});

/** The events with numbers from `first` on. */
export function numbered(events: readonly EngineEvent[], first = 1): NumberedEvent[] {
  return events.map((event, index) => ({ number: first + index, at: 0, event }));
}
