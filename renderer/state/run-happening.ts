/**
 * What is going on in a run, in words, and what a person should be told of it. Rules over the events, the job
 * and the state of the run; the words themselves are in words/en/pages/run.json.
 */

import type { ComputerNow, Job, JobKind, JobState, Problem, RunState } from '../../common/api/contract.ts';
import { left, percent } from '../../common/words/format.ts';
import { marks } from '../../common/words/marks.ts';
import { run as text } from '../text/text.ts';
import type { EvalPoint, Progress } from './run-progress.ts';

type DoneEvent = Extract<Progress['end'], { event: 'done' }>;

type Tone = 'good' | 'warn' | 'bad' | 'neutral' | 'accent';

export interface Happening {
  readonly tone: Tone;
  readonly title: string;
  readonly detail: string;
  /** Whether an engine is at work. */
  readonly busy: boolean;
}

interface Scene {
  readonly progress: Progress;
  /** Steps that are taken, as every part of the page tells them; null where that is not known. */
  readonly taken: number | null;
  /** The job of this run that goes on or waits; null where there is none. */
  readonly job: Job | null;
  readonly state: RunState;
  readonly problem: Problem | null;
}

const still = (tone: Tone, title: string, detail = ''): Happening => ({ tone, title, detail, busy: false });
const atWork = (title: string, detail = ''): Happening => ({ tone: 'accent', title, detail, busy: true });

const OF_JOB: Readonly<Record<JobState, (scene: Scene, job: Job) => Happening | null>> = {
  waiting: () => still('neutral', text.now.waiting, text.now.waitingDetail),
  scheduled: (_, { startAt }) => still('neutral', text.now.scheduled(startAt), text.now.scheduledDetail),
  starting: (_, { kind }) => atWork(text.now.starting[kind]),
  running: running,
  pausing: () => atWork(text.now.pausing, text.now.pausingDetail),
  paused: ({ taken }, { problem }) =>
    problem ? interruption(taken, problem) : still('neutral', text.now.paused(taken), text.now.pausedDetail),
  // what a training does after its last step, such as saving, takes its time: that is what goes on then
  stopping: ({ progress }, { comparing }) =>
    (comparing ? null : phaseOf(progress)) ?? atWork(text.now.stopping),
  done: () => null,
  failed: () => null,
};

/** What goes on now, or how the run stands when nothing does. */
export function happening(scene: Scene): Happening {
  const { job } = scene;
  return (job && OF_JOB[job.state](scene, job)) ?? ofState(scene);
}

/** Why it was interrupted, where known: a lack of memory needs another answer than a power cut. */
function interruption(taken: number | null, problem: Problem | null): Happening {
  const detail = problem === null ? text.now.interruptedDetail : `${problem.message} ${problem.hint}`;
  return still('warn', text.now.interrupted(taken), detail);
}

function running(scene: Scene, job: Job): Happening {
  const { step } = scene.progress;
  if (job.kind !== 'train') return atWork(text.now.working[job.kind], job.doing);
  if (job.comparing) return atWork(text.now.working.assess, text.now.comparingDetail);
  const inPhase = phaseOf(scene.progress);
  if (inPhase) return inPhase;
  if (step === null) return atWork(job.doing || text.now.starting.train);
  return atWork(...learning(scene.progress));
}

function phaseOf({ phase }: Progress): Happening | null {
  if (phase === null) return null;
  const { detail = '', fraction, secondsLeft } = phase;
  // of a short one a share would only flicker
  const reached = secondsLeft === undefined ? [] : [percent(fraction), left(secondsLeft)];
  return atWork(text.phases[phase.phase], [detail, ...reached].filter(Boolean).join(marks().comma));
}

function learning({ step, evals, warmingUp }: Progress): [string, string] {
  if (warmingUp) return [text.now.warmingUp, text.now.warmingUpDetail];
  const before = evals.find((point) => point.step === 0);
  const last = evals.at(-1);
  if (last === undefined || last.step === 0) return [text.now.learning, text.now.firstEvaluation];
  if (before === undefined) return [text.now.learning, text.now.heldOutIs(last.loss)];
  return step === null || last.loss < before.loss
    ? [text.now.learning, text.now.heldOutFell(before.loss, last.loss)]
    : [text.now.notLearning, text.now.heldOutNotFell(before.loss, last.loss)];
}

