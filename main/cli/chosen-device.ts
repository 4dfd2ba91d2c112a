/**
 * What `--device auto` comes to on this computer (plan/device-choice.ts): the probes and the history say what there is and what was
 * measured, and where more than the processor comes into question the run is priced on each.
 */
import os from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { DeviceChoice, Hardware } from '../../common/api/contract.ts';
import type { RunPlan } from '../../common/protocol/protocol.ts';
import { parseRunConfig, type RunConfig } from '../engine/config/config.ts';
import { freeMemory } from '../hardware/facts.ts';
import { type Asked, chooseByPrice } from '../plan/device-choice.ts';
import {
  type CardFacts,
  cardAt,
  type DeviceFacts,
  devicesOf,
  type Place,
  placeKey,
} from '../plan/devices.ts';
import { estimate } from '../plan/estimate.ts';
import { fitOfEstimate } from '../plan/fit.ts';
import { knownGrounds, knownMeasurements } from './grounds.ts';
import { hardwareHere } from './hardware.ts';

/** Where nothing but the processor was measured, the probes serve the reason alone, and a slow one is not waited for. */
const PATIENCE_MS = 2000;
const NOTHING: Pick<Hardware, 'graphics' | 'tensorFlow' | 'platform'> = {
  ...{ graphics: [], platform: process.platform },
  tensorFlow: { usable: false, reason: '', fix: null },
};

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

/** The run of `config` on the device that is chosen for it; `planOf` prices a run. What `asked` names is not chosen but told. */
export async function chooseHere(
  config: RunConfig,
  asked: Asked,
  planOf: (config: RunConfig) => Promise<RunPlan>,
): Promise<Chosen> {
  const measurements = await knownMeasurements();
  const hardware = hardwareHere();
  // before anything is priced here, which takes memory itself
  const freeBytes = await freeMemory.settled();
  // a card that is asked for has to be known
  const isCard = asked.device !== undefined && asked.device !== 'cpu';
  const isOpen =
    isCard ||
    [...measurements.ranOn, ...(measurements.rates?.devices ?? []).map(placeKeyOf)].some(
      (key) => key !== placeKey({ device: 'cpu', executor: 'ort' }),
    );
  const found = await (isOpen
    ? hardware
    : Promise.race([hardware, setTimeout(PATIENCE_MS, null, { ref: false })]));
  const devices = devicesOf(found ?? NOTHING, measurements);
  const plans = new Map<string, RunPlan>();
  const choice = await chooseByPrice(devices, asked, async (place) => {
    const plan = await planOf(parseRunConfig({ ...config, ...place }));
    plans.set(placeKey(place), plan);
    const price = estimate(plan, await knownGrounds(plan.executor, plan.device));
    return { price, fit: fitOfEstimate(price, { freeBytes, card: cardAt(place, devices) }) };
  });
  const place = { device: choice.device, executor: choice.executor } as Pick<
    RunConfig,
    'device' | 'executor'
  >;
  const why = asked.device === undefined ? { deviceWhy: choice.reason } : {};
  return {
    config: { ...config, ...place, ...why },
    choice,
    card: cardAt(choice, devices),
    plan: plans.get(placeKey(choice)) ?? null,
    ...{ freeBytes, devices, totalBytes: found?.memory.total ?? os.totalmem() },
  };
}

function placeKeyOf({ device, executor }: { readonly device: string; readonly executor: string }): string {
  return placeKey({ device, executor } as Place);
}
