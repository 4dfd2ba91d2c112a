/** Events of a made-up run, for the tests of what is shown. */
import type { DoneEvent, EvalEvent, StartEvent, StepEvent } from '../../../common/protocol/protocol.ts';

export const START: StartEvent = {
  event: 'start',
  model: 'models/SmolLM2.gguf',
  family: 'llama',
  method: 'lora',
  out: 'runs/first',
  parameters: 134_515_008,
  trainableParameters: 4_884_480,
  rows: 540,
  heldOutRows: 60,
  tokens: 81_234,
  labelledTokens: 12_345,
  skippedRows: 0,
  truncatedRows: 2,
  steps: 300,
  stepsDone: 0,
  executor: 'ort',
  device: 'CPU, 8 threads',
};

export function step(number: number): StepEvent {
  return {
    event: 'step',
    step: number,
    steps: 300,
    epoch: number / 100,
    loss: 2 - number / 300,
    gradNorm: 0.5,
    learningRate: 1e-4,
    tokens: 1000,
    tokensPerSecond: 1234.5,
    stepMs: 800,
    rssBytes: 1.94e9,
    secondsLeft: (300 - number) * 0.8,
  };
}

export const EVAL: EvalEvent = {
  event: 'eval',
  step: 150,
  loss: 1.3104,
  perplexity: 3.7077,
  labelledTokens: 1500,
  best: true,
};

export const DONE: DoneEvent = {
  event: 'done',
  steps: 300,
  reason: 'finished',
  trainedTokens: 300_000,
  trainedTokensPerSecond: 1240,
  secondsToFirstStep: 3.4,
  peakRssBytes: 2.1e9,
  finalLoss: 1,
  heldOutLoss: 1.25,
  heldOutLossBefore: 2.5,
  bestStep: 280,
  seconds: 260,
  out: 'runs/first',
  result: 'runs/first/adapter',
};
