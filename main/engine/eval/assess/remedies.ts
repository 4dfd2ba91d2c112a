/** What would help most after a run: at most three ways, from the evidence of the run itself, each with what it should bring and take. */

import path from 'node:path';
import { AppError } from '../../../../common/errors.ts';
import type { ExpectedGain, Remedy } from '../../../../common/protocol/protocol.ts';
import { isGradual } from '../../../../common/scores.ts';
import { forgettingForecast, isFixedForm, REPLAY_SHARE } from '../../../../common/settings/forgetting.ts';
import { keptRival } from '../../../../common/settings/sorters.ts';
import { madeOf, trainedAgain } from '../../../../common/settings/table.ts';
import { number, percent, plural, rateText } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { marks } from '../../../../common/words/marks.ts';
import { rivalName } from '../../../../common/words/scores.ts';
import { writeFileAtomic } from '../../../atomic.ts';
import { toBundledName } from '../../../paths.ts';
import { parseRunConfig, type RunConfig } from '../../config/config.ts';
import * as extras from '../../extras/remedies.ts';
import { knowsOwnRows, lossFactor, readCourse } from './course.ts';
import type { ClosedErrors } from './mixups.ts';
import type { RemedyEvidence, RemedyPlan, Way } from './remedy.ts';
import { RULES, type VerdictFigures } from './verdict-figures.ts';

const REMEDIES_FOLDER = 'remedies';
/** More are no help to choose. */
export const MOST_REMEDIES = 3;
/** A way that brings less, in rows right, is none. */
const LEAST_GAIN = 0.01;

/** To learn more, and to forget less; of equal ways the first comes first. */
const LEARNING: readonly Way[] = [lowerRate, morePasses, useSorter, mixedUp, moreRows, largerModel];
const REMEMBERING: readonly Way[] = [replay, ...Object.values<Way>(extras)];

/** The best ways, the largest gain for the time first; what nothing tells the gain of comes after them. */
export function remediesFor(evidence: RemedyEvidence): RemedyPlan[] {
  const { config, verdict, figures } = evidence;
  const isAllowed = ({ changes }: RemedyPlan) => changes === null || changedConfig(config, changes) !== null;
  const found = (ways: readonly Way[]) =>
    ways
      .flatMap((way) => way(evidence) ?? [])
      .filter(isAllowed)
      .sort((a, b) => worth(b) - worth(a));
  const learning = verdict.learned === 'unknown' ? [] : found(LEARNING);
  const remembering = found(REMEMBERING);
  // a model that sorts need not chat; one that chats loses by what it forgets
  if (isFixedForm(figures.task)) return [...learning, ...remembering].slice(0, MOST_REMEDIES);
  const first = verdict.learned === 'yes' ? [] : learning.slice(0, MOST_REMEDIES - 1);
  const others = learning.slice(first.length);
  return [...first, ...remembering, ...others].slice(0, MOST_REMEDIES);
}

/** The middle of the gain for a second, -1 where it is not known. */
function worth({ gain, seconds, ownSeconds = 0 }: RemedyPlan): number {
  if (!gain) return -1;
  return (gain.low + gain.high) / 2 / (Math.max(1, seconds ?? 0) + ownSeconds);
}

/** The share of test rows that are wrong, of JSON that of fields; null where answers are not right or wrong. */
function wrongOf({ closed, score }: VerdictFigures): number | null {
  if (closed) return 1 - closed.known.after.value;
  return score && !isGradual(score.name) ? 1 - score.after.value : null;
}

/** Whether there is so little left to learn that nothing is proposed. */
function isDone(figures: VerdictFigures): boolean {
  const wrong = wrongOf(figures);
  return wrong !== null && wrong < LEAST_GAIN;
}

/** Whether it took no training, so that nothing of one could be changed. */
function isMade({ config }: RemedyEvidence): boolean {
  return madeOf(config) !== null;
}

function rose({ figures: { loss, course } }: RemedyEvidence): boolean {
  return (loss !== null && loss.change.low > 0) || readCourse(course).rose;
}

/** Whether more of the same rows would teach it those rows alone. */
function hasMemorised({ figures: { memorised, fit, course } }: RemedyEvidence): boolean {
  return memorised === true || knowsOwnRows(fit) || readCourse(course).turned;
}

/** Errors fall with a power of the loss. */
const ERRORS_FALL = { least: 0.5, most: 1.5 } as const;

/** What a held-out loss that falls by a factor brings. */
function gainOf(
  factor: { readonly low: number; readonly high: number },
  figures: VerdictFigures,
): ExpectedGain {
  const wrong = wrongOf(figures);
  if (wrong === null) return { of: 'loss', basis: 'forecast', low: 1 - factor.high, high: 1 - factor.low };
  return {
    of: scoreOf(figures),
    basis: 'forecast',
    low: wrong * (1 - factor.high ** ERRORS_FALL.least),
    high: wrong * (1 - factor.low ** ERRORS_FALL.most),
  };
}

const scoreOf = ({ score, closed }: VerdictFigures) =>
  score?.name === 'fields' && !closed ? ('fields' as const) : ('score' as const);

