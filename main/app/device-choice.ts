/**
 * What `device: auto` becomes for a run that is about to be planned or to begin: the probes and the history say what there is and
 * what was measured, and where more than the processor comes into question the run is priced on each.
 */
import os from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { DeviceChoice, Hardware, RunRequest, Why } from '../../common/api/contract.ts';
import type { RunPlan } from '../../common/protocol/protocol.ts';
import { usualPrecision } from '../../common/settings/memory.ts';
import { TINY } from '../../common/settings/sizes.ts';
import { isForProcessor, madeOf } from '../../common/settings/table.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { freeMemory, hardwareNow } from '../hardware/facts.ts';
import { type Testing, testWaysFor } from '../hardware/quick-ways.ts';
import { chooseByPrice, type DeviceWish } from '../plan/device-choice.ts';
import {
  type CardFacts,
  cardAt,
  type DeviceFacts,
  devicesOf,
  int8GainOf,
  type Place,
  PROCESSOR,
  placeKey,
} from '../plan/devices.ts';
import { estimate } from '../plan/estimate.ts';
import { fitOfEstimate } from '../plan/peak-memory.ts';
import type { EngineCalls } from '../runs/engine-calls.ts';
import { type KnownGrounds, readGrounds, testedGains } from './grounds.ts';
import type { Parts } from './parts.ts';

/** Where nothing but the processor was measured, the probes serve the reason alone, and a slow one is not waited for. */
const PATIENCE_MS = 2000;
const NOTHING: Pick<Hardware, 'graphics' | 'libraries' | 'platform'> = {
  graphics: [],
  platform: process.platform,
  libraries: {},
};

export interface DecisionGrounds {
  readonly known: KnownGrounds;
  readonly hardware: Promise<Hardware>;
  /** Whether the run goes on from what it saved: then its numbers stay what they are. */
  readonly isResumed?: boolean;
  planOf(config: RunConfig): Promise<RunPlan>;
  /** Looks at the model and tests quick ways to compute, where a run leaves its number format open. */
  readonly engine: Pick<EngineCalls, 'sampleRows' | 'speedTest'>;
  readonly onTest?: Testing['onTest'];
}

export interface DeviceDecision {
  readonly config: RunConfig;
  readonly choice: DeviceChoice;
  /** Why it computes in its number format; null where that was named, or is a card's. */
  readonly precisionWhy: Why | null;
  /** The card that computes; null where the processor does. */
  readonly card: CardFacts | null;
  /** What the run takes there, where it had to be priced. */
  readonly plan: RunPlan | null;
  /** Of the computer's memory, before the run was priced; and all of it that this process can have. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** What this computer has to compute on. */
  readonly devices: readonly DeviceFacts[];
}

/** The run of `config` on the device that is chosen for it. What `asked` names is not chosen but told. */
export async function chooseFor(
  config: RunConfig,
  asked: DeviceWish,
  { known, hardware, planOf, engine, onTest, isResumed = false }: DecisionGrounds,
): Promise<DeviceDecision> {
  const parameters = await openParameters(config, asked, { engine, onTest, isResumed });
  // tests may have run since the history was read
  const tested = { ...known.measurements, ...(parameters !== null && testedGains()) };
  // without a benchmark nothing says whether a small model is worth the pack's compiling
  const isUntimed = tested.rates === null && parameters !== null && parameters < TINY;
  const measurements = isUntimed ? { ...tested, speedPack: null } : tested;
  // before anything is priced here, which takes memory itself
  const freeBytes = await freeMemory.settled();
  // a card that is asked for has to be known
  const isCard = asked.device !== undefined && asked.device !== 'cpu';
  const measured = [...measurements.ranOn, ...(measurements.rates?.devices ?? []).map(placeKeyOf)];
  const isOpen = isCard || measured.some((key) => key !== placeKey(PROCESSOR));
  const found = await (isOpen
    ? hardware
    : Promise.race([hardware, setTimeout(PATIENCE_MS, null, { ref: false })]));
  const devices = devicesOf(found ?? NOTHING, measurements);
  const plans = new Map<string, RunPlan>();
  const at = (place: Place) => ({ ...config, ...(place as Pick<RunConfig, 'device' | 'executor'>) });
  const precisionAt = (place: Place) => {
    if (parameters === null || placeKey(place) !== placeKey(PROCESSOR)) return null;
    return usualPrecision({ ...aboutOf(config), parameters, int8Gain: int8GainOf(devices) });
  };
  const chosenAt = (place: Place): RunConfig =>
    precisionAt(place)?.value === 'int8' ? { ...at(place), precision: 'int8' } : at(place);
  const choice = await chooseByPrice(devices, asked, async (place) => {
    const plan = await planOf(chosenAt(place));
    plans.set(placeKey(place), plan);
    const price = estimate(plan, known.of(plan.executor, plan.device));
    return {
      price,
      fit: fitOfEstimate(price, { freeBytes, card: plan.foundCard ?? cardAt(place, devices) }),
    };
  });
  const why = asked.device === undefined ? { deviceWhy: choice.reason } : {};
  const plan = plans.get(placeKey(choice)) ?? null;
  return {
    config: { ...chosenAt({ device: choice.device, executor: choice.executor }), ...why },
    choice,
    precisionWhy: whyOf(precisionAt(choice)),
    card: plan?.foundCard ?? cardAt(choice, devices),
    plan,
    freeBytes,
    devices,
    totalBytes: found?.memory.total ?? os.totalmem(),
  };
}

/** How many weights the model has, once the quick ways that the run could take are tested; null where its number format is not open. */
async function openParameters(
  config: RunConfig,
  { device, executor }: DeviceWish,
  { engine, onTest, isResumed }: Pick<DecisionGrounds, 'engine' | 'onTest' | 'isResumed'>,
): Promise<number | null> {
  const isOpen = !isResumed && config.precision === 'auto' && madeOf(config) === null;
  if (!isOpen || (device !== undefined && device !== 'cpu')) return null;
  try {
    const { parameters } = await engine.sampleRows(config);
    await testWaysFor({ ...aboutOf(config), parameters, device, executor }, engine, { onTest });
    return parameters;
  } catch {
    // rows that can't be read, or a model: the training says it better
    return null;
  }
}

/** Of a run what the rule for its number format looks at. */
const aboutOf = (config: RunConfig) =>
  ({ method: config.method, settings: { ...config, device: 'cpu', executor: 'ort' } }) as const;

function whyOf(found: ReturnType<typeof usualPrecision> | null): Why | null {
  return found && ({ key: found.why, numbers: 'numbers' in found ? found.numbers : {} } as Why);
}

/** The same for a run of the application that begins without a plan that has settled it, as those of the lessons do. */
export async function onChosenDevice(
  { store, engine }: Pick<Parts, 'store' | 'engine'>,
  { settings }: Pick<RunRequest, 'settings'>,
  config: RunConfig,
): Promise<RunConfig> {
  const executor = typeof settings.executor === 'string' ? settings.executor : undefined;
  const asked = { executor, onlyProcessor: isForProcessor(config), isExact: config.precision === 'f32' };
  const chosen = await chooseFor(config, asked, {
    known: readGrounds(store),
    hardware: hardwareNow(store.folder),
    planOf: (one) => engine.plan(one),
    engine,
  });
  return chosen.config;
}

function placeKeyOf({ device, executor }: { readonly device: string; readonly executor: string }): string {
  return placeKey({ device, executor } as Place);
}
