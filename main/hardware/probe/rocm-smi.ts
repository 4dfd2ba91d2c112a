/** AMD's older tool, which many computers still have instead of amd-smi. Its keys are sentences whose capitals vary by version. */

import type { AmdCard } from './amd-smi.ts';
import { type Answer, ask } from './answer.ts';
import { isObject, type Json, jsonIn, numberIn, objectIn, pciAddress, textIn } from './values.ts';
import type { World } from './world.ts';

const ABOUT = [
  ...['--showproductname', '--showbus', '--showmeminfo', 'vram', '--showtemp', '--showmaxpower'],
  ...['--showdriverversion', '--json'],
];

/** The cards that AMD's older tool knows. */
export function askRocmSmi(world: World): Promise<Answer<readonly AmdCard[]>> {
  return ask(world, {
    probe: 'rocm-smi',
    command: 'rocm-smi',
    args: ABOUT,
    read: (text) => readRocmSmi(jsonIn(text)),
  });
}

/** Reads an object with a "card0" for each card; null where there is none. */
export function readRocmSmi(value: unknown): readonly AmdCard[] | null {
  const answer = objectIn(value);
  const driver = textIn(lowered(objectIn(answer.system))['driver version']);
  const cards = Object.entries(answer).filter(([key, card]) => /^card\d+$/.test(key) && isObject(card));
  return cards.length === 0 ? null : cards.map(([, card]) => cardOf(lowered(objectIn(card)), driver));
}

function lowered(object: Json): Json {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key.toLowerCase().replace(/:$/, ''), value]),
  );
}

function cardOf(card: Json, driver: string | null): AmdCard {
  const first = (...keys: string[]) => keys.map((key) => card[key]).find((value) => textIn(value) !== null);
  const total = numberIn(first('vram total memory (b)', 'vram total memory'));
  const used = numberIn(first('vram total used memory (b)', 'vram total used memory'));
  return {
    address: pciAddress(card['pci bus']),
    name: nameOf([card['card series'], card['card model'], card['card sku']]),
    driver,
    totalMemory: total,
    freeMemory: total !== null && used !== null ? Math.max(0, total - used) : null,
    temperatureCelsius: numberIn(first('temperature (sensor edge) (c)', 'temperature (sensor junction) (c)')),
    powerLimitWatts: numberIn(first('max graphics package power (w)')),
    memoryType: null,
  };
}

/** Some versions give a device number, 0x744c, where a name is meant. */
function nameOf(values: readonly unknown[]): string | null {
  return values.map(textIn).find((text) => text !== null && !/^0x[0-9a-f]+$/i.test(text)) ?? null;
}