/** Twice as long, and not beyond the point where it helps. */
function morePasses(evidence: RemedyEvidence): RemedyPlan | null {
  const { config, done, figures, course, trainingSeconds } = evidence;
  if (isMade(evidence) || isDone(figures) || rose(evidence) || hasMemorised(evidence)) return null;
  if (!readCourse(figures.course).falls) return null;
  const factor = lossFactor(course, 2);
  const gain = factor && gainOf(factor, figures);
  if (gain && gain.high < LEAST_GAIN) return null;
  const { epochs, maxSteps } = config;
  const steps = maxSteps === undefined ? undefined : 2 * (done?.steps ?? maxSteps);
  const passes = epochs === undefined ? undefined : 2 * epochs;
  return {
    name: 'more-passes',
    why: say`The loss on your test rows was still falling.`,
    action:
      steps === undefined
        ? say`Train with ${number(passes, 1, 0)} passes`
        : say`Train for ${plural(steps, 'step')}`,
    gain,
    seconds: trainingSeconds && 2 * trainingSeconds,
    changes: {
      ...(passes !== undefined && { epochs: passes }),
      ...(steps !== undefined && { maxSteps: steps }),
      earlyStopping: 3,
      keepBest: true,
    },
  };
}

function lowerRate(evidence: RemedyEvidence): RemedyPlan | null {
  const { config, trainingSeconds } = evidence;
  if (isMade(evidence) || !rose(evidence)) return null;
  const lower = Number((config.learningRate / 3).toPrecision(2));
  return {
    name: 'lower-rate',
    why: say`The loss on your test rows rose: the learning rate was too high.`,
    action: say`Train at a rate of ${rateText(lower)}`,
    gain: null,
    seconds: trainingSeconds,
    changes: { learningRate: lower },
  };
}

/** What a sorter gets right beyond the model, on the same test rows: the best of those that can be kept. */
function useSorter({ figures: { closed, rivals } }: RemedyEvidence): RemedyPlan | null {
  if (!closed) return null;
  const best = (rivals ?? [])
    .filter(({ name }) => keptRival(name))
    .toSorted((a, b) => a.lead.value - b.lead.value)[0];
  if (!best || best.lead.value > -RULES.rivalLead) return null;
  const { value, low, high } = best.lead;
  return {
    name: keptRival(best.name)!.remedy,
    why: say`${rivalName(best.name)} gets ${percent(best.score.value)} of the same test rows right.`,
    gain: { of: 'score', basis: 'measured', value: -value, low: -high, high: -low },
    seconds: best.seconds,
    changes: null,
  };
}

/** What looking at a row, and writing one, may take. */
const SECONDS_A_LOOK = 20;
const SECONDS_TO_WRITE = 60;

/** Two categories that stand for a part of all errors: that part is the most that telling them apart can bring. */
function mixedUp(evidence: RemedyEvidence): RemedyPlan | null {
  const { config, errors, trainingSeconds } = evidence;
  const mixup = errors?.mixup;
  if (!mixup || isMade(evidence)) return null;
  // test rows of another file can't be changed beside the training rows
  const rows = config.evalData === undefined ? mixup.rows : mixup.rows.filter(({ isTest }) => !isTest);
  if (rows.length === 0) return null;
  const [one, other] = mixup.names;
  const wrong = mixup.rows.filter(({ isTest }) => isTest).length;
  const why = say`“${one}” and “${other}” are mixed up: ${number(wrong)} of ${plural(errors.wrong, 'wrong test row')}.`;
  const doubtful = rows.filter(({ isTest }) => !isTest).length;
  return {
    name: 'mixed-up',
    why:
      doubtful === 0
        ? why
        : `${why}${marks().gap}${say`${plural(doubtful, 'training row')} may belong to the other one.`}`,
    action: say`Look at ${plural(rows.length, 'row')}`,
    gain: { of: 'score', basis: 'most', low: 0, high: wrong / errors.rows },
    seconds: trainingSeconds,
    rows,
    ownSeconds: SECONDS_A_LOOK * rows.length,
    changes: null,
  };
}

/** Categories that are named. */
const NAMED = 3;

/** Where word counts learned more from all rows than from half: by that, the model's errors fall as theirs would with twice the rows. */
function moreRows(evidence: RemedyEvidence): RemedyPlan | null {
  const { figures, errors, curve, trainingSeconds } = evidence;
  if (isMade(evidence) || isDone(figures)) return null;
  const wrong = wrongOf(figures);
  const left =
    curve && wrong !== null && wrong < 1 && stillFalls(curve) ? curve.forecast.left(wrong, 2) : null;
  if (!left && (rose(evidence) || !hasMemorised(evidence))) return null;
  const gain: ExpectedGain | null = left && {
    of: scoreOf(figures),
    basis: 'forecast',
    low: Math.max(0, wrong! - left.high),
    high: wrong! - left.low,
  };
  if (gain && gain.high < LEAST_GAIN) return null;
  const taught = errors?.categories.reduce((sum, one) => sum + one.taught, 0) ?? curve?.taught ?? 0;
  return {
    name: 'more-rows',
    why: [
      left
        ? twiceWords(curve!)
        : [
            say`It knows its training rows, but not your test rows. More and more varied rows help most.`,
            say`How much, only a training with them shows.`,
          ].join(marks().gap),
      ...whereWords(errors, left && curve),
    ].join(marks().gap),
    gain,
    seconds: trainingSeconds && 2 * trainingSeconds,
    ownSeconds: SECONDS_TO_WRITE * taught,
    changes: null,
  };
}

