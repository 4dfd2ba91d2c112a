/** The plan's figures: the graphs' own price, corrected by this computer's runs, with ranges, energy and money. */
import type { DeviceRates, PlanEstimate, RangedFigure, Rates, TimePart } from '../../common/api/contract.ts';
import type { RunPrice } from '../../common/protocol/protocol.ts';
import { programSeconds, sampleSeconds, startSeconds, turnSeconds, writingSeconds } from './around-steps.ts';
import { assessmentOf } from './assessment.ts';
import { corrected, type Residual } from './correction.ts';
import { ifYouHad } from './if-you-had.ts';
import { partsOf, peakMemory, peakVideoMemory, videoMemoryParts } from './memory.ts';
import { PROBE_MEMORY_SPREAD, type Probe, probedStep, secondsOfProbe } from './probe.ts';
import { threadFactor } from './threads.ts';
import { runSeconds } from './time.ts';

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
    ifYouHad: ifYouHad(price),
  };
}

interface Time {
  readonly step: RangedFigure;
  readonly total: RangedFigure;
  /** Of trying it out. */
  readonly probe: number;
  readonly parts: readonly { readonly part: TimePart; readonly seconds: number }[];
}

function timeOf(
  price: RunPrice,
  device: DeviceRates | null,
  { probe, residuals, rates, cores }: Grounds,
): Time | null {
  if (!device && !probe) return null;
  const others = device ? threadFactor(price, device, cores) : { value: 1, spread: 1 };
  const formula = device && runSeconds(price, device, others.value);
  const step = probe
    ? probedStep(probe)
    : corrected(formula!.step, ofThreads(residuals.step, price, device!), {
        ...{ spread: TIME_SPREAD * others.spread, restsOn: 'benchmark' },
      });
  // an evaluation is made of the same work as a step, so what corrects the one corrects the other
  const scale = formula ? step.value / formula.step : 1;
  const { work } = price;
  const evaluation = probe?.evaluationSeconds
    ? probe.evaluationSeconds * work.evaluations
    : (formula?.evaluation ?? 0) * scale;
  const steps = step.value * price.steps;
  const start = startSeconds(price, rates);
  const samples = sampleSeconds(price, { evaluation, steps });
  const parts = [
    // a run that was tried out has found its weights prepared, and left them in memory
    { part: 'start' as const, seconds: probe ? programSeconds(price) : start },
    { part: 'steps' as const, seconds: steps },
    { part: 'evaluation' as const, seconds: evaluation + turnSeconds(price) },
    { part: 'samples' as const, seconds: samples },
    { part: 'checkpoints' as const, seconds: writingSeconds(price, rates, steps + evaluation + samples) },
    { part: 'assessment' as const, seconds: assessmentOf(price, evaluation, steps) },
  ];
  const sum = parts.reduce((seconds, part) => seconds + part.seconds, 0);
  // all parts are made of the same work, or are small beside it
  const total = scaled(step, sum / step.value);
  const once = evaluation / Math.max(1, work.evaluations);
  const tried = secondsOfProbe({
    ...{ start, step: step.value, evaluation: once, batches: work.evaluationBatches },
  });
  return { step, total, parts, probe: tried };
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
