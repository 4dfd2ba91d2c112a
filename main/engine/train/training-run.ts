/** One training run from start or checkpoint to its end: the order of steps, evaluations and checkpoints. */
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { DoneEvent, ProbeLimits, StoppedEvent } from '../../../common/protocol/protocol.ts';
import { rateText } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import type { TestLosses } from '../eval/assess/test-losses.ts';
import * as ways from '../extras/steppers.ts';
import type { AdamW } from '../step/moments.ts';
import { taskOf } from '../tasks/registry.ts';
import { newCursor, type RunningCursor } from './cursor.ts';
import { Evaluation } from './evaluation.ts';
import { Report } from './report.ts';
import {
  type Course,
  courseOf,
  type Stepper,
  type StepperOptions,
  type StepWay,
  type TrainingParts,
} from './run-parts.ts';
import { Saves } from './saves.ts';
import { WholeStep } from './whole-step.ts';

/** What takes the steps, compiled when it is first used; a run goes on with one that has looked at rates before. */
export interface OpenStepper {
  readonly stepper: Stepper;
  /** Whoever takes steps now says of numbers that are not finite what they mean. */
  requireFinite: StepperOptions['requireFinite'];
}

export function openStepper(parts: TrainingParts): OpenStepper {
  const { config, opened, weights, data, cursor, kept } = parts;
  const options = {
    ...parts,
    task: taskOf(config),
    model: opened.model,
    weights: weights.source,
    batching: kept?.training ?? data.training,
    saved: cursor,
    requireFinite: (what: string, value: number) => open.requireFinite(what as 'loss', value),
  };
  const way = Object.values<StepWay>(ways).find(({ isFor }) => isFor(config));
  const stepper = way?.open(options) ?? new WholeStep(options);
  const open: OpenStepper = { stepper, requireFinite: () => {} };
  return open;
}

/** The settings of an update at `rate`. */
export function optimizerAt(rate: number, config: TrainingParts['config']): AdamW {
  const { weightDecay, stayClose, beta1, beta2, eps, maxGradNorm } = config;
  const maxNorm = maxGradNorm === 0 ? Number.POSITIVE_INFINITY : maxGradNorm;
  return { rate, weightDecay, stayClose, beta1, beta2, eps, maxNorm };
}

export class TrainingRun {
  readonly #parts: TrainingParts;
  readonly #course: Course;
  readonly #cursor: RunningCursor;
  readonly #stepper: Stepper;
  readonly #evaluation: Evaluation;
  readonly #saves: Saves;
  readonly #report: Report;

  constructor(parts: TrainingParts, open = openStepper(parts)) {
    this.#parts = parts;
    this.#course = courseOf(parts);
    this.#cursor = { ...(parts.cursor ?? newCursor(parts.identity)), identity: parts.identity };
    // the stepper has them; later they would be taken for those of the last step
    delete this.#cursor.squares;
    this.#stepper = open.stepper;
    open.requireFinite = (what, value) => this.#requireFinite(what, value);
    this.#evaluation = new Evaluation(parts, this.#course, this.#cursor);
    this.#saves = new Saves(parts, this.#cursor, this.#stepper);
    this.#report = new Report(parts, this.#course, this.#cursor, this.#evaluation);
  }

  get totalSteps(): number {
    return this.#course.totalSteps;
  }

