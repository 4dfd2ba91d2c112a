/** Words of a run that the terminal and the pages share: what it does between its steps, what to try after it, what it takes elsewhere. */

import type { TargetEstimate } from '../api/contract.ts';
import type { DoneEvent, ExpectedGain, Phase, Remedy, RowsLeftOut } from '../protocol/protocol.ts';
import { sum } from '../values.ts';
import { about, bytes, bytesRange, duration, energy, measure, number, percent, plural } from './format.ts';
import { said, say } from './language.ts';
import { marks } from './marks.ts';

export const PHASES: Readonly<Record<Phase, string>> = {
  read: 'Reading the data',
  tokenize: 'Turning the rows into tokens',
  load: 'Loading the model',
  ask: 'Asking the base model',
  compile: 'Preparing the computation',
  look: 'Trying learning rates',
  resume: 'Reading the checkpoint',
  evaluate: 'Measuring on test rows',
  save: 'Saving',
  export: 'Exporting',
  assess: 'Comparing with the base model',
};

/** What would help after a run, by the names under which an assessment proposes it; translated where it is shown. */
export const REMEDIES: Readonly<Record<string, string>> = {
  'more-passes': 'Train longer',
  'lower-rate': 'Lower the learning rate',
  'use-counter': 'Use the word counter',
  'use-vectors': 'Use the sentence vectors',
  'mixed-up': 'Look at mixed-up rows',
  'more-rows': 'Add more rows',
  'larger-model': 'Choose a larger model',
  replay: 'Mix in general rows',
  blend: 'Blend with the base model',
  // proposed by earlier versions
  'fewer-steps': 'Train shorter',
  'lower-rank': 'Use a smaller adapter',
  'stay-close': 'Stay close to the base model',
};

/** What a remedy should bring, and how long it computes: About 2 to 6 more of 100 rows right, about 9 minutes. Empty in older assessments. */
export function remedyFacts({ name, gain, seconds }: Remedy): string {
  if (gain === undefined) return '';
  return [gainText(gain), timeOf(name, seconds ?? null)].filter(Boolean).join(marks().comma);
}

/** Remedies that train no language model. */
const QUICK: ReadonlySet<string> = new Set(['use-counter', 'use-vectors']);

function timeOf(name: string, seconds: number | null): string {
  if (seconds === null) return '';
  if (seconds === 0) return say`no training`;
  return QUICK.has(name) ? about(seconds) : say`${about(seconds)} of training`;
}

function gainText(gain: ExpectedGain | null): string {
  if (gain === null) return say`Gain unknown`;
  const points = (share: number) => Math.max(0, Math.round(100 * share));
  const [low, high] = [points(gain.low), points(gain.high)];
  if (gain.basis === 'measured')
    return say`${Math.round(100 * (gain.value ?? 0))} more of 100 rows right, measured`;
  if (gain.basis === 'most') return say`At most ${high} more of 100 rows right`;
  return GAINS[gain.of](low, high);
}

const GAINS: Readonly<Record<ExpectedGain['of'], (low: number, high: number) => string>> = {
  score: (low, high) =>
    low === 0
      ? say`Up to ${high} more of 100 rows right`
      : say`About ${span(low, high)} more of 100 rows right`,
  fields: (low, high) =>
    low === 0
      ? say`Up to ${high} more of 100 fields right`
      : say`About ${span(low, high)} more of 100 fields right`,
  loss: (low, high) =>
    low === 0
      ? say`Test loss up to ${percent(high / 100)} lower`
      : say`Test loss about ${percentSpan(low, high)} lower`,
  quiz: (low, high) =>
    low === 0
      ? say`Up to ${high} of 100 quiz questions come back`
      : say`About ${span(low, high)} of 100 quiz questions come back`,
};

function percentSpan(low: number, high: number): string {
  const [least, most] = [percent(low / 100), percent(high / 100)];
  return low === high ? most : say`${least} to ${most}`;
}

function span(low: number, high: number): string {
  return low === high ? number(high) : say`${low} to ${high}`;
}

