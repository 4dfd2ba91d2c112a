/** A search of settings, wherever its trainings run: what is tried, what it takes, and the order in which it is trained. */

import type { PlanFigures } from '../../../common/api/contract.ts';
import { AppError } from '../../../common/errors.ts';
import { TRIES } from '../../../common/extras/search/varied.ts';
import type { TriedSettings } from '../../../common/protocol/protocol.ts';
import { settingName } from '../../../common/settings/form.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import type { RunConfig } from '../../engine/config/config.ts';
import {
  candidatesOf,
  evalEveryFor,
  ranking,
  roundsOf,
  standing,
  stepAfter,
  type Values,
} from './halving.ts';

/** What is said of a run before it begins. */
export type Figures = Pick<PlanFigures, 'steps' | 'work' | 'estimate'>;

/** Values that replace the drawn ones, by name. */
export type Given = Readonly<Record<string, number[]>>;

interface Asked {
  readonly tries: number;
  readonly given?: Given;
  /** The figures of the training with these settings instead of its own. */
  readonly figures: (changes: Readonly<Record<string, unknown>>) => Promise<Figures>;
}

/** What a search of the settings of `config` will try. Throws an AppError where that cannot be compared. */
export async function plannedTries(
  config: RunConfig,
  { tries, given = {}, figures }: Asked,
): Promise<TriedSettings[]> {
  if (config.heldOut === 0 && config.evalData === undefined)
    throw new AppError(
      'no-test-rows',
      say`Settings are compared on test rows, and this training has none.`,
      say`Set some rows aside for testing.`,
    );
  const values = candidatesOf(baseOf(config, given), { count: tries, seed: config.seed, given });
  if (values.length < TRIES.least)
    throw new AppError(
      'bad-config',
      say`There is too little to try: ${values.length} combinations of settings.`,
      say`Name at least ${TRIES.least} combinations.`,
    );
  const rounds = roundsOf(values.length).length;
  const planned: TriedSettings[] = [];
  for (const settings of values) {
    const { steps, work, estimate } = await figures(changesOf(config, settings));
    const evalEvery = evalEveryFor(steps, rounds);
    if (evalEvery === null) throw tooShort(steps);
    const part = (name: string) => estimate.timeParts.find((one) => one.part === name)?.seconds ?? 0;
    const each = (part('evaluation') + part('samples')) / Math.max(1, work.evaluations);
    const cost = estimate.stepSeconds && {
      start: part('start'),
      step: estimate.stepSeconds.value,
      evaluation: each,
    };
    planned.push({ settings, steps, evalEvery, losses: [], run: null, cost });
  }
  return planned;
}

function tooShort(steps: number): AppError {
  return new AppError(
    'too-short',
    say`This training has only ${steps} steps: too few to compare settings early.`,
    say`Use more rows or passes, or try fewer settings.`,
  );
}

/** The values of a training that a search varies; a limit on steps makes the number of passes meaningless. */
function baseOf(config: RunConfig, given: Given): Values {
  const { learningRate, method, lora, epochs, maxSteps } = config;
  const base: Values = {
    learningRate,
    ...(method !== 'full' && { 'lora.rank': lora.rank }),
    ...(maxSteps === undefined && epochs !== undefined && { epochs }),
  };
  const unknown = Object.keys(given).find((name) => !(name in base));
  if (unknown === undefined) return base;
  throw new AppError(
    'bad-config',
    say`${settingName(unknown)} can't be tried here.`,
    say`Try ${Object.keys(base).map(settingName).join(marks().comma)}.`,
  );
}

/** The settings of a candidate over those of `config`; another rank keeps the strength of the adapter. */
export function changesOf(config: RunConfig, values: Values): Record<string, unknown> {
  const { 'lora.rank': rank } = values;
  const { lora, method } = config;
  if (rank === undefined || method === 'full' || lora.rsLora) return { ...values };
  return { ...values, 'lora.alpha': (lora.alpha * rank) / lora.rank };
}