  async run(): Promise<DoneEvent | StoppedEvent> {
    const { stop } = this.#parts;
    while (true) {
      await this.#evaluateWhatIsDue();
      const isOver =
        this.#cursor.step >= this.totalSteps || this.#evaluation.isOutOfPatience || this.#isFinishedEarly();
      if (stop.aborted && !(isOver && this.#dueEvaluation() === null)) return await this.#stopped();
      if (isOver) break;
      if (this.#saves.isDue) await this.#saves.save();
      await this.#step();
    }
    await this.#saves.save();
    return await this.#done();
  }

  /** Takes some steps and one evaluation, or a part of it, only to see what they take: nothing is saved. */
  async tryOut(limits: ProbeLimits): Promise<DoneEvent | StoppedEvent> {
    const evaluation = await this.#evaluation.tryOut(limits);
    if (evaluation === null) return await this.#stopped();
    const timedStep = async () => {
      const before = this.#cursor.trainSeconds;
      await this.#step();
      return this.#cursor.trainSeconds - before;
    };
    const taken = await trySteps(limits, timedStep, this.#parts.stop);
    if (taken === null) return await this.#stopped();
    return { ...(await this.#done()), probe: { ...taken, evaluation: evaluation ?? null } };
  }

  /** What was measured of each test row before training and with the weights of `done`; null where not all of it is known. */
  testLosses({ steps, bestStep }: DoneEvent): Pick<TestLosses, 'labelled' | 'before' | 'after'> | null {
    const { evaluatedStep, rowLosses } = this.#cursor;
    if (!rowLosses?.labelled || evaluatedStep !== steps) return null;
    const { labelled, before = null, best, last } = rowLosses;
    return { labelled, before, after: bestStep === steps ? last : best };
  }

  async release(): Promise<void> {
    await this.#stepper.release();
    await this.#evaluation.release();
  }

  async #step(): Promise<void> {
    const cursor = this.#cursor;
    const started = performance.now();
    if (!(await this.#enter())) return;
    await this.#stepper.prepare(cursor.epoch);
    const computing = performance.now();
    const learningRate = this.#course.rateAt(cursor.step);
    const { tokens, ...figures } = await this.#stepper.step(
      cursor,
      optimizerAt(learningRate, this.#parts.config),
    );
    const seconds = (performance.now() - computing) / 1000;
    this.#advance(figures.loss, tokens, seconds);
    const stepMs = performance.now() - started;
    await this.#report.step({ ...figures, learningRate, tokens, stepMs }, seconds);
  }

  /** Has the rows of the next step ready; false where the run is stopped meanwhile. A row that can't be used costs no step before it. */
  async #enter(): Promise<boolean> {
    const { data, stop } = this.#parts;
    try {
      await data.training.enter(this.#cursor.epoch);
    } catch (error) {
      if (stop.aborted) return false;
      await this.#saves.save();
      throw error;
    }
    Object.assign(this.#cursor, data.training.saved);
    return true;
  }

  #advance(loss: number, tokens: number, seconds: number): void {
    const cursor = this.#cursor;
    cursor.lastLoss = loss;
    cursor.step++;
    cursor.epochStep++;
    if (cursor.epochStep >= this.#course.stepsInEpoch(cursor.epoch)) {
      cursor.epoch++;
      cursor.epochStep = 0;
    }
    cursor.trainedTokens += tokens;
    cursor.trainSeconds += seconds;
  }

  #dueEvaluation(): number | null {
    return this.#evaluation.due(this.#isFinishedEarly());
  }

  async #evaluateWhatIsDue(): Promise<void> {
    while (!this.#parts.stop.aborted) {
      const step = this.#dueEvaluation();
      if (step === null) return;
      await this.#stepper.makeRoom();
      const isDone = await this.#evaluation.run(step, (what, value) => this.#requireFinite(what, value));
      if (isDone) this.#saves.outdate();
    }
  }

  /** Whether the person has ended it; a run of no step would have no result. */
  #isFinishedEarly(): boolean {
    return this.#parts.finish?.aborted === true && this.#cursor.step > 0;
  }

  /** Ends a run whose numbers have overflowed, before they reach a checkpoint or the result. */
  #requireFinite(what: string, value: number): void {
    if (Number.isFinite(value)) return;
    const { step } = this.#cursor;
    throw new AppError(
      'diverged',
      step === 0
        ? say`The model computes invalid values before training (${what}: ${value}).`
        : say`Training became unstable at step ${step} and was stopped (${what}: ${value}).`,
      step === 0
        ? say`Download the model again, or choose another one.`
        : say`Start a new run with a lower learning rate than ${rateText(this.#parts.config.learningRate)}.`,
    );
  }

  async #stopped(): Promise<StoppedEvent> {
    const checkpoint = (await this.#saves.save()) ?? path.join(this.#parts.config.out, 'checkpoints');
    return this.#report.stopped(checkpoint);
  }

  #done(): Promise<DoneEvent> {
    return this.#report.done(() => this.#saves.takeFinalWeights());
  }
}

/**
 * Takes steps until memory and caches are warm, then those that count. `step` resolves with its seconds; null when asked to stop between
 * two.
 */
export async function trySteps(
  { steps, warmSeconds, mostWarmSteps }: ProbeLimits,
  step: () => Promise<number>,
  stop: AbortSignal,
): Promise<{ readonly warmSteps: number; readonly stepSeconds: readonly number[] } | null> {
  const stepSeconds: number[] = [];
  let [warmSteps, warmed] = [0, 0];
  while (stepSeconds.length < steps) {
    if (stop.aborted) return null;
    const seconds = await step();
    const isLong = warmSteps === 0 && seconds > warmSeconds;
    if (!isLong && stepSeconds.length === 0 && warmed < warmSeconds && warmSteps < mostWarmSteps) {
      warmSteps++;
      warmed += seconds;
    } else stepSeconds.push(seconds);
  }
  return { warmSteps, stepSeconds };
}
