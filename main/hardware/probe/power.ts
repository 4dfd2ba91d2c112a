/** Battery and charger, by the files of Linux. Batteries of mice and headphones are there as well, and do not count. */
import type { Power } from '../../../preload/contract.ts';
import { numberIn } from './values.ts';
import type { World } from './world.ts';

const FOLDER = '/sys/class/power_supply';

/** Null where Linux tells nothing at all. */
export async function lookForPower(world: World): Promise<Power | null> {
  const names = await world.list(FOLDER);
  const supplies = await Promise.all(names.map((name) => supplyOf(world, `${FOLDER}/${name}`)));
  const own = supplies.filter(({ scope }) => scope !== 'Device');
  const batteries = own.filter(({ type }) => type === 'Battery');
  const chargers = own.filter(({ type, online }) => (type === 'Mains' || type === 'USB') && online !== null);
  if (batteries.length === 0)
    return chargers.length === 0 ? null : { hasBattery: false, onBattery: null, batteryPercent: null };
  const percents = batteries.map(({ percent }) => percent).filter((percent) => percent !== null);
  const discharging = batteries.some(({ status }) => status === 'Discharging');
  const plugged = chargers.some(({ online }) => online === 1);
  return {
    hasBattery: true,
    onBattery: chargers.length === 0 ? discharging : !plugged,
    batteryPercent:
      percents.length === 0
        ? null
        : Math.round(percents.reduce((sum, one) => sum + one, 0) / percents.length),
  };
}

async function supplyOf(world: World, folder: string) {
  const [type, scope, status, percent, online] = await Promise.all(
    ['type', 'scope', 'status', 'capacity', 'online'].map((name) => world.read(`${folder}/${name}`)),
  );
  return {
    type: type?.trim() ?? '',
    scope: scope?.trim() ?? '',
    status: status?.trim() ?? '',
    percent: numberIn(percent),
    online: numberIn(online),
  };
}
