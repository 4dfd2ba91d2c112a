/** The events of a run as the lines of a log that a person can read, one for each. */
import type { NumberedEvent } from '../../common/api/contract.ts';
import type { EngineEvent } from '../../common/protocol/protocol.ts';

type Words = {
  readonly [Name in EngineEvent['event']]: (event: Extract<EngineEvent, { event: Name }>) => string;
};

const WORDS: Words = {
  phase: ({ phase, detail }) => (detail ? `${phase}: ${detail}` : phase),
  start: ({ rows, heldOutRows, steps, stepsDone, trainableParameters, device, deviceWhy, method, blend }) =>
    (blend
      ? `blend of ${blend.of}, ${blend.strength} of its change kept${blend.with ? `, with ${blend.withStrength} of ${blend.with}` : ''}; `
      : '') +
    `start: ${method}, ${rows} rows, ${heldOutRows} held out, ${steps} steps${stepsDone > 0 ? ` (${stepsDone} done before)` : ''}, ` +
    `${trainableParameters} weights to train, ${device}${deviceWhy === undefined ? '' : `. ${deviceWhy}`}`,
  step: ({ step, steps, loss, learningRate, gradNorm, tokensPerSecond }) =>
    `step ${step} of ${steps}: loss ${figure(loss)}, learning rate ${figure(learningRate)}, ` +
    `gradient ${figure(gradNorm)}, ${Math.round(tokensPerSecond)} tokens/s`,
  eval: ({ step, loss, perplexity, best }) =>
    `held-out loss after step ${step}: ${figure(loss)} (perplexity ${figure(perplexity)})${best ? ', the lowest so far' : ''}`,
  sample: ({ step, prompt, text }) => `answer after step ${step} to ${quoted(prompt)}: ${quoted(text)}`,
  checkpoint: ({ step, path }) => `checkpoint of step ${step}: ${path}`,
  warning: ({ message }) => `warning: ${message}`,
  rescue: ({ message, attempt }) => `rescue (try ${attempt}): ${message}`,
  assessment: ({ sentence }) => `assessment: ${sentence}`,
  stopped: ({ step, steps }) => `stopped after step ${step} of ${steps}`,
  done: ({ steps, reason, heldOutLoss, seconds, result }) =>
    `done (${reason}): ${steps} steps in ${Math.round(seconds)} s, ` +
    `held-out loss ${heldOutLoss === null ? 'not measured' : figure(heldOutLoss)}, result in ${result}`,
  error: ({ code, message, hint }) => `error (${code}): ${message}${hint ? ` ${hint}` : ''}`,
};

/** One line: when (local time), and what. */
export function logLine({ at, event }: NumberedEvent): string {
  // the table has a row for each kind of event, and nothing else is asked of it
  const words = WORDS[event.event] as (event: EngineEvent) => string;
  return `${timeOf(at)}  ${words(event)}`;
}

function timeOf(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 300 ? `${text.slice(0, 299)}…` : text);
}
