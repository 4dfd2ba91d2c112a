/** What the planner rests on, from the store: measured rates, finished runs of this computer, what a kWh costs. */
import os from 'node:os';
import type { Grounds } from '../plan/estimate.ts';
import { peakMemory } from '../plan/memory.ts';
import { runSeconds } from '../plan/time.ts';
import type { FinishedRun, Store } from './parts.ts';

/** Runs that are looked at. */
const LOOKED_AT = 60;

/** The grounds for a run through `executor` on the processor of this computer as it is now. */
export function groundsOf(store: Pick<Store, 'hardware' | 'runs' | 'settings'>, executor: string): Grounds {
  const rates = store.hardware.latest()?.rates ?? null;
  const device = rates?.devices.find((one) => one.executor === executor && one.device === 'cpu') ?? null;
  const runs = store.runs.finished(LOOKED_AT).filter((run) => isOfThisComputer(run, executor));
  const { watts, pricePerKwh } = store.settings.get();
  return {
    ...{ rates, platform: process.platform, probe: null, watts, pricePerKwh },
    residuals: {
      memory: runs.map(({ done }) => ({
        predicted: peakMemory(done.price!).residentBytes,
        measured: done.peakRssBytes,
      })),
      step: device
        ? runs
            .filter(({ done }) => done.stepSeconds && done.price!.threads === device.threads)
            .map(({ done }) => ({
              predicted: runSeconds(done.price!, device).step,
              measured: done.stepSeconds!,
            }))
        : [],
    },
  };
}

/** Runs of before the price was kept, of another executor, on a graphics card, or brought along from another computer teach nothing. */
function isOfThisComputer({ done, machine }: FinishedRun, executor: string): boolean {
  const { price } = done;
  const isOnProcessor = price?.executor === executor && (price.device ?? 'cpu') === 'cpu';
  return isOnProcessor && machine.processor === os.cpus()[0]?.model.trim();
}
