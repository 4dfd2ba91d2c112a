/** The plan: what a run would do and take, from its rows and from the graph that will run. */
import type { ComputerFacts, PlanFigures, RunRequest, Settings } from '../../preload/contract.ts';
import type { RunConfig } from '../engine/config.ts';
import type { RunPlan } from '../engine/protocol.ts';
import { freeMemory } from '../hardware/facts.ts';
import type { Parts } from './parts.ts';
import { PlanCache } from './plan-cache.ts';
import { proposeCall } from './plan-propose.ts';
import type { Implementer } from './router.ts';

/** Resident memory of an engine's process before it holds anything of a model; how it was measured is in docs/web-host.md. */
const PROGRAM_BYTES = 180e6;

export function planCalls(os: Implementer, parts: Parts) {
  const { store, engine } = parts;
  const cache = new PlanCache(parts);
  const figures = async (request: RunRequest, signal?: AbortSignal) => {
    const { plan, config } = await cache.plan(request, signal);
    const speed = store.hardware.latest()?.speed ?? null;
    return figuresOf(plan, config, speed, store.settings.get());
  };
  return {
    settings: os.plan.settings.handler(() => engine.settings()),
    figures: os.plan.figures.handler(({ input, signal }) => figures(input as RunRequest, signal)),
    propose: proposeCall(os, parts, figures),
  };
}

/** Memory in bytes, time in seconds, energy in kWh and its price for a run; what cannot be known is null. */
export function figuresOf(
  plan: RunPlan,
  config: RunConfig,
  speed: ComputerFacts['speed'],
  { watts, pricePerKwh }: Pick<Settings, 'watts' | 'pricePerKwh'>,
): PlanFigures {
  const seconds = speed === null ? null : trainingSeconds(plan, config, speed.flops);
  const kwh = seconds === null || watts === null ? null : (watts * seconds) / 3.6e6;
  const { out: _, ...shown } = config;
  return {
    ...plan,
    peakBytes: PROGRAM_BYTES + plan.weightBytes + plan.stateBytes + plan.workingBytes,
    freeBytes: freeMemory(),
    seconds,
    kwh,
    cost: kwh === null ? null : kwh * pricePerKwh,
    config: shown,
  };
}

/**
 * Operations of all micro-batches over the measured operations a second. Left out, so that it is a lower bound: evaluations and
 * the comparison at the end, loading, and that a step also does what is no matrix product and so runs below that speed.
 */
function trainingSeconds(
  { flopsPerBatch, steps }: RunPlan,
  { gradientAccumulation }: RunConfig,
  flops: number,
): number {
  return (flopsPerBatch * steps * gradientAccumulation) / flops;
}
