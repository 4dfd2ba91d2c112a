/**
 * The plan's figures: the graphs' own price, or what a probe has measured, corrected by this computer's runs,
 * with ranges, energy and money.
 */
import type { DeviceRates, IfYouHad, PlanEstimate, RangedFigure, Rates } from '../../common/api/contract.ts';
import type { ProbeLimits, RunPrice } from '../../common/protocol/protocol.ts';
import { ACCELERATORS, onCard, PRICES_CURRENCY, PRICES_FROM, USUAL_UTILISATION } from './accelerators.ts';
import { corrected, type Residual } from './correction.ts';
import { handingOver, QUICK, SLOW, USUAL } from './elsewhere.ts';
import { partsOf, peakMemory, peakVideoMemory, videoMemoryParts } from './peak-memory.ts';
import {
  assessmentOf,
  generalSeconds,
  operationsOf,
  programSeconds,
  runSeconds,
  sampleSeconds,
  startSeconds,
  threadFactor,
  turnSeconds,
  writingSeconds,
} from './run-time.ts';
import { memoryIn } from './textbook.ts';

/** How far the formulas alone are off nine times of ten; what was measured, and where, is in docs/planner.md. */
const MEMORY_SPREAD = 1.12;
/** Where the allocator is another one than glibc's, whose holes the formula counts. */
const MEMORY_SPREAD_ELSEWHERE = 1.3;
const TIME_SPREAD = 1.4;

/** What a plan rests on besides the graphs. */
export interface Grounds {
  readonly rates: Rates | null;
  readonly platform: string;
  /** The device of the residuals; the processor where it is left out. */
  readonly device?: string;
  /** Cores of the processor, one for a thread; as many as there are threads where it is left out. */
  readonly cores?: number;
  /** Earlier runs on the same device through the same executor, the oldest first. */
  readonly residuals: { readonly memory: readonly Residual[]; readonly step: readonly Residual[] };
  /** Three real steps of this very run; null where they were not taken. */
  readonly probe: Probe | null;
  readonly watts: number | null;
  readonly pricePerKwh: number;
  /** Of an hour on rented cards, by their ids, where the person knows them. */
  readonly cardPrices?: Readonly<Record<string, number>>;
}

/** Not compared with a graphics card yet: drivers keep memory of their own, and buffers are rounded up. */
const VIDEO_SPREAD = 1.3;
/** Runs on the processor teach nothing about those on a card, nor the other way round. */
const NO_RESIDUALS: Grounds['residuals'] = { memory: [], step: [] };

/** What was measured on the device that a run computes on; null where nothing was. */
function ratesOf(rates: Grounds['rates'], { executor, device = 'cpu' }: RunPrice): DeviceRates | null {
  return rates?.devices.find((one) => one.executor === executor && one.device === device) ?? null;
}

/** The figures of a run. Bytes, seconds, kWh and money. */
export function estimate(price: RunPrice, grounds: Grounds): PlanEstimate {
  const memory = peakMemory(price);
  const isSame = (price.device ?? 'cpu') === (grounds.device ?? 'cpu');
  const residuals = isSame ? grounds.residuals : NO_RESIDUALS;
  const spread = grounds.platform === 'linux' ? MEMORY_SPREAD : MEMORY_SPREAD_ELSEWHERE;
  const peak = corrected(memory.residentBytes, residuals.memory, { spread, restsOn: 'formula' });
  const probed = grounds.probe && around(grounds.probe.peakBytes, PROBE_MEMORY_SPREAD);
  const peakRamBytes = probed ?? peak;
  const memoryParts = partsOf(memory.parts, peakRamBytes.value);
  const again = memoryParts.find(({ part }) => part === 'mapped-again')?.bytes ?? 0;
  const device = ratesOf(grounds.rates, price);
  const time = timeOf(price, device, { ...grounds, residuals });
  const video = peakVideoMemory(price);
  const neededBytes = scaled(peakRamBytes, 1 - again / peakRamBytes.value);
  const kwh = grounds.watts === null || !time ? null : scaled(time.total, grounds.watts / 3.6e6);
  return {
    peakRamBytes,
    neededBytes,
    peakVramBytes: video === null ? null : corrected(video, [], { spread: VIDEO_SPREAD, restsOn: 'formula' }),
    memoryParts,
    vramParts: videoMemoryParts(price) ?? [],
    stepSeconds: time?.step ?? null,
    totalSeconds: time?.total ?? null,
    timeParts: time?.parts ?? [],
    kwh,
    cost: kwh && scaled(kwh, grounds.pricePerKwh),
    probeSeconds: time?.probe ?? null,
    ifYouHad: ifYouHad(price, grounds.cardPrices),
  };
}

