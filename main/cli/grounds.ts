/** What the command line's figures rest on: what the history of this computer knows, where there is one. */
import type { LocalModel, Settings } from '../../common/api/contract.ts';
import type { KnownGrounds } from '../api/grounds.ts';
import type { Measurements } from '../plan/devices.ts';
import type { Grounds } from '../plan/estimate.ts';

/** What the history knows of this computer; where it cannot be opened, the formulas alone. */
export async function knownGrounds(executor: string, device?: string): Promise<Grounds> {
  const { openHistory } = await import('./record.ts');
  const { groundsOf } = await import('../api/grounds.ts');
  const store = await openHistory().catch(() => null);
  if (!store) return nothingKnown();
  try {
    return groundsOf(store, executor, device);
  } finally {
    store.close();
  }
}

/** What the history knows of the speed of this computer's devices. */
export async function knownMeasurements(): Promise<Measurements> {
  const { openHistory } = await import('./record.ts');
  const { measurementsOf } = await import('../api/grounds.ts');
  const store = await openHistory().catch(() => null);
  if (!store) return { rates: null, ranOn: new Set() };
  try {
    return measurementsOf(store);
  } finally {
    store.close();
  }
}

/** All that the history knows for a plan, read once. */
export interface KnownHere {
  readonly of: KnownGrounds['of'];
  readonly models: readonly LocalModel[];
  /** What electricity costs, and how much of it the computer draws while it trains. */
  readonly costs: Costs;
}

export type Costs = Pick<Settings, 'watts' | 'pricePerKwh' | 'currency'>;

/** What the history knows for a plan; where it cannot be opened, nothing. */
export async function knownHere(): Promise<KnownHere> {
  const { openHistory } = await import('./record.ts');
  const { readGrounds } = await import('../api/grounds.ts');
  const store = await openHistory().catch(() => null);
  if (!store) return { of: nothingKnown, models: [], costs: NO_COSTS };
  try {
    const [report, settings] = [store.hardware.latest(), store.settings.get()];
    const { of } = readGrounds({
      runs: store.runs,
      hardware: { ...store.hardware, latest: () => report },
      settings: { ...store.settings, get: () => settings },
    });
    const { watts, pricePerKwh, currency } = settings;
    return { of, models: store.models.list(), costs: { watts, pricePerKwh, currency } };
  } finally {
    store.close();
  }
}

/** As the settings are before anybody changes them. */
const NO_COSTS: Costs = { watts: null, pricePerKwh: 0.3, currency: 'EUR' };

function nothingKnown(): Grounds {
  return {
    ...{ rates: null, platform: process.platform, probe: null, watts: null, pricePerKwh: 0 },
    residuals: { memory: [], step: [] },
  };
}
