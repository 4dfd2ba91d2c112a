/** One training run from start or checkpoint to its end: the order of steps, evaluations and checkpoints. */
import path from 'node:path';
import { AppError } from '../../errors.ts';
import { plannedEvalEvery, plannedSteps, plannedWarmup, type RunConfig } from '../config.ts';
import type { Tokenizer } from '../data/tokens/tokenizer-types.ts';
import { decoderOf } from '../eval/cached-decoder.ts';
import { Measure, type Measurement } from '../eval/measure.ts';
import type { Executor, Program } from '../exec/executor.ts';
import { peakResidentBytes } from '../io/peak-memory.ts';
import { settled } from '../load/dora.ts';
import type { OpenedModel } from '../load/open-model.ts';
import type { Weights } from '../load/weights.ts';
import type { Method } from '../nn/parameters.ts';
import { assessmentTokens, priceRun } from '../pricing/run-price.ts';
import type { DoneEvent, EngineEvent, ProbeLimits, StepEvent, StoppedEvent } from '../protocol.ts';
import { type Cursor, newCursor, readBest, writeBest, writeCheckpoint } from './checkpoint.ts';
import { Gradients } from './gradients.ts';
import { appendMetric } from './history.ts';
import type { RunIdentity } from './identity.ts';
import { isClearlyBetter, noteEvaluation } from './keep-best.ts';
import { Layerwise } from './layerwise.ts';
import { LossScale, tooNarrow } from './loss-scale.ts';
import { Pace } from './pace.ts';
import { type RunData, stepsInEpoch } from './run-data.ts';
import { type Sample, Samples } from './samples.ts';
import { learningRateAt, type Schedule } from './schedule.ts';
import type { AdamW, TrainState } from './state.ts';
import { trySteps } from './try-out.ts';

export interface TrainingParts {
  readonly config: RunConfig;
  readonly opened: OpenedModel;
  readonly tokenizer: Tokenizer;
  readonly weights: Weights;
  readonly executor: Executor;
  readonly method: Method;
  readonly data: RunData;
  readonly state: TrainState;
  readonly identity: RunIdentity;
  /** Where an earlier part stopped; null for a new run. */
  readonly cursor: Cursor | null;
  readonly stop: AbortSignal;
  /** Aborted: the person wants the run to end here, with its best weights. */
  readonly finish?: AbortSignal;
  /** When the person asked for the run, in milliseconds since 1970. */
  readonly startedAt: number;
  emit(event: EngineEvent): void;
}

/** Overflows of gradients in float16 after which it is said again. */
const OVERFLOWS_TOLD = 20;