/** Of a step, of all with its parts, and of trying it out (`probe`); null where nothing was measured. */
function timeOf(price: RunPrice, device: DeviceRates | null, { probe, residuals, rates, cores }: Grounds) {
  if (!device && !probe) return null;
  const others = device ? threadFactor(price, device, cores) : { value: 1, spread: 1 };
  const formula = device && runSeconds(price, device, others.value);
  const step = probe
    ? withFirstPass(probedStep(probe), formula, price.steps)
    : corrected(formula!.step, ofThreads(residuals.step, price, device!), {
        spread: TIME_SPREAD * others.spread,
        restsOn: 'benchmark',
      });
  // an evaluation is made of the same work as a step, so what corrects the one corrects the other
  const scale = formula ? step.value / formula.step : 1;
  const { work } = price;
  const evaluation = probe?.evaluationSeconds
    ? probe.evaluationSeconds * work.evaluations
    : (formula?.evaluation ?? 0) * scale;
  const steps = step.value * price.steps;
  // what is asked besides reads through all layers
  const reading = formula?.evaluation ? (evaluation * formula.reading) / formula.evaluation : evaluation;
  const start = startSeconds(price, rates) + generalSeconds(price, reading);
  const samples = sampleSeconds(price, { evaluation: reading, steps });
  const parts = [
    // a run that was tried out has found its weights prepared, and left them in memory
    { part: 'start' as const, seconds: probe ? programSeconds(price) : start },
    ...(price.lookSteps ? [{ part: 'look' as const, seconds: price.lookSteps * step.value }] : []),
    { part: 'steps' as const, seconds: steps },
    { part: 'evaluation' as const, seconds: evaluation + turnSeconds(price) },
    { part: 'samples' as const, seconds: samples },
    { part: 'checkpoints' as const, seconds: writingSeconds(price, rates, steps + evaluation + samples) },
    { part: 'assessment' as const, seconds: assessmentOf(price, reading, steps) },
  ];
  const sum = parts.reduce((seconds, part) => seconds + part.seconds, 0);
  // all parts are made of the same work, or are small beside it
  const total = scaled(step, sum / step.value);
  const once = evaluation / Math.max(1, work.evaluations);
  const tried = secondsOfProbe({
    start,
    step: step.value,
    evaluation: once,
    batches: work.evaluationBatches,
  });
  return { step, total, parts, probe: tried };
}

/** A probe takes steps as they are in later passes: the mean of all has a share of what frozen layers compute in the first one. */
function withFirstPass(
  step: RangedFigure,
  formula: ReturnType<typeof runSeconds> | null,
  steps: number,
): RangedFigure {
  if (!formula) return step;
  return scaled(step, formula.step / (formula.step - formula.once / steps));
}

/** Runs with as many threads, or those with as many as the benchmark had where there are none. */
function ofThreads(
  residuals: readonly Residual[],
  { threads }: RunPrice,
  measured: DeviceRates,
): readonly Residual[] {
  const by = (count: number) => residuals.filter((one) => (one.threads ?? count) === count);
  const same = by(threads);
  return same.length > 0 ? same : by(measured.threads);
}

function around(value: number, spread: number): RangedFigure {
  return { value, low: value / spread, high: value * spread, restsOn: 'probe' };
}

function scaled({ value, low, high, restsOn }: RangedFigure, factor: number): RangedFigure {
  return { value: value * factor, low: low * factor, high: high * factor, restsOn };
}

/**
 * First steps are on memory that nobody has used before, and take up to twice as long as later ones: five of
 * eight, 0.6 s in all, where that was looked at (docs/log/planner.md). Two seconds are enough for small models; steps
 * that are longer do more work for each page.
 */
export const PROBE_LIMITS: ProbeLimits = {
  steps: 3,
  warmSeconds: 2,
  mostWarmSteps: 20,
  evaluationSeconds: 20,
};

/** What a probe measured. Bytes and seconds. */
export interface Probe {
  readonly peakBytes: number;
  /** Of each step that counted. */
  readonly stepSeconds: readonly number[];
  /** Steps that were taken before them. */
  readonly warmSteps: number;
  /** Of one whole evaluation; null where no rows are held out. */
  readonly evaluationSeconds: number | null;
}

/** How far a run may be from its own probe. */
const PROBE_MEMORY_SPREAD = 1.05;
/** The same run took 70 and 81 ms a step on another day of a quiet computer (docs/planner.md), and a few steps do not see that. */
const PROBE_TIME_SPREAD = 1.2;
/** Without steps before them, those that count may be slower than all later ones by so much. */
const COLD_SPREAD = 1.3;
/** Beyond what was seen of three steps there is more to be expected of many. */
const BEYOND_SEEN = 1.05;