const OF_STATE: Readonly<Record<RunState, (scene: Scene) => Happening>> = {
  waiting: () => still('neutral', text.now.waiting),
  running: () => atWork(text.now.elsewhere, text.now.elsewhereDetail),
  paused: ({ taken }) => still('neutral', text.now.paused(taken), text.now.pausedDetail),
  done: ({ progress: { start, end } }) =>
    start?.blend
      ? still('good', text.now.blendDone)
      : still('good', text.now.done, end?.event === 'done' ? endWords(end) : ''),
  'stopped-early': ({ progress: { end } }) =>
    still('good', text.now.stoppedEarly, end?.event === 'done' ? endWords(end) : ''),
  stopped: () => still('neutral', text.now.stopped, text.now.stoppedDetail),
  failed: ({ problem }) => still('bad', problem?.message ?? text.now.failed, problem?.hint ?? ''),
  interrupted: ({ taken, problem }) => interruption(taken, problem),
};

function endWords({ reason, steps, bestStep }: DoneEvent): string {
  const why = text.now.doneBecause[reason];
  return bestStep < steps ? `${why} ${text.now.keptStep(bestStep)}`.trim() : why;
}

function ofState(scene: Scene): Happening {
  return OF_STATE[scene.state](scene);
}

export interface Advice {
  readonly id: 'not-finite' | 'memory' | 'rising' | 'plateau';
  readonly tone: Tone;
  readonly title: string;
  readonly detail: string;
  /** What the person can do about it here. */
  readonly action: 'finish' | 'cancel' | null;
}

/** Memory of the computer, as far as it is known. */
interface Memory {
  readonly now: ComputerNow | null;
  readonly totalMemory: number | null;
}

/** A share of free memory below which systems begin to stall. */
const LITTLE_MEMORY = 0.05;
/** Evaluations without a lower loss after which stopping is worth a thought. */
const PATIENCE = 3;
/** A relative gain that is not worth waiting for, over `PATIENCE` evaluations. */
const NOTICEABLE = 0.005;
/** Loss above the best by which it rises rather than trembles. */
const CLEARLY_HIGHER = 1.02;
const WORTH_SAVING_SECONDS = 60;

/** What a person should know while a training goes on, the gravest first. */
export function adviceFor(progress: Progress, memory: Memory): Advice[] {
  return [notFinite(progress), nearlyFull(memory), stalled(progress)].filter((one) => one !== null);
}

function notFinite({ step }: Progress): Advice | null {
  if (step === null || (Number.isFinite(step.loss) && Number.isFinite(step.gradNorm))) return null;
  return { id: 'not-finite', tone: 'bad', ...text.advice.notFinite(step.step), action: 'cancel' };
}

function nearlyFull({ now, totalMemory }: Memory): Advice | null {
  if (now === null || totalMemory === null || now.freeMemory >= LITTLE_MEMORY * totalMemory) return null;
  return { id: 'memory', tone: 'warn', ...text.advice.memory(now.freeMemory, totalMemory), action: null };
}

function stalled({ step, evals }: Progress): Advice | null {
  const secondsLeft = step?.secondsLeft ?? null;
  if (secondsLeft === null || secondsLeft < WORTH_SAVING_SECONDS) return null;
  const course = courseOf(evals);
  if (course === 'falling') return null;
  const best = lowest(evals)!;
  const words = text.advice[course](secondsLeft, best.step);
  return { id: course, tone: 'warn', ...words, action: 'finish' };
}

/** Whether the held-out loss still falls, has stopped falling, or rises again. */
export function courseOf(evals: readonly EvalPoint[]): 'falling' | 'plateau' | 'rising' {
  const recent = evals.slice(-PATIENCE);
  const earlier = lowest(evals.slice(0, -PATIENCE));
  if (recent.length < PATIENCE || earlier === null || earlier.step === 0) return 'falling';
  const lowestRecent = Math.min(...recent.map(({ loss }) => loss));
  if (earlier.loss - lowestRecent > NOTICEABLE * Math.abs(earlier.loss)) return 'falling';
  const last = recent.at(-1)!;
  const best = Math.min(earlier.loss, lowestRecent);
  return last.loss > CLEARLY_HIGHER * best ? 'rising' : 'plateau';
}

function lowest(evals: readonly EvalPoint[]): EvalPoint | null {
  return evals.reduce<EvalPoint | null>(
    (best, one) => (best === null || one.loss < best.loss ? one : best),
    null,
  );
}

/** The job of a run that a page shows, of `kind` where given: what goes on before what has ended. */
export function jobOf(all: readonly Job[], runId: string, kind?: JobKind): Job | null {
  const own = all.filter((job) => job.runId === runId && (kind === undefined || job.kind === kind));
  return own.findLast(({ state }) => state !== 'done' && state !== 'failed') ?? own.at(-1) ?? null;
}