/** Why rows of the data are in neither count: 5 rows left out: unreadable (3), answer beyond the length limit (2). Empty where all are in one. */
export function leftOutWords(leftOut: RowsLeftOut | undefined): string {
  const whys = leftOut ? LEFT_OUT.filter(([why]) => leftOut[why] > 0) : [];
  if (!leftOut || whys.length === 0) return '';
  const all = sum(whys.map(([why]) => leftOut[why]));
  const parts = whys.map(([why, words]) =>
    whys.length === 1 ? said(words) : `${said(words)} (${number(leftOut[why])})`,
  );
  return say`${plural(all, 'row')} left out: ${parts.join(marks().comma)}`;
}

const LEFT_OUT: readonly (readonly [why: keyof RowsLeftOut, words: string])[] = [
  ['unreadable', 'unreadable'],
  ['tooLong', 'answer beyond the length limit'],
  ['empty', 'nothing to train on'],
];

/** What a training took: 12 Wh, 3,400 tokens for each Wh. Empty where that is not known. */
export function energyWords({
  energy: used,
  trainedTokens,
}: Pick<DoneEvent, 'energy' | 'trainedTokens'>): string {
  // less would be shown as 0.0 Wh
  if (!used || used.wattHours < 0.05) return '';
  const { wattHours, isMeasured } = used;
  const tokens = plural(Number((trainedTokens / wattHours).toPrecision(2)), 'token');
  return isMeasured
    ? say`${energy(wattHours / 1000)} (measured), ${tokens} for each Wh`
    : say`About ${energy(wattHours / 1000)} (estimated from processor time), ${tokens} for each Wh`;
}

/** The run on this computer: null while its speed is not known. */
interface Here {
  readonly seconds: number | null;
  readonly fits: boolean;
}

/** Here about 9 days, there about 40 minutes, about 1.60 EUR. */
export function comparison(here: Here, there: TargetEstimate): string {
  if (there.memory?.fit === 'too-big')
    return say`Too big there: a card needs ${bytesRange(there.memory.low, there.memory.high)} and has ${bytes(there.memory.ofBytes)}.`;
  if (there.seconds === null) return unknown(there);
  const time = about(there.seconds.value);
  const costs = there.cost ? say`${time}, about ${price(there.cost.value, there.currency)}` : time;
  if (!here.fits) return say`Too big for this computer. There ${costs}.`;
  if (here.seconds === null) return say`There ${costs}.`;
  return say`Here ${about(here.seconds)}, there ${costs}.`;
}

/** Money that is only about right has no thousandths. */
const price = (value: number, currency: string): string =>
  measure(number(Math.max(0.01, value), 2), currency);

function unknown({ name, unknown: why, cards }: TargetEstimate): string {
  if (why === 'unknown-card')
    return say`No published figures of ${cards?.name ?? ''} are known. The first run there shows the time.`;
  if (why === 'no-card')
    return say`${name} has no graphics card that is known. The first run there shows the time.`;
  return say`Test ${name} to see how long it takes there.`;
}

/** What the time there rests on, and how far it may be off. */
export function basisThere({ seconds, restsOn, runs, cards, utilisation }: TargetEstimate): string {
  if (seconds === null) return '';
  const range = say`Likely ${duration(seconds.low)} to ${duration(seconds.high)}, without sending and waiting.`;
  if (restsOn === 'runs') return say`Estimated from ${plural(runs, 'run')} there. ${range}`;
  const { name, count } = cards!;
  const all = count > 1 ? `${count} × ${name}` : name;
  return say`${all}, from published figures, not measured: ${percent(utilisation.low)} to ${percent(utilisation.high)} of full speed. ${range}`;
}

/** What it needs of a card's memory; empty where that is not known, or said already. */
export function memoryThere({ memory }: TargetEstimate): string {
  if (memory === null || memory.fit === 'too-big') return '';
  const needs = say`${bytesRange(memory.low, memory.high)} of ${bytes(memory.ofBytes)}`;
  return memory.fit === 'tight' ? say`Tight: a card needs ${needs}.` : say`A card needs ${needs}.`;
}