/** Seconds of a step of the run that was tried out, from what its steps took. */
export function probedStep({ stepSeconds, warmSteps }: Probe): RangedFigure {
  // without others before it the first one pays for memory that later ones find in place
  const usual = warmSteps === 0 && stepSeconds.length > 1 ? stepSeconds.slice(1) : stepSeconds;
  const sorted = [...usual].sort((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  const value = (sorted[Math.floor(half)]! + sorted[Math.ceil(half)]!) / 2;
  const below = warmSteps === 0 ? COLD_SPREAD : PROBE_TIME_SPREAD;
  return {
    value,
    low: Math.min(value / below, sorted[0]! / BEYOND_SEEN),
    high: Math.max(value * PROBE_TIME_SPREAD, sorted.at(-1)! * BEYOND_SEEN),
    restsOn: 'probe',
  };
}

/** Seconds that trying a run out will take, by what its parts are expected to; `evaluation` of one, in `batches`. */
export function secondsOfProbe({
  start,
  step,
  evaluation,
  batches,
}: Readonly<Record<'start' | 'step' | 'evaluation' | 'batches', number>>): number {
  const { steps, warmSeconds, mostWarmSteps, evaluationSeconds } = PROBE_LIMITS;
  const warm = step > warmSeconds ? 0 : Math.min(mostWarmSteps, Math.ceil(warmSeconds / step)) * step;
  const batch = batches > 0 ? evaluation / batches : 0;
  // the batch that is under way is ended
  const measured = Math.min(evaluation, Math.max(evaluationSeconds, batch));
  return start + measured + warm + steps * step;
}

/** The cards that people think of first. */
const CARDS = ['a100-80', 'h100-sxm'];

/** Micro-batches of a run: those trained on, and those that evaluations read. */
function batchesOf({ work, steps }: RunPrice): { readonly trained: number; readonly evaluated: number } {
  return {
    trained: steps * work.batchesPerStep,
    evaluated: work.evaluation ? work.evaluations * work.evaluationBatches : 0,
  };
}

/** Floating point operations of a run: of its steps, its evaluations and the assessment at its end. */
export function runOperations(price: RunPrice): number {
  const { trained, evaluated } = batchesOf(price);
  const { gradient, evaluation: forward, frozen } = price.work;
  // elsewhere nothing is kept
  const below = frozen ? operationsOf(frozen.training) : 0;
  const belowRead = frozen?.evaluation ? operationsOf(frozen.evaluation) : 0;
  const training = trained * (operationsOf(gradient) + below);
  const evaluation = forward ? evaluated * (operationsOf(forward) + belowRead) : 0;
  return training + evaluation + assessmentOf(price, evaluation, training);
}

/** A run on each of the cards; none where its price is from before its memory on them could be told. */
export function ifYouHad(price: RunPrice, prices: Grounds['cardPrices'] = {}): IfYouHad[] {
  if (!price.textbook) return [];
  const operations = runOperations(price);
  const { trained, evaluated } = batchesOf(price);
  // an assessment by the rule of its time
  const read = evaluated + assessmentOf(price, evaluated, trained);
  const handed = { layers: price.textbook.layers, trained, read };
  const neededBytes = memoryIn(16, price.textbook);
  return ACCELERATORS.filter(({ id }) => CARDS.includes(id)).map((card) => {
    const at = ({ utilisation, launch }: Pick<typeof USUAL, 'utilisation' | 'launch'>) => {
      const leastSeconds = handingOver(handed, { launch });
      return onCard(card, {
        ...{ operations, neededBytes, utilisation, leastSeconds },
        pricePerHour: prices[card.id],
      });
    };
    const [usual, slow, fast] = [at(USUAL), at(SLOW), at(QUICK)];
    const { id, name, memoryBytes, peakFlops, source, pricePerHour, assumedPrice, fits } = usual;
    return {
      id,
      name,
      operations,
      utilisation: USUAL_UTILISATION,
      waits: usual.seconds > operations / (card.peakFlops * USUAL.utilisation),
      seconds: { value: usual.seconds, low: fast.seconds, high: slow.seconds },
      cost: { value: usual.cost, low: fast.cost, high: slow.cost },
      currency: PRICES_CURRENCY,
      pricePerHour,
      assumedPrice,
      pricesFrom: PRICES_FROM,
      memoryBytes,
      neededBytes,
      fits,
      peakFlops,
      source,
      restsOn: 'published',
    };
  });
}
