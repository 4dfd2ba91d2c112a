/** What the planner rests on, from the store: measured rates, finished runs of this computer, what a kWh costs. */
import os from 'node:os';
import type {
  ComputerFacts,
  DeviceRates,
  Hardware,
  LocalModel,
  Rates,
  Settings,
} from '../../common/api/contract.ts';
import { processorOf, traitsOf } from '../../common/settings/executors.ts';
import { freeMemory, hardwareNow } from '../hardware/facts.ts';
import { int8Gain, speedPackGain } from '../packs/packs.ts';
import { devicesOf, type Measurements, placeKey, SPEED_PACK } from '../plan/devices.ts';
import type { Grounds } from '../plan/estimate.ts';
import type { ExampleComputer } from '../plan/example-fit.ts';
import { peakMemory } from '../plan/peak-memory.ts';
import { runSeconds, threadFactor } from '../plan/run-time.ts';
import { inSteps } from '../plan/situation-for.ts';
import type { FinishedRun, Store } from '../store/store.ts';
import { versions } from '../versions.ts';
import { type KnownTarget, knownTargets } from './elsewhere.ts';
import { listTargets } from './targets.ts';

const LOOKED_AT = 60;

type Known = Pick<Store, 'hardware' | 'runs' | 'settings'> & Partial<Pick<Store, 'kept'>>;

export type Costs = Pick<Settings, 'watts' | 'pricePerKwh' | 'currency'>;

/** As the settings are before anybody changes them. */
const NO_COSTS = { watts: null, pricePerKwh: 0.3, currency: 'EUR', cardPrices: {} };

/** How many times as fast the tests of quick ways have found a step, as far as they have run. */
export const testedGains = () => ({ speedPack: speedPackGain(), int8: int8Gain() });

/** What the store knows of this computer, for whoever asks several things of it: the history is read once. */
export interface KnownGrounds {
  readonly measurements: Measurements;
  /** What electricity costs, and how much of it the computer draws while it trains. */
  readonly costs: Costs;
  /** Prices of an hour on rented cards that the person knows. */
  readonly cardPrices: Settings['cardPrices'];
  readonly targets: readonly KnownTarget[];
  /** The grounds for a run through an executor on a device, by default the processor. */
  readonly of: (executor: string, device?: string) => Grounds;
}

/** Without a store the formulas alone are known; `given`: what the person says of electricity over what is set. */
export function readGrounds(store: Known | null, given: Partial<Costs> = {}): KnownGrounds {
  const { watts, pricePerKwh, currency, cardPrices } = { ...(store?.settings.get() ?? NO_COSTS), ...given };
  const costs = { watts, pricePerKwh, currency };
  const latest = store?.hardware.latest() ?? null;
  const finished = store?.runs.finished(LOOKED_AT) ?? [];
  const runs = finishedHere(finished);
  const targets = store?.kept ? listTargets({ kept: store.kept }) : [];
  const known = new Map<string, Grounds>();
  return {
    ...{ costs, cardPrices },
    targets: knownTargets(targets, finished, currency),
    measurements: measurementsFrom(latest, runs),
    of(executor, device = 'cpu') {
      const key = placeKey({ executor, device: device as 'cpu' });
      const grounds = known.get(key) ?? groundsFrom({ costs, cardPrices, latest, runs }, executor, device);
      known.set(key, grounds);
      return grounds;
    },
  };
}

export interface ThisComputer {
  readonly processor: string;
  /** Measured, operations a second in FP32. */
  readonly flops: number;
  readonly memoryBytes: number;
  /** Power that it draws while it trains; null where that is not known. */
  readonly watts: number | null;
  readonly pricePerKwh: number;
  readonly currency: string;
}

/** All that the history of this computer knows for a plan. */
export interface KnownHere extends KnownGrounds {
  readonly models: readonly LocalModel[];
  /** Its speed for the lessons; null before that was measured. */
  readonly computer: ThisComputer | null;
}

/** What the history of this computer knows, read once and closed again; where it cannot be opened, nothing. */
export async function knownHere(given: Partial<Costs> = {}): Promise<KnownHere> {
  const { openStore } = await import('../store/open.ts');
  const store = await openStore().catch(() => null);
  try {
    return {
      ...readGrounds(store, given),
      models: store?.models.list() ?? [],
      computer: store && thisComputer(store),
    };
  } finally {
    store?.close();
  }
}

/** What the store knows of this computer for the lesson on time; null before its speed was measured. */
export function thisComputer({
  hardware,
  settings,
}: Pick<Store, 'hardware' | 'settings'>): ThisComputer | null {
  const found = hardware.latest();
  if (!found?.speed) return null;
  const { watts, pricePerKwh, currency } = settings.get();
  const memoryBytes = found.totalMemory ?? os.totalmem();
  return { processor: found.processor, flops: found.speed.flops, memoryBytes, watts, pricePerKwh, currency };
}