/** What a step has found and done. */
interface Updated {
  readonly loss: number;
  readonly gradNorm: number;
  readonly tokens: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class TrainingRun {
  readonly #parts: TrainingParts;
  readonly #schedule: Schedule;
  readonly #evalEvery: number;
  readonly #gradients: Gradients;
  /** In place of `#gradients`, where each layer is updated right after its gradient. */
  readonly #layerwise: Layerwise | null;
  readonly #lossScale: LossScale | null;
  readonly #measure: Measure | null;
  readonly #samples: Samples;
  readonly #cursor: Mutable<Cursor>;
  readonly #epochSteps: number[] = [];
  readonly #pace = new Pace();
  #savedAt = performance.now();
  #savedStep = -1;
  #firstStepSeconds: number | null = null;
  #evaluationSeconds = 0;
  /** Of a token that is only read, as the evaluations have it. */
  #secondsPerToken: number | null = null;

  constructor(parts: TrainingParts) {
    this.#parts = parts;
    const { config, data, state, opened, weights, executor, method, identity, emit } = parts;
    const totalSteps = plannedSteps(config, (epoch) => this.#stepsInEpoch(epoch));
    const warmupSteps = plannedWarmup(config, totalSteps);
    this.#schedule = { name: config.schedule, peak: config.learningRate, warmupSteps, totalSteps };
    this.#evalEvery = plannedEvalEvery(config, this.#stepsInEpoch(0));
    const computing = { executor, method, model: opened.model, weights: weights.source };
    this.#lossScale = config.precision === 'f16' ? new LossScale(parts.cursor?.lossScale) : null;
    const onCompile = () => emit({ event: 'phase', phase: 'compile' });
    const stepping = { ...computing, config, state, batching: data.training, onCompile };
    this.#gradients = new Gradients({ ...stepping, lossScale: this.#lossScale });
    this.#layerwise = config.layerwiseUpdate
      ? new Layerwise({
          ...stepping,
          squares: parts.cursor?.squares ?? null,
          requireFinite: (what, value) => this.#requireFinite(what, value),
        })
      : null;
    this.#measure = data.heldOut && new Measure({ ...computing, batching: data.heldOut });
    this.#samples = new Samples(config, parts.tokenizer, opened.model.maxPositions, emit);
    this.#cursor = { ...(parts.cursor ?? newCursor(identity)), identity };
    // they would be taken for those of the last step when layers are updated in turn again
    if (!this.#layerwise) delete this.#cursor.squares;
    this.#savedStep = parts.cursor?.step ?? -1;
  }

  get totalSteps(): number {
    return this.#schedule.totalSteps;
  }

  /** Trains to the end, or until the run is asked to stop. */
  async run(): Promise<DoneEvent | StoppedEvent> {
    const { stop } = this.#parts;
    while (true) {
      await this.#evaluateWhatIsDue();
      const isOver =
        this.#cursor.step >= this.totalSteps || this.#isOutOfPatience() || this.#isFinishedEarly();
      if (stop.aborted && !(isOver && this.#dueEvaluation() === null)) return this.#stopped();
      if (isOver) break;
      if (this.#isSaveDue()) await this.#save();
      await this.#step();
    }
    await this.#save();
    return this.#done();
  }

  /** Takes some steps and one evaluation, or a part of it, only to see what they take: nothing is saved. */
  async tryOut(limits: ProbeLimits): Promise<DoneEvent | StoppedEvent> {
    const { state, stop } = this.#parts;
    const measured = await this.#measure?.tryOut(state.feeds(false), limits.evaluationSeconds, stop);
    await this.#measure?.makeRoom();
    const taken =
      measured === null
        ? null
        : await trySteps(
            limits,
            async () => {
              const before = this.#cursor.trainSeconds;
              await this.#step();
              return this.#cursor.trainSeconds - before;
            },
            stop,
          );
    if (taken === null) return this.#stopped();
    return { ...(await this.#done()), probe: { ...taken, evaluation: measured ?? null } };
  }

  async release(): Promise<void> {
    await this.#gradients.release();
    await this.#layerwise?.release();
    await this.#measure?.release();
  }

  #rateAt(step: number): number {
    return learningRateAt(this.#schedule, step);
  }

  #stepsInEpoch(epoch: number): number {
    const { config, data } = this.#parts;
    this.#epochSteps[epoch] ??= stepsInEpoch(data.training, epoch, config.gradientAccumulation);
    return this.#epochSteps[epoch];
  }

  async #step(): Promise<void> {
    const { config } = this.#parts;
    const cursor = this.#cursor;
    const started = performance.now();
    const update = await this.#prepared(cursor.epoch);
    const computing = performance.now();
    const rate = this.#rateAt(cursor.step);
    const { weightDecay, stayClose, beta1, beta2, eps } = config;
    const maxNorm = config.maxGradNorm === 0 ? Number.POSITIVE_INFINITY : config.maxGradNorm;
    const settings = { rate, weightDecay, stayClose, beta1, beta2, eps, maxNorm };
    const { loss, gradNorm, tokens } = await update(settings);
    cursor.lastLoss = loss;
    this.#advance(tokens, (performance.now() - computing) / 1000);
    this.#firstStepSeconds ??= (Date.now() - this.#parts.startedAt) / 1000;
    await this.#report({
      loss,
      gradNorm,
      learningRate: rate,
      tokens,
      stepMs: performance.now() - started,
    });
  }

  /** What takes one step of `epoch`; its graphs are compiled. */
  async #prepared(epoch: number): Promise<(settings: AdamW) => Promise<Updated>> {
    const layerwise = this.#layerwise;
    if (!layerwise) {
      const program = await this.#gradients.program(epoch);
      return (settings) => this.#update(program, settings);
    }
    await layerwise.prepare(epoch);
    return async (settings) => {
      const { nll, labelledTokens, gradNorm, tokens } = await layerwise.step(this.#cursor, settings);
      return { loss: nll / labelledTokens, gradNorm, tokens };
    };
  }

  /** One update; in mixed precision a step whose gradients overflow is computed again, with a smaller scale. */
  async #update(program: Program, settings: AdamW): Promise<Updated> {
    const { state } = this.#parts;
    const lossScale = this.#lossScale;
    while (true) {
      const { nll, labelledTokens, tokens } = await this.#gradients.compute(program, this.#cursor);
      const loss = nll / labelledTokens;
      if (lossScale && !Number.isFinite(loss)) throw tooNarrow(`the loss of a step is ${loss}`);
      this.#requireFinite('loss', loss);
      const gradNorm = await state.update(settings, labelledTokens);
      if (!lossScale || Number.isFinite(gradNorm)) {
        this.#requireFinite('gradient', gradNorm);
        lossScale?.took();
        return { loss, gradNorm, tokens };
      }
      this.#scaleDown(lossScale);
    }
  }

  #scaleDown(lossScale: LossScale): void {
    const { scale } = lossScale.saved;
    lossScale.overflowed();
    const { overflows } = lossScale;
    // the first steps find the scale; what comes later is worth a line once and when it goes on
    if (overflows !== 1 && overflows % OVERFLOWS_TOLD !== 0) return;
    const often = overflows === 1 ? '' : ` That has happened ${overflows} times.`;
    const message = `A gradient of step ${this.#cursor.step + 1} was too large for float16 at the loss scale ${scale}: the step is computed again at ${scale / 2}.${often}`;
    this.#parts.emit({ event: 'warning', code: 'loss-scale', message });
  }

  /** Ends a run whose numbers have overflowed, before they reach a checkpoint or the result. */
  #requireFinite(what: string, value: number): void {
    if (Number.isFinite(value)) return;
    const { step } = this.#cursor;
    const where = step === 0 ? 'with the weights that the model came with' : `after step ${step}`;
    throw new AppError(
      'diverged',
      `Training has diverged: ${where} the ${what} is ${value}.`,
      step === 0
        ? "Check the model's files; `fettle eval` measures it as it is."
        : `Begin a new run with a lower --learning-rate than ${this.#parts.config.learningRate}.`,
    );
  }

  #advance(tokens: number, seconds: number): void {
    const cursor = this.#cursor;
    cursor.step++;
    cursor.epochStep++;
    if (cursor.epochStep >= this.#stepsInEpoch(cursor.epoch)) {
      cursor.epoch++;
      cursor.epochStep = 0;
    }
    cursor.trainedTokens += tokens;
    cursor.trainSeconds += seconds;
    this.#pace.add(tokens, seconds);
  }

