/**
 * What a run looks like while it goes on, as pure functions of its events: the one line that a terminal redraws, and the lines that stay.
 * Nothing here writes or asks the time.
 */

import type {
  DoneEvent,
  EngineEvent,
  EvalEvent,
  LookEvent,
  PhaseEvent,
  SampleEvent,
  StartEvent,
  StepEvent,
} from '../../common/protocol/protocol.ts';
import { FIGURES, figureIn, type StepFigure } from '../../common/step-figures.ts';
import {
  bytes,
  count,
  duration,
  loss,
  number,
  percent,
  plainSpaces,
  plural,
  rate,
  rateText,
} from '../../common/words/format.ts';
import { said, say } from '../../common/words/language.ts';
import { energyWords, leftOutWords, PHASES } from '../../common/words/run.ts';
import { columnsOf, printable, type Style, within } from './words.ts';

export interface Progress {
  readonly start?: StartEvent;
  readonly step?: StepEvent;
  readonly evaluation?: EvalEvent;
  /** What goes on between steps, and how far it is. */
  readonly phase?: Pick<PhaseEvent, 'phase' | 'fraction' | 'detail' | 'secondsLeft'>;
}

export function advance(progress: Progress, event: EngineEvent): Progress {
  const { phase: _, ...without } = progress;
  if (event.event === 'phase') return { ...without, phase: event };
  if (event.event === 'start') return { ...without, start: event };
  if (event.event === 'step') return { ...without, step: event };
  if (event.event === 'eval') return { ...without, evaluation: event };
  // the next engine reads and loads again
  if (event.event === 'rescue') return {};
  return event.event === 'warning' ? progress : without;
}

/** The words for a phase: `Loading the model (model.gguf)`. */
export function phaseText(phase: NonNullable<Progress['phase']>): string {
  const words = said(PHASES[phase.phase]);
  return phase.detail ? `${words} (${printable(phase.detail)})` : words;
}

/** What goes on, how far it is, and how long it goes on. */
function phaseFacts(phase: NonNullable<Progress['phase']>): string[] {
  const { fraction, secondsLeft } = phase;
  if (fraction === undefined) return [`${phaseText(phase)}...`];
  return [phaseText(phase), percent(fraction), timeLeft(secondsLeft)].filter(Boolean).map(plainSpaces);
}

function timeLeft(seconds: number | null | undefined): string {
  return seconds === null || seconds === undefined ? '' : say`${duration(seconds)} left`;
}

/** A phase that lasts in one plain line, for logs; empty where nothing says how far it is. */
export function phaseLine({ phase }: Progress): string {
  return phase?.fraction === undefined ? '' : phaseFacts(phase).join('  ');
}

const NARROWEST_BAR = 8;
const WIDEST_BAR = 24;

/** The line that a terminal redraws: less than `width` columns, most important first; empty when nothing goes on. */
export function statusLine(progress: Progress, width: number, style: Style): string {
  const { step, phase } = progress;
  if (!step && !phase) return '';
  const fraction = phase ? phase.fraction : step && step.step / step.steps;
  const facts = phase ? phaseFacts(phase) : stepFacts(progress);
  const room = Math.max(0, width - 1);
  if (fraction === undefined) return fitting(facts, room);
  const text = fitting(facts, room < 30 ? room : room - NARROWEST_BAR - 1);
  const barWidth = Math.min(WIDEST_BAR, room - columnsOf(text) - 1);
  return barWidth < NARROWEST_BAR ? text : `${bar(fraction, barWidth, style)} ${text}`;
}

/** A step in one plain line, for logs. */
export function stepLine(progress: Progress): string {
  const { step } = progress;
  if (!step) return '';
  const percent = Math.floor((100 * step.step) / step.steps);
  return [`${percent}%`, ...stepFacts(progress)].join('  ');
}

/** Whether `event` is the run's first or last step, which a log always shows. */
export function isEdge(progress: Progress, event: StepEvent): boolean {
  return progress.step === undefined || event.step >= event.steps;
}

/** Flags for what warnings advise, which name none because pages show them too. */
const FLAGS: Readonly<Record<string, string>> = { 'data-schema': '--map' };

function seeFlag(code: string): string {
  const flag = FLAGS[code];
  return flag === undefined ? '' : ` ${say`See ${flag}.`}`;
}

