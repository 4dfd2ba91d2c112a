/** How much of what a model knew a run will probably take, forecast from runs before and after which the general quiz was asked (docs/defaults.md). */
import type { TaskKind } from '../protocol/protocol.ts';
import { isOverPairs } from './objective.ts';
import { TINY } from './sizes.ts';

export interface ForgettingFacts {
  readonly method: 'full' | 'lora' | 'qlora';
  /** Weights of the model. */
  readonly parameters: number;
  readonly learningRate: number;
  readonly steps: number;
  readonly task: TaskKind;
  readonly objective?: string | undefined;
  /** The share of general text mixed in, and the pull back to the base model. */
  readonly replay?: number | undefined;
  readonly stayClose?: number | undefined;
}

/** General rows among all that are trained on, where a person mixes some in, and where a plan does. */
export const REPLAY_SHARE = 0.1;
export const PLANNED_REPLAY = 0.05;

export type ForgettingRisk = 'low' | 'medium' | 'high';

export interface ForgettingForecast {
  readonly risk: ForgettingRisk;
  /** Of the questions that the model could answer, those that it probably can't any more: 0 to 1. */
  readonly lostShare: number;
  /** Whether all answers have one fixed form, which it will probably give to other questions too. */
  readonly isFixedForm: boolean;
}

/**
 * All but exp(-(rate x steps / dose)²) is lost, up to MOST: each step moves the weights by about the rate, and harm grows with the square of the
 * way. Doses of adapters, measured with SmolLM2-135M by the kind of answers. TINY_DOSE: of the practice model, which was taught its quiz itself.
 */
const DOSES: Readonly<Record<TaskKind | 'pairs', number>> = {
  label: 0.016,
  json: 0.016,
  short: 0.046,
  free: 0.3,
  text: 0.3,
  calls: 0.88,
  pairs: 0.014,
};
const MEASURED_PARAMETERS = 135e6;
const TINY_DOSE = 1;
/** Measured on the practice model: all weights bear a fifth of what adapters bear. */
const FULL = 0.2;
/** With general text mixed in the practice model, all weights trained, bore half as much again; a pull back was not measured as well. */
const PROTECTED = 1.5;

/** What a run loses that has gone far: a model that answers with categories still hits some of the quiz. */
const MOST = 0.9;
/** The same with adapters and general rows: they hold the rest, however far a run goes. */
const MOST_REPLAYED = 0.25;

const MEDIUM = 0.08;
/** As for the verdict's "much", of a model that answers 40 % of the quiz. */
const HIGH = 0.25;

export function forgettingForecast(facts: ForgettingFacts): ForgettingForecast {
  const { learningRate, steps, task, objective } = facts;
  const lostShare =
    (isReplayed(facts) ? MOST_REPLAYED : MOST) *
    (1 - Math.exp(-(((learningRate * steps) / doseOf(facts)) ** 2)));
  const risk = lostShare < MEDIUM ? 'low' : lostShare < HIGH ? 'medium' : 'high';
  return { risk, lostShare, isFixedForm: !isOverPairs({ objective }) && isFixedForm(task) };
}

/** Whether a model is trained to sort, or to fill fields: what it forgets matters only where it also chats. */
export function isFixedForm(task: TaskKind): boolean {
  return task === 'label' || task === 'json';
}

function isReplayed({ method, replay = 0 }: ForgettingFacts): boolean {
  return replay > 0 && method !== 'full';
}

function doseOf({ method, parameters, task, objective, replay = 0, stayClose = 0 }: ForgettingFacts): number {
  const kind = isOverPairs({ objective }) ? 'pairs' : task;
  const size = Math.max(1, parameters / MEASURED_PARAMETERS);
  const dose = parameters < TINY ? TINY_DOSE : DOSES[kind] * size;
  const isHeld = stayClose > 0 || (replay > 0 && method === 'full');
  return dose * (method === 'full' ? FULL : 1) * (isHeld ? PROTECTED : 1);
}
