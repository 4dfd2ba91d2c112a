/** What `device: auto` comes to for a run that is about to begin without a plan that has settled it, as those of the lessons do. */
import type { RunRequest } from '../../common/api/contract.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { freeMemory, hardwareNow } from '../hardware/facts.ts';
import { chooseByPrice, isForProcessor } from '../plan/device-choice.ts';
import { cardAt, devicesOf } from '../plan/devices.ts';
import { estimate } from '../plan/estimate.ts';
import { fitOfEstimate } from '../plan/fit.ts';
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
  const asked = { executor, onlyProcessor: isForProcessor(config) };
  const choice = await chooseByPrice(devices, asked, async (place) => {
    const plan = await engine.plan({ ...config, ...(place as Pick<RunConfig, 'device' | 'executor'>) });
    const price = estimate(plan, groundsOf(store, plan.executor, plan.device));
    const has = { freeBytes: await freeMemory.settled(), card: cardAt(place, devices) };
    return { price, fit: fitOfEstimate(price, has) };
  });
  const place = { device: choice.device, executor: choice.executor } as Pick<
    RunConfig,
    'device' | 'executor'
  >;
  return { ...config, ...place, deviceWhy: choice.reason };
}
