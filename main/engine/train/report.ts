/** What a run tells of its beginning, its steps and its end: the events, and the lines of its metrics. */

import type { DoneEvent, StartEvent, StepEvent, StoppedEvent } from '../../../common/protocol/protocol.ts';
import { madeOf } from '../../../common/settings/table.ts';
import { shellWord } from '../../../common/words/format.ts';
import { type Energy, EnergyMeter, NO_ENERGY, sumOfEnergy, wattHours } from '../../energy.ts';
import { peakResidentBytes } from '../../processes.ts';
import type { RunConfig } from '../config/config.ts';
import { timeShare } from '../eval/assess/budget.ts';
import { deviceInWords } from '../exec/executor.ts';
import { assessmentTokens, priceRun } from '../pricing/run-price.ts';
import { leftOutOf, testRowsHash } from '../step/run-data.ts';
import type { RunningCursor } from './cursor.ts';
import type { Evaluation } from './evaluation.ts';
import { appendMetric } from './run-folder.ts';
import type { Course, StepResult, TrainingParts } from './run-parts.ts';

/** What is known of a run before it is computed. `trained`: how many weights are. */
export function runFacts(
  config: RunConfig,
  { opened, data, identity }: Pick<TrainingParts, 'opened' | 'data' | 'identity'>,
  { trained, steps, cursor }: { trained: number; steps: number; cursor?: RunningCursor | null },
): Omit<StartEvent, 'executor' | 'device'> {
  const { stats } = data.store;
  const { skippedRows, truncatedRows } = stats;
  const { unreadable, tooLong, empty } = leftOutOf(stats);
  const { sections } = data.training;
  const testRows = testRowsHash(data);
  return {
    event: 'start',
    model: config.model,
    family: opened.model.family,
    method: config.method,
    out: config.out,
    parameters: opened.outline.parameterCount,
    trainableParameters: trained,
    layers: opened.model.layers,
    rows: data.trainedRows,
    heldOutRows: data.heldOutRows.length,
    tokens: sections * data.training.plan(cursor?.epoch ?? 0).tokens,
    labelledTokens: sections * data.labelledTokens,
    skippedRows,
    truncatedRows: sections * truncatedRows,
    leftOut: { unreadable, tooLong: sections * tooLong, empty: sections * empty },
    ...(sections > 1 && { estimates: steps === config.maxSteps ? ('tokens' as const) : ('steps' as const) }),
    steps,
    stepsDone: cursor?.step ?? 0,
    dataHash: identity.data,
    modelHash: identity.model,
    ...(testRows !== undefined && { testRows }),
  };
}

/** The event with which a run begins here. */
export function startEvent(
  config: RunConfig,
  parts: Pick<TrainingParts, 'opened' | 'executor' | 'data' | 'identity'>,
  course: Parameters<typeof runFacts>[2],
): StartEvent {
  const { deviceWhy } = config;
  const { now, least } = parts.data.training.tokensAtOnce;
  return {
    ...runFacts(config, parts, course),
    executor: config.executor,
    device: parts.executor.deviceWords ?? deviceInWords(parts.executor.device, config.threads),
    ...(madeOf(config) === null && {
      ...(deviceWhy !== undefined && { deviceWhy }),
      tokensAtOnce: now,
      leastTokensAtOnce: least,
    }),
  };
}

export class Report {
  readonly #parts: TrainingParts;
  readonly #course: Course;
  readonly #cursor: RunningCursor;
  readonly #evaluation: Evaluation;
  readonly #pace = new Pace();
  readonly #energy: RunningEnergy | null;
  #firstStepSeconds: number | null = null;

  constructor(parts: TrainingParts, course: Course, cursor: RunningCursor, evaluation: Evaluation) {
    this.#parts = parts;
    this.#course = course;
    this.#cursor = cursor;
    this.#evaluation = evaluation;
    this.#energy = energyOf(parts, cursor);
  }

  async step(facts: StepResult & Pick<StepEvent, 'learningRate' | 'stepMs'>, seconds: number): Promise<void> {
    const { config, emit, executor } = this.#parts;
    const { step, epoch, epochStep } = this.#cursor;
    const { totalSteps, stepsInEpoch } = this.#course;
    this.#pace.add(facts.tokens, seconds);
    this.#firstStepSeconds ??= this.#secondsSinceStart();
    this.#countEnergy();
    const rssBytes = process.memoryUsage.rss();
    const event = {
      event: 'step' as const,
      step,
      steps: totalSteps,
      epoch: (epoch + epochStep / stepsInEpoch(epoch)) / this.#parts.data.training.sections,
      ...facts,
      tokensPerSecond: this.#pace.tokensPerSecond(),
      rssBytes,
      memoryBytes: executor.processMemory?.().now ?? rssBytes,
      ...this.#timeLeft(),
    };
    await appendMetric(config.out, event);
    if (step % config.logEvery === 0 || step === totalSteps) emit(event);
  }

