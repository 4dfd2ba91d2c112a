/**
 * What the package systeminformation finds, in our own terms. It asks many commands of its own, and it never
 * fails: what it does not know is empty, 0 or false. So empty values count as unknown.
 */

import type { Power } from '../../../common/api/contract.ts';
import { say } from '../../../common/words/language.ts';
import {
  type Answer,
  MEBIBYTE,
  numberIn,
  objectIn,
  objectsIn,
  pciAddress,
  textIn,
  without,
} from './answer.ts';
import type { World } from './world.ts';

export interface SiCard {
  readonly name: string;
  readonly maker: string;
  readonly address: string | null;
  /** What the driver of NVIDIA or of macOS told; sizes that were guessed from address ranges are left out. */
  readonly totalMemory: number | null;
}

export const askSiProcessor = (world: World) => asked('processor', world.system.cpu, readSiProcessor);
export const askSiMemory = (world: World) => asked('memory', world.system.mem, readSiMemory);
export const askSiBattery = (world: World) => asked('battery', world.system.battery, readSiBattery);
export const askSiSystem = (world: World) => asked('system', world.system.osInfo, readSiSystem);

/** It starts nvidia-smi in a way that stops this whole process until that ends: only to be asked where that is known to be quick. */
export const askSiGraphics = (world: World) =>
  asked('graphics', world.system.graphics, (value) => readSiGraphics(value, world.platform));

async function asked<T>(
  what: string,
  question: () => Promise<unknown>,
  read: (value: unknown) => T | null,
): Promise<Answer<T>> {
  try {
    return { facts: read(await question()), notes: [] };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return without(
      'systeminformation',
      'failed',
      say`The package systeminformation failed (${what}): ${message}.`,
    );
  }
}

function readSiProcessor(value: unknown) {
  const { manufacturer, brand, physicalCores, flags } = objectIn(value);
  const name = [textIn(manufacturer), textIn(brand)].filter((part) => part !== null).join(' ');
  return {
    name: name === '' ? null : name.replace(/^(\w+) \1\b/, '$1'),
    physicalCores: above0(physicalCores),
    flags: typeof flags === 'string' ? flags.split(/\s+/).filter((flag) => flag !== '') : [],
  };
}

function readSiMemory(value: unknown) {
  const { total, available, swaptotal } = objectIn(value);
  return { total: above0(total), available: above0(available), swapTotal: numberIn(swaptotal) };
}

export function readSiBattery(value: unknown): Power {
  const { hasBattery, acConnected, percent } = objectIn(value);
  if (hasBattery !== true)
    return { hasBattery: hasBattery === false ? false : null, onBattery: null, batteryPercent: null };
  return {
    hasBattery: true,
    onBattery: typeof acConnected === 'boolean' ? !acConnected : null,
    batteryPercent: numberIn(percent),
  };
}

/** The system's name with its version; null where it is not known. */
function readSiSystem(value: unknown): string | null {
  const { distro, release } = objectIn(value);
  const parts = [textIn(distro), textIn(release)].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(' ');
}

export function readSiGraphics(value: unknown, platform: string): readonly SiCard[] {
  return objectsIn(objectIn(value).controllers).map((card) => {
    const megabytes =
      above0(card.memoryTotal) ??
      (platform === 'darwin' && card.vramDynamic !== true ? above0(card.vram) : null);
    return {
      name: textIn(card.name) ?? textIn(card.model) ?? textIn(card.vendor) ?? 'Graphics card',
      maker: textIn(card.vendor) ?? '',
      address: pciAddress(card.busAddress) ?? pciAddress(card.pciBus),
      totalMemory: megabytes === null ? null : megabytes * MEBIBYTE,
    };
  });
}

function above0(value: unknown): number | null {
  const number = numberIn(value);
  return number !== null && number > 0 ? number : null;
}