/** The lines that `event` leaves behind, on a terminal and in a log alike; what a line begins with is English, for scripts. */
export function lasting(event: EngineEvent, style: Style): string[] {
  return linesOf(event, style).map(plainSpaces);
}

function linesOf(event: EngineEvent, style: Style): string[] {
  switch (event.event) {
    case 'look':
      return lookLines(event);
    case 'start':
      return startLines(event);
    case 'eval':
      return [evalLine(event)];
    case 'sample':
      return [sampleLine(event)];
    case 'warning':
      return [`${style.warning(say`warning:`)} ${within(event.message + seeFlag(event.code), '         ')}`];
    case 'rescue':
      return [`${style.warning('rescue:')} ${within(event.message, '        ')}`];
    case 'assessment':
      return [
        `Verdict  ${printable(event.sentence)}`,
        ...event.remarks.map((remark) => `         ${printable(remark)}`),
        `Report   ${within(event.report, '         ')}`,
      ];
    case 'stopped':
      return [
        say`Stopped after step ${number(event.step)} of ${number(event.steps)}; everything is saved. To resume:`,
        `  ${event.resume}`,
      ];
    case 'done':
      return doneLines(event);
    default:
      return [];
  }
}

/** A saved checkpoint, as a log says it. */
export function checkpointLine(event: Extract<EngineEvent, { event: 'checkpoint' }>): string {
  return plainSpaces(say`Saved a checkpoint at step ${number(event.step)} (${bytes(event.bytes)})`);
}

function stepFacts({ step, evaluation }: Progress): string[] {
  if (!step) return [];
  return [
    say`step ${number(step.step)}/${number(step.steps)}`,
    ...saidOf('step', step, ({ brief }) => brief === true),
    evaluation ? say`held-out ${loss(evaluation.loss)}` : '',
    step.step >= step.steps ? '' : timeLeft(step.secondsLeft),
    rate(step.tokensPerSecond),
    bytes(step.memoryBytes ?? step.rssBytes),
  ]
    .filter(Boolean)
    .map(plainSpaces);
}

/** The figures among `which` that have a name in lines: `loss 1.234`. */
function saidOf(of: 'step' | 'eval', event: object, which: (row: StepFigure) => boolean): string[] {
  return FIGURES[of].filter(which).flatMap(({ key, unit, said: name }) => {
    const value = figureIn(event, key);
    if (name === undefined || value === undefined || value === null) return [];
    return `${name && said(name)} ${unit === 'share' ? percent(value) : loss(value)}`;
  });
}

/** As many facts as fit into `room` columns, two spaces apart; the first one always stays, cut off if need be. */
function fitting(facts: readonly string[], room: number): string {
  const whole = facts.join('  ');
  if (columnsOf(whole) <= room) return whole;
  const kept = facts.map((fact) => fact.replace(/^\D+(?=[\d.,\s]+\/)/, '').replace(/tokens(?=\/s)/i, 'tok'));
  while (kept.length > 1 && columnsOf(kept.join('  ')) > room) kept.pop();
  let line = kept.join('  ').slice(0, Math.max(0, room));
  while (columnsOf(line) > room) line = line.slice(0, -1);
  return line;
}

function bar(fraction: number, width: number, style: Style): string {
  const inner = width - 2;
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * inner);
  return `[${style.bar('#'.repeat(filled))}${style.faint('-'.repeat(inner - filled))}]`;
}

/** What a look at learning rates has found. */
function lookLines({ steps, tried, learningRate }: LookEvent): string[] {
  const rates = tried.map(
    (one) =>
      `${rateText(one.learningRate)} ${one.loss === null ? say`unstable` : say`loss ${loss(one.loss)}`}`,
  );
  return [
    `Rates    ${say`${rates.join(', ')} after ${plural(steps, 'step')} each; ${rateText(learningRate)} goes on`}`,
  ];
}

