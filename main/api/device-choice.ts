/** What `device: auto` comes to for a run that is about to begin without a plan that has settled it, as those of the lessons do. */
import type { RunRequest } from '../../preload/contract.ts';
import type { RunConfig } from '../engine/config.ts';
import { freeMemory, hardwareNow } from '../hardware/facts.ts';
import { chooseByPrice } from '../plan/device-choice.ts';
import { cardAt, devicesOf } from '../plan/devices.ts';
import { estimate } from '../plan/estimate.ts';
import { fitOn } from '../plan/fit.ts';
import { groundsOf, measurementsOf } from './grounds.ts';
import type { Parts } from './parts.ts';

/** The configuration on the device that is chosen for it, with why. */
export async function onChosenDevice(
  { store, engine }: Pick<Parts, 'store' | 'engine'>,
  { settings }: Pick<RunRequest, 'settings'>,
  config: RunConfig,
): Promise<RunConfig> {
  const devices = devicesOf(await hardwareNow(store.folder), measurementsOf(store));
  const executor = typeof settings.executor === 'string' ? settings.executor : undefined;
  const onlyProcessor = config.bits === 16 || config.masterBits === 16 || config.quant === 'nf4';
  const asked = { executor, onlyProcessor };
  const choice = await chooseByPrice(devices, asked, async (place) => {
    const plan = await engine.plan({ ...config, ...(place as Pick<RunConfig, 'device' | 'executor'>) });
    const price = estimate(plan, groundsOf(store, plan.executor, plan.device));
    const needs = { peakBytes: price.neededBytes, peakVramBytes: price.peakVramBytes };
    return { price, fit: fitOn(needs, { freeBytes: freeMemory(), card: cardAt(place, devices) }) };
  });
  const place = { device: choice.device, executor: choice.executor } as Pick<
    RunConfig,
    'device' | 'executor'
  >;
  return { ...config, ...place, deviceWhy: choice.reason };
}
