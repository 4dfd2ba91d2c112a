/** The plan: what a run would do and take, from its rows and from the graph that will run. */
import type { PlanFigures, RunRequest } from '../../common/api/contract.ts';
import type { RunPlan } from '../../common/protocol/protocol.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { freeMemory, hardwareNow } from '../hardware/facts.ts';
import { type CardFacts, cardAt, devicesOf } from '../plan/devices.ts';
import { estimate, type Grounds } from '../plan/estimate.ts';
import { fitOn } from '../plan/fit.ts';
import { groundsOf, measurementsOf } from './grounds.ts';
import type { Parts } from './parts.ts';
import { PlanCache } from './plan-cache.ts';
import { Probes } from './plan-probe.ts';
import { chosenCall, type FiguresFor, proposeCall } from './plan-propose.ts';
import type { Prices } from './prices.ts';
import type { Implementer } from './router.ts';

export function planCalls(os: Implementer, parts: Parts, prices: Prices) {
  const { store, engine } = parts;
  const cache = new PlanCache(parts);
  const probes = new Probes(parts);
  const figures: FiguresFor = async (
    request,
    signal,
    groundsFor = (executor, device) => groundsOf(store, executor, device),
    part = 'all',
  ) => {
    const { plan, config } = await cache.plan(request, signal, part);
    const { executor, device = 'cpu' } = plan;
    const grounds = { ...groundsFor(executor, device), probe: probes.of(config) };
    const card = device === 'cpu' ? null : await cardOf(parts, config);
    return figuresOf(plan, config, grounds, { freeBytes: await freeMemory.settled(), card });
  };
  const probed = async (request: RunRequest, signal?: AbortSignal) => {
    const { config } = await cache.plan(request, signal);
    await probes.take(config, signal);
    return figures(request, signal);
  };
  return {
    settings: os.plan.settings.handler(() => engine.settings()),
    figures: os.plan.figures.handler(({ input, signal }) => figures(input as RunRequest, signal)),
    probe: os.plan.probe.handler(({ input, signal }) => probed(input as RunRequest, signal)),
    chosen: chosenCall(os, parts, figures),
    propose: proposeCall(os, parts, prices, figures),
  };
}

/** Memory in bytes, time in seconds, energy in kWh and its price for a run; what cannot be known is null. */
export function figuresOf(
  plan: RunPlan,
  config: RunConfig,
  grounds: Grounds,
  { freeBytes, card }: { readonly freeBytes: number; readonly card: CardFacts | null },
): PlanFigures {
  const figures = estimate(plan, grounds);
  const needs = { peakBytes: figures.neededBytes, peakVramBytes: figures.peakVramBytes };
  const { out: _, ...shown } = config;
  return {
    ...plan,
    estimate: figures,
    peakBytes: figures.neededBytes.value,
    ...{ freeBytes, card, fit: fitOn(needs, { freeBytes, card }) },
    seconds: figures.totalSeconds?.value ?? null,
    kwh: figures.kwh?.value ?? null,
    cost: figures.cost?.value ?? null,
    config: shown,
  };
}

/** The graphics card that a run is computed on; null where none is known for that. */
async function cardOf({ store }: Parts, { device, executor }: RunConfig): Promise<CardFacts | null> {
  const devices = devicesOf(await hardwareNow(store.folder), measurementsOf(store));
  return device === 'auto' ? null : cardAt({ device, executor }, devices);
}