/** This computer as the example run is planned for it (plan/example-fit.ts); `hardware`: what the probes have just found. */
export async function exampleComputer(
  store: Pick<Store, 'folder' | 'hardware' | 'runs' | 'settings'>,
  hardware?: Hardware,
): Promise<ExampleComputer> {
  const known = readGrounds(store);
  return {
    devices: devicesOf(hardware ?? (await hardwareNow(store.folder)), known.measurements),
    groundsOf: known.of,
    freeBytes: inSteps(await freeMemory.settled()),
  };
}

interface Read extends Pick<KnownGrounds, 'costs' | 'cardPrices'> {
  readonly latest: ComputerFacts | null;
  readonly runs: readonly FinishedRun[];
}

function groundsFrom(
  { costs, cardPrices, latest, runs: all }: Read,
  executor: string,
  device: string,
): Grounds {
  const measured = latest?.rates ? withCurrentSteps(latest.rates) : null;
  const cores = latest?.cores ?? Number.POSITIVE_INFINITY;
  const runs = all.filter(
    ({ done: { price } }) => price!.executor === executor && (price!.device ?? 'cpu') === device,
  );
  const speed = speedOf(measured, { executor, device }, runs.length > 0);
  const { watts, pricePerKwh } = costs;
  return {
    platform: process.platform,
    probe: null,
    ...{ watts, pricePerKwh, cardPrices },
    device,
    cores,
    rates: measured && withSpeed(measured, speed),
    residuals: {
      memory: runs.map(({ done }) => peaksOf(done)),
      step: speed
        ? runs
            .filter(({ done }) => done.stepSeconds)
            .map(({ done }) => ({
              predicted: runSeconds(done.price!, speed, threadFactor(done.price!, speed, cores).value).step,
              measured: done.stepSeconds!,
              ...(device === 'cpu' && { threads: done.price!.threads }),
            }))
        : [],
    },
  };
}

/** Old runs tell of their peak only what the system counted. */
function peaksOf({ price, peakRssBytes, peakMemoryBytes }: FinishedRun['done']) {
  const { residentBytes, neededBytes } = peakMemory(price!);
  return peakMemoryBytes === undefined
    ? { predicted: residentBytes, measured: peakRssBytes }
    : { predicted: neededBytes, measured: peakMemoryBytes };
}

/** What is known of the speed of this computer's devices: the benchmark, and on which of them runs have ended. */
function measurementsFrom(latest: ComputerFacts | null, finished: readonly FinishedRun[]): Measurements {
  const timed = finished.filter(({ done }) => done.stepSeconds);
  const placeOf = ({ executor, device = 'cpu' }: { readonly executor: string; readonly device?: string }) =>
    placeKey({ executor, device: (traitsOf(executor).isApart ? 'cpu' : device) as 'cpu' });
  return {
    rates: latest?.rates ?? null,
    ...testedGains(),
    ranOn: new Set(timed.map(({ done }) => placeOf(done.price!))),
  };
}

/** What was measured of a device; where only runs have shown how fast it is, the processor's rates, which they correct. */
function speedOf(
  rates: Rates | null,
  { executor, device }: { readonly executor: string; readonly device: string },
  hasRuns: boolean,
): DeviceRates | null {
  const found = rates?.devices.find((one) => one.executor === executor && one.device === device);
  if (found) return found;
  const gain = executor === SPEED_PACK.executor ? speedPackGain() : null;
  const processor = rates && processorOf(rates.devices);
  if (gain !== null && processor) return withGain({ ...processor, executor, device }, gain);
  return hasRuns && processor ? { ...processor, executor, device } : null;
}

/** The processor's rates, of which graphs are `gain` times as fast; runs that have ended correct them. */
function withGain(rates: DeviceRates, gain: number): DeviceRates {
  const quicker = <Rate extends { readonly bytesPerSecond: number }>(rate: Rate): Rate => ({
    ...rate,
    bytesPerSecond: rate.bytesPerSecond * gain,
  });
  return {
    ...rates,
    matmul: rates.matmul.map((rate) => ({ ...rate, flops: rate.flops * gain })),
    elementwise: rates.elementwise.map(quicker),
    ...(rates.strided && { strided: rates.strided.map(quicker) }),
    softmaxElements: rates.softmaxElements * gain,
    ...(rates.steps && { steps: rates.steps.map((step) => ({ ...step, seconds: step.seconds / gain })) }),
  };
}

/** Steps that another version of Fettle took say nothing of this one's. */
function withCurrentSteps(rates: Rates): Rates {
  const now = versions().fettle;
  return {
    ...rates,
    devices: rates.devices.map((one) => {
      const { steps, ...others } = one;
      return steps && (one.fettle ?? rates.versions.fettle) !== now ? others : one;
    }),
  };
}

function withSpeed(rates: Rates, speed: DeviceRates | null): Rates {
  return speed === null || rates.devices.includes(speed)
    ? rates
    : { ...rates, devices: [...rates.devices, speed] };
}

/** Older runs without a kept price, and runs of another computer, teach nothing. */
function finishedHere(finished: readonly FinishedRun[]): FinishedRun[] {
  const processor = os.cpus()[0]?.model.trim();
  return finished.filter(({ done, machine }) => done.price && machine.processor === processor);
}