  async #report(facts: {
    loss: number;
    gradNorm: number;
    learningRate: number;
    tokens: number;
    stepMs: number;
  }): Promise<void> {
    const { config, emit, executor } = this.#parts;
    const { step, epoch, epochStep } = this.#cursor;
    const rssBytes = process.memoryUsage.rss();
    const event = {
      event: 'step' as const,
      step,
      steps: this.totalSteps,
      epoch: epoch + epochStep / this.#stepsInEpoch(epoch),
      ...facts,
      tokensPerSecond: this.#pace.tokensPerSecond(),
      rssBytes,
      memoryBytes: executor.processMemory?.().now ?? rssBytes,
      ...this.#timeLeft(),
    };
    await appendMetric(config.out, event);
    if (step % config.logEvery === 0 || step === this.totalSteps) emit(event);
  }

  #timeLeft(): Pick<StepEvent, 'secondsLeft' | 'assessmentSeconds'> {
    const { config, data } = this.#parts;
    const perStep = this.#pace.secondsPerStep();
    if (perStep === null) return { secondsLeft: null };
    const left = this.totalSteps - this.#cursor.step;
    const secondsLeft = left * perStep + Math.ceil(left / this.#evalEvery) * this.#evaluationSeconds;
    if (!config.assess || this.#secondsPerToken === null) return { secondsLeft };
    // as a plan has it (plan/assessment.ts): no longer than the training, but for what it asks at least
    const [least, most] = assessmentTokens(data).map((tokens) => tokens * this.#secondsPerToken!);
    const training = this.#cursor.trainSeconds + secondsLeft;
    return { secondsLeft, assessmentSeconds: Math.min(most!, Math.max(least!, training)) };
  }

  /** The step whose weights are to be measured before anything else happens; null for none. */
  #dueEvaluation(): number | null {
    const { step, evaluatedStep } = this.#cursor;
    if (!this.#measure && this.#samples.count === 0) return null;
    // a first step with rate 0 leaves the weights as they were: measured after it, the first step comes sooner
    const unchanged = this.#rateAt(0) === 0 ? 1 : 0;
    if (evaluatedStep < 0 && step === unchanged) return 0;
    const isLast = step === this.totalSteps || this.#isFinishedEarly();
    const isDue = step > 0 && (step % this.#evalEvery === 0 || isLast);
    return isDue && evaluatedStep < step ? step : null;
  }

  async #evaluateWhatIsDue(): Promise<void> {
    while (!this.#parts.stop.aborted) {
      const step = this.#dueEvaluation();
      if (step === null) return;
      await this.#evaluate(step);
    }
  }

  /** Measures and asks the model with the weights of `step`, unless the run is asked to stop meanwhile. */
  async #evaluate(step: number): Promise<void> {
    const { emit, state, stop } = this.#parts;
    await this.#gradients.makeRoom();
    const measured = await this.#measure?.run(state.feeds(false), stop, (fraction) =>
      emit({ event: 'phase', phase: 'evaluate', fraction }),
    );
    if (measured === null) return;
    if (measured) this.#requireFinite('held-out loss', measured.loss);
    await this.#measure?.makeRoom();
    const asking = performance.now();
    const samples = await this.#sample(step);
    // it is all done again where it was interrupted
    if (samples === null) return;
    const shape = this.#parts.data.heldOut?.plan(0);
    if (measured && shape)
      this.#secondsPerToken = measured.seconds / (shape.batches * shape.rowsPerBatch * shape.rowLength);
    this.#evaluationSeconds = (measured?.seconds ?? 0) + (performance.now() - asking) / 1000;
    this.#cursor.evaluatedStep = step;
    // a checkpoint of this step, if there is one, does not know of it yet
    this.#savedStep = -1;
    if (measured) await this.#note(step, measured);
    for (const sample of samples) emit({ event: 'sample', step, ...sample });
  }

  /** What the model says with the weights as they are; null when the run is asked to stop meanwhile. */
  async #sample(step: number): Promise<readonly Sample[] | null> {
    const { opened, executor, weights, method, state, stop } = this.#parts;
    if (this.#samples.count === 0) return [];
    const ready = { opened, executor, weights };
    const feeds = state.feeds(false);
    const now = await settled({ method, trained: feeds }, ready);
    try {
      return await this.#samples.take(step, decoderOf(ready, now), stop);
    } finally {
      for (const [name, tensor] of Object.entries(now.trained)) if (!(name in feeds)) tensor.release();
    }
  }

  /** Notes the held-out loss of `step`, and keeps the weights where it is the lowest so far. */
  async #note(step: number, measured: Measurement): Promise<void> {
    const { config, emit, state } = this.#parts;
    const { loss, perplexity, labelledTokens } = measured;
    const best = noteEvaluation(this.#cursor, step, measured);
    if (best && config.keepBest) await writeBest(config.out, step, state);
    const event = { event: 'eval' as const, step, loss, perplexity, labelledTokens, best };
    await appendMetric(config.out, event);
    emit(event);
  }

  #isOutOfPatience(): boolean {
    const { earlyStopping } = this.#parts.config;
    return earlyStopping > 0 && this.#cursor.evaluationsSinceBest >= earlyStopping;
  }

  /** Whether the person has ended it; a run of no step would have no result. */
  #isFinishedEarly(): boolean {
    return this.#parts.finish?.aborted === true && this.#cursor.step > 0;
  }

  #isSaveDue(): boolean {
    const { saveEverySteps, saveEveryMinutes } = this.#parts.config;
    const { step } = this.#cursor;
    if (saveEverySteps !== undefined && step > 0 && step % saveEverySteps === 0) return true;
    return saveEveryMinutes > 0 && performance.now() - this.#savedAt >= saveEveryMinutes * 60_000;
  }

  async #save(): Promise<string | null> {
    const { config, state, emit } = this.#parts;
    if (this.#savedStep === this.#cursor.step) return null;
    if (this.#lossScale) this.#cursor.lossScale = this.#lossScale.saved;
    if (this.#layerwise?.squares) this.#cursor.squares = this.#layerwise.squares;
    const { path: file, bytes } = await writeCheckpoint(
      config.out,
      state,
      this.#cursor,
      config.keepCheckpoints,
    );
    this.#savedAt = performance.now();
    this.#savedStep = this.#cursor.step;
    emit({ event: 'checkpoint', step: this.#cursor.step, path: file, bytes });
    return file;
  }

  async #stopped(): Promise<StoppedEvent> {
    const { config } = this.#parts;
    const { step } = this.#cursor;
    const checkpoint = (await this.#save()) ?? path.join(config.out, 'checkpoints');
    return {
      event: 'stopped',
      step,
      steps: this.totalSteps,
      checkpoint,
      resume: `fettle train --out ${shellWord(config.out)} --resume`,
    };
  }

  #reason(): DoneEvent['reason'] {
    if (this.#cursor.step >= this.totalSteps) return 'finished';
    return this.#isOutOfPatience() ? 'early-stopping' : 'finished-early';
  }

  /** Whether the result is the weights with the lowest loss, and not the last ones. */
  #isBestKept(): boolean {
    const { config, data } = this.#parts;
    const { bestLoss, bestStep, step } = this.#cursor;
    if (!config.keepBest || bestLoss === null || bestStep === step) return false;
    const store = data.evalStore ?? data.store;
    const labelled = data.heldOutRows.map((row) => store.labelled[row]!);
    return isClearlyBetter(this.#cursor, labelled, config.seed);
  }

  /** Puts the weights to be written into the state and tells how the run went. */
  async #done(): Promise<DoneEvent> {
    const { config, state, executor, emit } = this.#parts;
    const peakRssBytes = peakResidentBytes();
    const cursor = this.#cursor;
    const best = this.#isBestKept() ? await readBest(config.out, cursor.bestStep, state) : null;
    if (best === 'damaged') {
      const message = `The best weights, those of step ${cursor.bestStep}, are damaged on the disk. The result has those of step ${cursor.step}.`;
      emit({ event: 'warning', code: 'checkpoint-damaged', message });
    }
    const takeBest = best === 'read';
    if (!takeBest) await state.fetch(['param']);
    return {
      event: 'done',
      steps: cursor.step,
      reason: this.#reason(),
      trainedTokens: cursor.trainedTokens,
      trainedTokensPerSecond: cursor.trainSeconds > 0 ? cursor.trainedTokens / cursor.trainSeconds : 0,
      secondsToFirstStep: this.#firstStepSeconds,
      peakRssBytes,
      peakMemoryBytes: executor.processMemory?.().peak ?? peakRssBytes,
      finalLoss: cursor.lastLoss,
      heldOutLoss: takeBest ? cursor.bestLoss : cursor.heldOutLoss,
      heldOutLossBefore: cursor.heldOutLossBefore,
      bestStep: takeBest ? cursor.bestStep : cursor.step,
      seconds: (Date.now() - this.#parts.startedAt) / 1000,
      stepSeconds: this.#pace.medianStepSeconds(),
      price: priceRun(config, this.#parts).run,
      out: config.out,
      result: '',
    };
  }
}

/** A path as a shell reads it back. */
function shellWord(text: string): string {
  return /^[\w./:\\-]+$/.test(text) ? text : JSON.stringify(text);
}