function startLines(start: StartEvent): string[] {
  const share = percent(start.trainableParameters / start.parameters, 1);
  const cut = start.truncatedRows > 0 ? say`, ${number(start.truncatedRows)} cut off` : '';
  const left = leftOutWords(start.leftOut ?? { unreadable: start.skippedRows, tooLong: 0, empty: 0 });
  const goesOn = start.stepsDone > 0 ? say`, resuming after step ${number(start.stepsDone)}` : '';
  const trainable = count(start.trainableParameters);
  const trained = start.blend ? say`${trainable} of them blended` : say`training ${trainable} of them`;
  const [rows, held, labelled] = [
    plural(start.rows, 'row'),
    number(start.heldOutRows),
    number(start.labelledTokens),
  ];
  const tokens = plural(start.tokens, 'token');
  const all = plural(start.steps, 'step');
  const steps = start.estimates === 'steps' ? say`about ${all}` : all;
  const data = start.estimates
    ? say`${rows} to train on${cut}, ${held} held out; about ${tokens} an epoch, ${labelled} of them trained on`
    : say`${rows} to train on${cut}, ${held} held out; ${tokens} an epoch, ${labelled} of them trained on`;
  return [
    `Model    ${say`${start.family}, ${count(start.parameters)} weights; ${trained} (${share}, ${start.method})`}`,
    `Data     ${data}`,
    ...(left === '' ? [] : [`         ${left}`]),
    start.blend
      ? `Blend    ${say`${start.blend.strength} of what ${printable(start.blend.of)} has learned, the rest of the base model; on ${start.device} (${start.executor})`}`
      : `Run      ${say`${steps}${goesOn}, on ${start.device} (${start.executor})`}`,
    ...(start.deviceWhy === undefined ? [] : [`Device   ${start.deviceWhy}`]),
  ];
}

function evalLine(event: EvalEvent): string {
  const best = event.best && event.step > 0 ? say`, the best so far` : '';
  const { accuracy } = event;
  const beside = saidOf('eval', event, ({ optional }) => optional === true).join(', ');
  const figures =
    accuracy === undefined
      ? say`perplexity ${perplexity(event.perplexity)}`
      : say`${percent(accuracy)} right`;
  const all = `${figures}${beside && `; ${beside}`}${best}`;
  return event.step === 0
    ? say`Held-out loss before training: ${loss(event.loss)} (${all})`
    : say`Held-out loss after step ${number(event.step)}: ${loss(event.loss)} (${all})`;
}

/** Of a large one no decimal counts. */
const perplexity = (value: number): string => (value < 100 ? loss(value) : number(Math.round(value)));

const SAMPLE_CHARS = 80;

/** What the model says now, on one line: the whole of it is in the events. */
function sampleLine({ prompt, text }: SampleEvent): string {
  const short = (whole: string) => {
    const line = printable(whole.trim().replace(/\s+/g, ' '));
    return line.length > SAMPLE_CHARS ? `${line.slice(0, SAMPLE_CHARS - 1)}…` : line;
  };
  return `Says     ${short(prompt)} -> ${short(text)}`;
}

/** Translated where they are said. */
export const WHY_ENDED: Readonly<Record<DoneEvent['reason'], string>> = {
  finished: '',
  'early-stopping': ', early because the held-out loss no longer fell',
  'finished-early': ', early because you asked for it',
};

function doneLines(event: Extract<EngineEvent, { event: 'done' }>): string[] {
  const best = event.heldOutLoss === null ? '' : heldOutChange(event);
  const seconds = event.secondsToFirstStep;
  const first = seconds === null ? '' : say`, ${duration(seconds)} to the first step`;
  const energy = energyWords(event);
  // a blend takes none
  if (event.steps === 0)
    return [`Done     ${duration(event.seconds)}`, ...(best ? [best] : []), `Result   ${event.result}`];
  return [
    `Done     ${say`${plural(event.steps, 'step')} in ${duration(event.seconds)}${said(WHY_ENDED[event.reason])}`}`,
    ...(best ? [best] : []),
    `Speed    ${say`${rate(event.trainedTokensPerSecond)}, ${plural(event.trainedTokens, 'token')} trained${first}; at most ${bytes(event.peakMemoryBytes ?? event.peakRssBytes)} of memory`}`,
    ...(energy ? [`Energy   ${energy}`] : []),
    `Result   ${event.result}`,
  ];
}

function heldOutChange(event: Extract<EngineEvent, { event: 'done' }>): string {
  const after = loss(event.heldOutLoss ?? 0);
  const change = event.heldOutLossBefore === null ? after : `${loss(event.heldOutLossBefore)} -> ${after}`;
  return event.steps === 0
    ? say`Held out loss ${change}`
    : say`Held out loss ${change} (weights of step ${number(event.bestStep)})`;
}