  stopped(checkpoint: string): StoppedEvent {
    return {
      event: 'stopped',
      step: this.#cursor.step,
      steps: this.#course.totalSteps,
      checkpoint,
      resume: `fettle train --out ${shellWord(this.#parts.config.out)} --resume`,
    };
  }

  /** The end of the run; `takeWeights` puts the result's into the state and says whether the best step's. */
  async done(takeWeights: () => Promise<boolean>): Promise<DoneEvent> {
    const { config, executor } = this.#parts;
    const peakRssBytes = peakResidentBytes();
    const cursor = this.#cursor;
    const isBest = await takeWeights();
    const energy = this.#energy?.();
    return {
      event: 'done',
      steps: cursor.step,
      reason: this.#reason(),
      trainedTokens: cursor.trainedTokens,
      trainedTokensPerSecond: cursor.trainSeconds > 0 ? cursor.trainedTokens / cursor.trainSeconds : 0,
      secondsToFirstStep: this.#firstStepSeconds,
      peakRssBytes,
      peakMemoryBytes: executor.processMemory?.().peak ?? peakRssBytes,
      ...(energy && { energy: { wattHours: wattHours(energy), isMeasured: energy.isMeasured } }),
      finalLoss: cursor.lastLoss,
      heldOutLoss: isBest ? cursor.bestLoss : cursor.heldOutLoss,
      heldOutLossBefore: cursor.heldOutLossBefore,
      bestStep: isBest ? cursor.bestStep : cursor.step,
      seconds: this.#secondsSinceStart(),
      stepSeconds: this.#pace.medianStepSeconds(),
      price: priceRun(config, this.#parts).run,
      out: config.out,
      result: '',
    };
  }

  #timeLeft(): Pick<StepEvent, 'secondsLeft' | 'assessmentSeconds'> {
    const { config, data } = this.#parts;
    const { totalSteps, evalEvery } = this.#course;
    const { seconds, secondsPerToken } = this.#evaluation;
    const perStep = this.#pace.secondsPerStep();
    if (perStep === null) return { secondsLeft: null };
    const left = totalSteps - this.#cursor.step;
    const secondsLeft = left * perStep + Math.ceil(left / evalEvery) * seconds;
    if (!config.assess || secondsPerToken === null) return { secondsLeft };
    // as a plan has it: its share of the training, but for what it asks at least
    const [least, most] = assessmentTokens(config, data).map((tokens) => tokens * secondsPerToken);
    const training = this.#cursor.trainSeconds + secondsLeft;
    const share = timeShare(config);
    const wanted = share === null ? most! : share * training;
    return { secondsLeft, assessmentSeconds: Math.min(most!, Math.max(least!, wanted)) };
  }

  #countEnergy(): void {
    if (this.#energy) this.#cursor.energy = this.#energy();
    else delete this.#cursor.energy;
  }

  #reason(): DoneEvent['reason'] {
    if (this.#cursor.step >= this.#course.totalSteps) return 'finished';
    return this.#evaluation.isOutOfPatience ? 'early-stopping' : 'finished-early';
  }

  #secondsSinceStart(): number {
    return (Date.now() - this.#parts.startedAt) / 1000;
  }
}

type RunningEnergy = () => Energy;

/** What the run has taken with its earlier parts; null where one of them, or a card, wasn't counted. */
function energyOf({ executor }: TrainingParts, { energy, step }: RunningCursor): RunningEnergy | null {
  if (executor.device !== 'cpu' || (step > 0 && !energy)) return null;
  const before = energy ?? NO_ENERGY;
  const meter = new EnergyMeter();
  return () => sumOfEnergy(before, meter.used());
}

/** Steps that tell how fast a run is. */
const RECENT_STEPS = 20;

class Pace {
  readonly #recent: { readonly tokens: number; readonly seconds: number }[] = [];

  add(tokens: number, seconds: number): void {
    this.#recent.push({ tokens, seconds });
    if (this.#recent.length > RECENT_STEPS) this.#recent.shift();
  }

  /** Over the steps noted last; there must be one. */
  tokensPerSecond(): number {
    const sums = this.#recent.reduce((a, b) => ({
      tokens: a.tokens + b.tokens,
      seconds: a.seconds + b.seconds,
    }));
    return sums.tokens / sums.seconds;
  }

  /** The median of the last steps, without the first where there are others; null where there is none. */
  medianStepSeconds(): number | null {
    const steps = this.#recent.map(({ seconds }) => seconds);
    const usual = (steps.length > 1 ? steps.slice(1) : steps).sort((a, b) => a - b);
    return usual[Math.floor(usual.length / 2)] ?? null;
  }

  /** Seconds that a step takes; null until there is a second one. */
  secondsPerStep(): number | null {
    if (this.#recent.length < 2) return null;
    // the first step pays for memory that the others find in place
    const usual = this.#recent.slice(1);
    return usual.reduce((sum, { seconds }) => sum + seconds, 0) / usual.length;
  }
}
