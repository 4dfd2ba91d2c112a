/**
 * The rescue: a training whose engine got no memory, or whose device failed, goes on by itself from its last checkpoint with
 * settings that take less. What is tried is a ladder, cheapest first, and each try is told: an event says why, with what
 * settings it goes on, and whether the numbers stay the same. Pure functions, shared by the command line and the application.
 */

import type { EngineEvent, RescueEvent, RescueReason } from '../../common/protocol/protocol.ts';
import { traitsOf } from '../../common/settings/executors.ts';
import type { RescueRung, Setting } from '../../common/settings/row.ts';
import { RUN_SETTINGS, valueAt } from '../../common/settings/table.ts';
import { plural } from '../../common/words/format.ts';
import { said, say } from '../../common/words/language.ts';
import { marks } from '../../common/words/marks.ts';
import type { RunConfig } from '../engine/config/config.ts';

/** What is known of a training that goes on, from its events. */
export interface Course {
  /** Whether its rows and its model have been read. */
  readonly hasBegun: boolean;
  readonly step: number;
  readonly steps: number;
  /** The step of its newest checkpoint; 0 where it begins again. */
  readonly saved: number;
  readonly tokensAtOnce: number | null;
  readonly leastTokensAtOnce: number | null;
  readonly assessing: boolean;
  /** Whether the processor computes; null before the engine has said it. */
  readonly onProcessor: boolean | null;
}

export const NO_COURSE: Course = {
  hasBegun: false,
  step: 0,
  steps: 0,
  saved: 0,
  tokensAtOnce: null,
  leastTokensAtOnce: null,
  assessing: false,
  onProcessor: null,
};

export function followed(course: Course, event: EngineEvent): Course {
  switch (event.event) {
    case 'start': {
      const { stepsDone, steps, tokensAtOnce = null, leastTokensAtOnce = null } = event;
      return {
        hasBegun: true,
        step: stepsDone,
        saved: stepsDone,
        steps,
        tokensAtOnce,
        leastTokensAtOnce,
        assessing: false,
        onProcessor: event.device.startsWith('CPU'),
      };
    }
    case 'step':
      return { ...course, step: event.step };
    case 'checkpoint':
      return { ...course, saved: event.step };
    case 'phase':
      return { ...course, assessing: event.phase === 'assess' };
    case 'rescue':
      // the next engine has not said anything yet
      return { ...course, hasBegun: false, step: event.resumesFrom, assessing: false, onProcessor: null };
    default:
      return course;
  }
}

type Settings = Pick<
  RunConfig,
  | 'method'
  | 'lora'
  | 'splitMicroBatch'
  | 'recompute'
  | 'maxGradNorm'
  | 'executor'
  | 'device'
  | 'assess'
  | 'rescue'
> &
  Partial<Pick<RunConfig, 'deviceWhy' | 'precision'>>;

interface Failure<Config extends Settings> {
  readonly config: Config;
  readonly course: Course;
  readonly reason: RescueReason;
  /** What is said of it. */
  readonly cause: string;
  /** The rescues of this training so far. */
  readonly tries: readonly RescueEvent[];
}

/** At most as many tries as there are rescue settings: more would only repeat some. */
const MOST_TRIES = 8;

/** What takes less memory, by the rows of the settings; the cheapest first. */
const LADDER = (RUN_SETTINGS as readonly Setting[])
  .flatMap(({ name, rescue }) => (rescue ? [{ ...rescue, name }] : []))
  .toSorted((a, b) => a.rung - b.rung);

/** How a training that failed goes on, with the event that tells it; null where nothing is left to try. */
export function rescueAfter<Config extends Settings>(
  failure: Failure<Config>,
): { readonly config: Config; readonly event: RescueEvent } | null {
  const { config, course, reason, cause, tries } = failure;
  if (!config.rescue || tries.length >= MOST_TRIES) return null;
  const rung = rungFor(failure);
  if (rung === null) return null;
  const { changes, sameNumbers } = rung;
  const event: RescueEvent = {
    event: 'rescue',
    attempt: tries.length + 1,
    reason,
    failedAfter: course.step,
    resumesFrom: course.saved,
    changes,
    sameNumbers,
    cause,
    message: messageOf(course, reason, rung),
  };
  return { config: { ...config, ...changes }, event };
}

