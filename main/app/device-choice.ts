/**
 * What `device: auto` comes to for a run that is about to be planned or to begin: the probes and the history say what there is and
 * what was measured, and where more than the processor comes into question the run is priced on each.
 */
import os from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { DeviceChoice, Hardware, RunRequest } from '../../common/api/contract.ts';
import type { RunPlan } from '../../common/protocol/protocol.ts';
import { leavesInt8Open, mayUseInt8 } from '../../common/settings/memory.ts';
import { isForProcessor } from '../../common/settings/table.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { freeMemory, hardwareNow } from '../hardware/facts.ts';
import { type Asked, chooseByPrice } from '../plan/device-choice.ts';
import {
  type CardFacts,
  cardAt,
  type DeviceFacts,
  devicesOf,
  type Place,
  PROCESSOR,
  placeKey,
} from '../plan/devices.ts';
import { estimate } from '../plan/estimate.ts';
import { fitOfEstimate } from '../plan/peak-memory.ts';
import { type KnownGrounds, readGrounds } from './grounds.ts';
import type { Parts } from './parts.ts';

/** Where nothing but the processor was measured, the probes serve the reason alone, and a slow one is not waited for. */
const PATIENCE_MS = 2000;
const NOTHING: Pick<Hardware, 'graphics' | 'tensorFlow' | 'platform'> = {
  graphics: [],
  platform: process.platform,
  tensorFlow: { usable: false, reason: '', fix: null },
};

export interface Choosing {
  readonly known: KnownGrounds;
  readonly hardware: Promise<Hardware>;
  /** Whether the run goes on from what it saved: then its numbers stay what they are. */
  readonly isResumed?: boolean;
  planOf(config: RunConfig): Promise<RunPlan>;
}

export interface Chosen {
  readonly config: RunConfig;
  readonly choice: DeviceChoice;
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
  asked: Asked,
  { known, hardware, planOf, isResumed = false }: Choosing,
): Promise<Chosen> {
  const { measurements } = known;
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
  const at = (place: Place) =>
    withPrecision({ ...config, ...(place as Pick<RunConfig, 'device' | 'executor'>) }, devices, isResumed);
  const choice = await chooseByPrice(devices, asked, async (place) => {
    const plan = await planOf(at(place));
    plans.set(placeKey(place), plan);
    const price = estimate(plan, known.of(plan.executor, plan.device));
    return { price, fit: fitOfEstimate(price, { freeBytes, card: cardAt(place, devices) }) };
  });
  const why = asked.device === undefined ? { deviceWhy: choice.reason } : {};
  return {
    config: { ...at({ device: choice.device, executor: choice.executor }), ...why },
    choice,
    card: cardAt(choice, devices),
    plan: plans.get(placeKey(choice)) ?? null,
    freeBytes,
    devices,
    totalBytes: found?.memory.total ?? os.totalmem(),
  };
}

/** A new run multiplies weights of 8 bits as they are, where the processor is quick at that (docs/decisions/0055). */
function withPrecision(config: RunConfig, devices: readonly DeviceFacts[], isResumed: boolean): RunConfig {
  const hasInt8 = devices.some((one) => one.hasInt8);
  const isUsed = hasInt8 && !isResumed && leavesInt8Open(config) && mayUseInt8(config);
  return isUsed ? { ...config, precision: 'int8' } : config;
}

/** The same for a run of the application that begins without a plan that has settled it, as those of the lessons do. */
export async function onChosenDevice(
  { store, engine }: Pick<Parts, 'store' | 'engine'>,
  { settings }: Pick<RunRequest, 'settings'>,
  config: RunConfig,
): Promise<RunConfig> {
  const executor = typeof settings.executor === 'string' ? settings.executor : undefined;
  const asked = { executor, onlyProcessor: isForProcessor(config) };
  const chosen = await chooseFor(config, asked, {
    known: readGrounds(store),
    hardware: hardwareNow(store.folder),
    planOf: (one) => engine.plan(one),
  });
  return chosen.config;
}

function placeKeyOf({ device, executor }: { readonly device: string; readonly executor: string }): string {
  return placeKey({ device, executor } as Place);
}
