/**
 * The evaluations of a run: when one is due, its loss and sample answers, and the weights that the run ends with. On few rows one is lowest
 * by chance, so an earlier step must be better by more than that.
 */

import type { ProbedEvaluation, ProbeLimits } from '../../../common/protocol/protocol.ts';
import { figuresFor } from '../../../common/step-figures.ts';
import { say } from '../../../common/words/language.ts';
import { ratio } from '../eval/assess/statistics.ts';
import { decoderOf } from '../eval/cached-decoder.ts';
import { Measure, type Measurement, type Sample, Samples } from '../eval/measure.ts';
import { withGains } from '../load/adapter.ts';
import { taskOf } from '../tasks/registry.ts';
import { writeBest } from './checkpoint.ts';
import type { RunningCursor } from './cursor.ts';
import { appendMetric } from './run-folder.ts';
import type { Course, TrainingParts } from './run-parts.ts';

export class Evaluation {
  readonly #parts: TrainingParts;
  readonly #course: Course;
  readonly #cursor: RunningCursor;
  readonly #measure: Measure | null;
  readonly #samples: Samples;
  /** What the last evaluation took. */
  seconds = 0;
  /** Of a token that is only read; null before the first evaluation. */
  secondsPerToken: number | null = null;

  constructor(parts: TrainingParts, course: Course, cursor: RunningCursor) {
    const { config, data, opened, weights, executor, method, tokenizer, emit, kept } = parts;
    this.#parts = parts;
    this.#course = course;
    this.#cursor = cursor;
    const { model } = opened;
    const computing = { task: taskOf(config), executor, method, model, weights: weights.source };
    const batching = kept?.heldOut ?? data.heldOut;
    this.#measure = batching && new Measure({ ...computing, batching });
    this.#samples = new Samples(config, tokenizer, model.maxPositions, emit);
  }

  get isOutOfPatience(): boolean {
    const { earlyStopping } = this.#parts.config;
    return earlyStopping > 0 && this.#cursor.evaluationsSinceBest >= earlyStopping;
  }

  /** The step whose weights are to be measured next; null for none. `isFinished`: no step comes after it. */
  due(isFinished: boolean): number | null {
    const { step, evaluatedStep } = this.#cursor;
    const { totalSteps, evalEvery, rateAt } = this.#course;
    if (!this.#measure && this.#samples.count === 0) return null;
    // a first step with rate 0 changes no weights: measured after it, the first step comes sooner
    const unchanged = rateAt(0) === 0 ? 1 : 0;
    if (evaluatedStep < 0 && step === unchanged) return 0;
    const isLast = step === totalSteps || isFinished;
    const isDue = step > 0 && (step % evalEvery === 0 || isLast);
    return isDue && evaluatedStep < step ? step : null;
  }

  /** Measures and samples with the weights of `step`; false where the run is stopped meanwhile. */
  async run(step: number, requireFinite: (what: string, value: number) => void): Promise<boolean> {
    const { emit, state, stop, data } = this.#parts;
    const measured = await this.#measure?.run(state.feeds(false), stop, (fraction) =>
      emit({ event: 'phase', phase: 'evaluate', fraction }),
    );
    if (measured === null) return false;
    if (measured) requireFinite(say`loss on test rows`, measured.loss);
    await this.#measure?.makeRoom();
    const asking = performance.now();
    const samples = await this.#sample(step);
    // it is all done again where it was interrupted
    if (samples === null) return false;
    const shape = data.heldOut?.plan(0);
    if (measured && shape)
      this.secondsPerToken = measured.seconds / (shape.batches * shape.rowsPerBatch * shape.rowLength);
    this.seconds = (measured?.seconds ?? 0) + (performance.now() - asking) / 1000;
    this.#cursor.evaluatedStep = step;
    if (measured) await this.#note(step, measured);
    for (const sample of samples) emit({ event: 'sample', step, ...sample });
    return true;
  }

  /** A part of an evaluation, to time a whole one; null where stopped, undefined without held-out rows. */
  async tryOut({ evaluationSeconds }: ProbeLimits): Promise<ProbedEvaluation | null | undefined> {
    const { state, stop } = this.#parts;
    const measured = await this.#measure?.tryOut(state.feeds(false), evaluationSeconds, stop);
    await this.#measure?.makeRoom();
    return measured;
  }

  async release(): Promise<void> {
    await this.#measure?.release();
  }

  /** What the model says with the weights as they are; null when the run is asked to stop meanwhile. */
  async #sample(step: number): Promise<readonly Sample[] | null> {
    const { opened, executor, weights, method, state, stop } = this.#parts;
    if (this.#samples.count === 0) return [];
    const ready = { opened, executor, weights };
    const feeds = state.feeds(false);
    const now = await withGains({ method, trained: feeds }, ready);
    try {
      return await this.#samples.take(step, decoderOf(ready, now), stop);
    } finally {
      for (const [name, tensor] of Object.entries(now.trained)) if (!(name in feeds)) tensor.release();
    }
  }

  /** Notes the held-out loss of `step`, and keeps the weights where it is the lowest so far. */
  async #note(step: number, measured: Measurement): Promise<void> {
    const { config, emit, state } = this.#parts;
    const best = noteEvaluation(this.#cursor, step, measured);
    if (best && config.keepBest) await writeBest(config.out, step, state);
    const event = { event: 'eval' as const, step, ...figuresFor('eval', measured), best };
    await appendMetric(config.out, event);
    emit(event);
  }
}

export type KnownLosses = Pick<
  RunningCursor,
  'heldOutLoss' | 'heldOutLossBefore' | 'bestLoss' | 'bestStep' | 'evaluationsSinceBest' | 'rowLosses'
>;

/** Test rows whose losses a comparison takes over, at most. */
const MOST_TOLD = 20_000;

/** Notes the evaluation of `step`; gives whether its loss is the lowest so far, which an equal one is not. */
export function noteEvaluation(known: KnownLosses, step: number, { loss, rows }: Measurement): boolean {
  const isBest = known.bestLoss === null || loss < known.bestLoss;
  if (step === 0) known.heldOutLossBefore = loss;
  known.heldOutLoss = loss;
  known.evaluationsSinceBest = isBest ? 0 : known.evaluationsSinceBest + 1;
  const last = [...rows.nll];
  const { best = [], before } = known.rowLosses ?? {};
  known.rowLosses = {
    // each checkpoint writes them
    ...(last.length <= MOST_TOLD && {
      labelled: [...rows.labelled],
      ...(step === 0 ? { before: last } : before && { before }),
    }),
    best: isBest ? last : best,
    last,
  };
  if (isBest) {
    known.bestLoss = loss;
    known.bestStep = step;
  }
  return isBest;
}

/**
 * Whether the lowest loss is better than the last beyond chance: the 95 % interval of the difference, paired by row, is above 0.
 * `labelled`: tokens of each row.
 */
export function isClearlyBetter(known: KnownLosses, labelled: ArrayLike<number>, seed: number): boolean {
  const { best, last } = known.rowLosses ?? { best: [], last: [] };
  if (last.length < 2 || best.length !== last.length || labelled.length !== last.length) return false;
  const worse = last.map((nll, row) => nll - best[row]!);
  return ratio(worse, labelled, seed).low > 0;
}
