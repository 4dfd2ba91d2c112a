/** What the planner rests on, from the store: measured rates, finished runs of this computer, what a kWh costs. */
import os from 'node:os';
import type { DeviceRates, Rates } from '../../common/api/contract.ts';
import type { Residual } from '../plan/correction.ts';
import { type Measurements, placeKey } from '../plan/devices.ts';
import type { Grounds } from '../plan/estimate.ts';
import { peakMemory } from '../plan/peak-memory.ts';
import { runSeconds, threadFactor } from '../plan/run-time.ts';
import type { FinishedRun, Store } from '../store/store.ts';

/** Runs that are looked at. */
const LOOKED_AT = 60;

type Known = Pick<Store, 'hardware' | 'runs' | 'settings'>;

/** What the store knows of this computer, for whoever asks several things of it: the history is read once. */
export interface KnownGrounds {
  readonly measurements: Measurements;
  readonly of: (executor: string, device?: string) => Grounds;
}

export function readGrounds(store: Known): KnownGrounds {
  const runs = finishedHere(store);
  return {
    measurements: measurementsFrom(store, runs),
    of: (executor, device) => groundsFrom(store, runs, executor, device),
  };
}

/** The grounds for a run through `executor` on a device of this computer as it is now. */
export function groundsOf(store: Known, executor: string, device?: string): Grounds {
  return readGrounds(store).of(executor, device);
}

/** What is known of the speed of this computer's devices: the benchmark, and on which of them runs have ended. */
export function measurementsOf(store: Pick<Store, 'hardware' | 'runs'>): Measurements {
  return measurementsFrom(store, finishedHere(store));
}

function groundsFrom(
  store: Known,
  finished: readonly FinishedRun[],
  executor: string,
  device = 'cpu',
): Grounds {
  const latest = store.hardware.latest();
  const measured = latest?.rates ?? null;
  const cores = latest?.cores ?? Number.POSITIVE_INFINITY;
  const runs = finished.filter(
    ({ done: { price } }) => price!.executor === executor && (price!.device ?? 'cpu') === device,
  );
  const speed = speedOf(measured, { executor, device }, runs.length > 0);
  const { watts, pricePerKwh } = store.settings.get();
  return {
    ...{ platform: process.platform, probe: null, watts, pricePerKwh, device, cores },
    rates: measured && withSpeed(measured, speed),
    residuals: {
      memory: runs.map(({ done }) => ({ ...peaksOf(done), ...lengthOf(done) })),
      step: speed
        ? runs
            .filter(({ done }) => done.stepSeconds)
            .map(({ done }) => ({
              predicted: runSeconds(done.price!, speed, threadFactor(done.price!, speed, cores).value).step,
              measured: done.stepSeconds!,
              ...lengthOf(done),
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

/** How much a run has measured. */
function lengthOf({ steps, stepSeconds }: FinishedRun['done']): Pick<Residual, 'steps' | 'seconds'> {
  return { steps, seconds: steps * (stepSeconds ?? 0) };
}

function measurementsFrom(
  { hardware }: Pick<Store, 'hardware'>,
  finished: readonly FinishedRun[],
): Measurements {
  const timed = finished.filter(({ done }) => done.stepSeconds);
  // TensorFlow.js finds its card by itself, whatever the device that a run names
  const placeOf = ({ executor, device = 'cpu' }: { readonly executor: string; readonly device?: string }) =>
    placeKey({ executor, device: (executor === 'tfjs' ? 'cpu' : device) as 'cpu' });
  return {
    rates: hardware.latest()?.rates ?? null,
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
  const processor = rates?.devices.find((one) => one.executor === 'ort' && one.device === 'cpu');
  return hasRuns && processor ? { ...processor, executor, device } : null;
}

function withSpeed(rates: Rates, speed: DeviceRates | null): Rates {
  return speed === null || rates.devices.includes(speed)
    ? rates
    : { ...rates, devices: [...rates.devices, speed] };
}

/** Runs of before the price was kept, or brought along from another computer, teach nothing. */
function finishedHere({ runs }: Pick<Store, 'runs'>): FinishedRun[] {
  const processor = os.cpus()[0]?.model.trim();
  return runs
    .finished(LOOKED_AT)
    .filter(({ done, machine }) => done.price && machine.processor === processor);
}