type Curve = NonNullable<RemedyEvidence['curve']>;

function stillFalls({ points }: Curve): boolean {
  const [half, all] = points.slice(-2).map(({ asked, wrong }) => wrong / asked) as [number, number];
  return all < half;
}

function twiceWords(curve: Curve): string {
  const { forecast, taught } = curve;
  const { low, high } = forecast.at(2 * taught);
  const now = percent(forecast.at(taught).value);
  if ('fields' in curve)
    return say`With twice the rows, word counts would likely get ${percent(low)} to ${percent(high)} of the fields right, ${now} today.`;
  return say`With twice the rows, word counts would likely get ${percent(low)} to ${percent(high)} right, ${now} today.`;
}

/** The categories that would gain most, else those with the most errors. */
function whereWords(errors: ClosedErrors | null, curve: Curve | null): string[] {
  if (curve && curve.gains.length > 0) {
    const named = curve.gains.map(({ answer, rows, wrong }) => say`“${answer}” (${wrong} of ${rows} wrong)`);
    return [say`Most to gain: ${named.join(marks().comma)}.`];
  }
  const few = (errors?.categories ?? []).slice(0, NAMED);
  const named = few.map(({ name, wrong, asked }) => say`“${name}” (${wrong} of ${asked} wrong)`);
  return named.length === 0 ? [] : [say`Most errors: ${named.join(marks().comma)}.`];
}

function largerModel(evidence: RemedyEvidence): RemedyPlan | null {
  const { figures } = evidence;
  const wrong = wrongOf(figures);
  if (wrong !== null && wrong <= 1 - RULES.perfect) return null;
  if (figures.course.length < 2 || rose(evidence) || hasMemorised(evidence)) return null;
  if (readCourse(figures.course).falls) return null;
  const why = say`The loss on your test rows stopped falling. A larger model can learn more.`;
  return { name: 'larger-model', why, gain: null, seconds: null, changes: null };
}

function replay(evidence: RemedyEvidence): RemedyPlan | null {
  const { config, verdict, trainingSeconds } = evidence;
  if (verdict.forgot !== 'little' && verdict.forgot !== 'much') return null;
  if (config.replay > 0) return null;
  return {
    name: 'replay',
    why: say`General rows, one in ten, keep the model practising what it knew.`,
    gain: remembered(evidence),
    seconds: trainingSeconds && (1 + REPLAY_SHARE) * trainingSeconds,
    changes: { replay: REPLAY_SHARE, ...trainedAgain(config) },
  };
}

/** What of the quiz would not be lost, by the forecast that the plan makes; null where the quiz fell too little to tell. */
function remembered({ config, done, figures, parameters }: RemedyEvidence): ExpectedGain | null {
  const { quiz, task } = figures;
  if (!quiz || !(quiz.change.high < 0) || !done) return null;
  const { method, learningRate, objective } = config;
  const facts = { method, learningRate, objective, parameters, steps: done.steps, task };
  const lost = forgettingForecast(facts).lostShare;
  const less = forgettingForecast({ ...facts, replay: REPLAY_SHARE }).lostShare;
  if (!(lost > 0)) return null;
  const kept = 1 - less / lost;
  return { of: 'quiz', basis: 'forecast', low: -quiz.change.high * kept, high: -quiz.change.low * kept };
}

/** Writes remedies as complete configurations with folders of their own; gives them with their files, those alone that can be trained. */
export async function writeRemedies(
  config: RunConfig,
  run: string,
  plans: readonly RemedyPlan[],
): Promise<Remedy[]> {
  const written: Remedy[] = [];
  for (const { changes, ownSeconds: _, ...plan } of plans) {
    if (changes === null) {
      written.push({ ...plan, file: null });
      continue;
    }
    const changed = changedConfig(config, { ...changes, out: `${run}-${plan.name}` });
    if (changed === null) continue;
    const file = path.join(run, REMEDIES_FOLDER, `${plan.name}.json`);
    await writeFileAtomic(file, `${JSON.stringify(changed, toBundledName, 2)}\n`);
    written.push({ ...plan, file });
  }
  return written;
}

/** Null where the run's other settings rule the change out, as comparing answers does with general rows mixed in. */
function changedConfig(config: RunConfig, changes: Readonly<Record<string, unknown>>): RunConfig | null {
  try {
    return parseRunConfig({ ...config, ...changes });
  } catch (error) {
    if (error instanceof AppError && error.code === 'bad-config') return null;
    throw error;
  }
}