/** The same while it is tried: measured when it is compared, and never ended before. */
export function tryChanges(
  config: RunConfig,
  { settings, evalEvery }: TriedSettings,
): Record<string, unknown> {
  return { ...changesOf(config, settings), evalEvery, earlyStopping: 0 };
}

const lossesOf = (tried: readonly TriedSettings[]) => tried.map(({ losses }) => losses);

/** Numbers of the candidates that are still in, and of all by rank. */
export function standingOf(tried: readonly TriedSettings[]) {
  const losses = lossesOf(tried);
  return { ...standing(losses), ranking: ranking(losses) };
}

/** Seconds that the rest of a search takes, by what each candidate costs: who will go on is not known, so all are taken to be alike. */
export function searchSeconds(tried: readonly TriedSettings[]): number | null {
  const losses = lossesOf(tried);
  const { going, next } = standing(losses);
  if (next === null) return 0;
  let seconds = 0;
  for (const [round, count] of roundsOf(tried.length).entries()) {
    if (round < next.round) continue;
    const open = round === next.round ? going.filter((one) => losses[one]!.length <= round) : going;
    const costs = open.map((one) => roundSeconds(tried[one]!, round));
    if (costs.includes(null)) return null;
    const mean = costs.reduce<number>((sum, one) => sum + one!, 0) / costs.length;
    seconds += mean * (round === next.round ? open.length : Math.min(count, going.length));
  }
  return seconds;
}

function roundSeconds({ cost, evalEvery }: TriedSettings, round: number): number | null {
  if (cost === null) return null;
  const before = round === 0 ? 0 : stepAfter(evalEvery, round - 1);
  const steps = stepAfter(evalEvery, round) - before;
  const evaluations = steps / evalEvery + (round === 0 ? 1 : 0);
  return cost.start + steps * cost.step + evaluations * cost.evaluation;
}

/** Seconds that the best candidate's training still takes, without its assessment; by the first where none is known yet. */
export function restSeconds(tried: readonly TriedSettings[]): number | null {
  const best = tried[standingOf(tried).ranking[0]!]!;
  const { cost, steps, evalEvery } = best;
  if (cost === null) return null;
  const rest = steps - stepAfter(evalEvery, roundsOf(tried.length).length - 1);
  return cost.start + rest * cost.step + (rest / evalEvery) * cost.evaluation;
}

/** By which the history finds the runs of a search. */
export const searchTag = (name: string): string => `search ${name}`.slice(0, 60);

/** How a candidate's training went as far as it was to go; `stopped`: it did not get there. */
export type Outcome = { readonly loss: number | null; readonly run: string } | 'stopped';

interface Trainings {
  /** Trains the candidate of that number until `step`, from where it is, and gives its held-out loss there. */
  train(candidate: number, step: number): Promise<Outcome>;
  /** What has changed must outlive the process. */
  keep(tried: readonly TriedSettings[]): Promise<void>;
  /** The candidate is out of the search. */
  drop(candidate: number): Promise<void>;
}

/** Goes on with a search from what is known of it, to its end or until a training is stopped. */
export async function searchOn(
  known: readonly TriedSettings[],
  { train, keep, drop }: Trainings,
): Promise<{ readonly tried: readonly TriedSettings[]; readonly isDone: boolean }> {
  let tried = known;
  for (;;) {
    const { going, next } = standingOf(tried);
    if (next === null) return { tried, isDone: true };
    const { candidate, round } = next;
    const outcome = await train(candidate, stepAfter(tried[candidate]!.evalEvery, round));
    if (outcome === 'stopped') return { tried, isDone: false };
    const { loss, run } = outcome;
    tried = tried.map((one, i) => (i === candidate ? { ...one, run, losses: [...one.losses, loss] } : one));
    await keep(tried);
    const left = standingOf(tried).going;
    for (const one of going) if (!left.includes(one)) await drop(one);
  }
}