/** Whether a problem is one that the ladder is for, by its code; null for all others. */
export function reasonOf(code: string): RescueReason | null {
  if (code === 'out-of-memory' || code === 'device-memory') return 'out-of-memory';
  if (code === 'device-lost') return code;
  // no driver, no library, no adapter, or one that refuses to compute
  return /^(device|pack)-/.test(code) ? 'device-failed' : null;
}

/** What a problem says when the rescue is at its end: that less was tried, too. Empty where it was not. */
export function triedInVain(tries: readonly RescueEvent[]): string {
  if (tries.length === 0) return '';
  return `${say`${plural(tries.length, 'retry', 'retries')} with lighter settings failed too.`}${marks().gap}`;
}

function rungFor(failure: Failure<Settings>): RescueRung | null {
  const { course, reason } = failure;
  if (reason !== 'out-of-memory') return onceMore(failure) ?? onProcessor(failure);
  if (course.assessing) return withoutAssessment(failure);
  // nothing but the last of these helps where the model itself does not fit
  return (course.hasBegun ? lighter(failure) : null) ?? onProcessor(failure);
}

/** The first rung that is left. */
function lighter({ config, course, tries }: Failure<Settings>): RescueRung | null {
  for (const { name, next } of LADDER) {
    const before = tries.filter(({ changes }) => changes[name] !== undefined).length;
    const rung = next(config, { ...course, value: valueAt(config, name), tries: before });
    if (rung) return rung;
  }
  return null;
}

/** A driver that was reset, as after a sleep, is there again a moment later. */
function onceMore({ reason, tries }: Failure<Settings>): RescueRung | null {
  if (reason !== 'device-lost' || tries.at(-1)?.reason === 'device-lost') return null;
  const why = say`nothing was changed`;
  return { changes: {}, how: say`on the same device`, sameNumbers: true, why };
}

/** What a run says of its device where Fettle had chosen a card and has left it. */
const leftForProcessor = () => say`The processor computes, because the graphics card failed.`;

function onProcessor({ config, course, reason, tries }: Failure<Settings>): RescueRung | null {
  const { hasBegun, onProcessor: isThere } = course;
  const isOther = traitsOf(config.executor).isApart === true;
  if (!isOther && (config.device === 'cpu' || isThere)) return null;
  if (!isOther && reason === 'out-of-memory' && !hasBegun && config.device === 'auto') return null;
  // a device that a person has asked for and that was never there: that is for the person to decide
  const isFirst = !hasBegun && tries.length === 0 && course.saved === 0;
  const isChosen = config.device === 'auto' || config.deviceWhy !== undefined;
  if (reason === 'device-failed' && isFirst && !isChosen) return null;
  return {
    changes: {
      ...(isOther && { executor: 'ort' as const }),
      device: 'cpu',
      ...(config.deviceWhy !== undefined && { deviceWhy: leftForProcessor() }),
      // it has no kernels for float16 and would only take longer
      ...(config.precision === 'f16' && { precision: 'f32' as const }),
    },
    how:
      isOther && reason === 'out-of-memory'
        ? say`with onnxruntime on the processor, which needs less memory for the weights`
        : say`on the processor, which takes longer`,
    sameNumbers: false,
    why: say`the processor rounds differently, so the loss differs a little`,
  };
}

function withoutAssessment({ config }: Failure<Settings>): RescueRung | null {
  if (!config.assess) return null;
  return {
    changes: { assess: false },
    how: say`without comparing it with the base model`,
    sameNumbers: true,
    why: say`you can compare later, when more memory is free`,
  };
}

export const FAILED: Readonly<Record<RescueReason, string>> = {
  'out-of-memory': 'The training ran out of memory',
  'device-lost': 'The graphics card was lost',
  'device-failed': 'The graphics card could not compute',
};

function messageOf(
  { step, steps, saved, assessing }: Course,
  reason: RescueReason,
  rung: RescueRung,
): string {
  const failed = said(FAILED[reason]);
  const what = assessing
    ? say`${failed} after its last step.`
    : step === 0
      ? say`${failed} in its first step.`
      : say`${failed} after step ${step}.`;
  const next =
    saved === 0
      ? say`It starts again: ${rung.how}.`
      : saved === steps
        ? say`It continues: ${rung.how}.`
        : say`It continues from step ${saved}: ${rung.how}.`;
  const numbers = rung.sameNumbers
    ? say`The result stays the same: ${rung.why}.`
    : say`The numbers change: ${rung.why}.`;
  return `${what} ${next} ${numbers}`;
}
