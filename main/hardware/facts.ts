/**
 * What this computer has, as far as it can be asked without measuring: the first facts that the wizard shows. What cannot be
 * found is null and said so; a probe that hangs (some drivers do) must not hold up the page.
 */
import { statfs } from 'node:fs/promises';
import os from 'node:os';
import si from 'systeminformation';
import type { ComputerFacts, ComputerNow } from '../../preload/contract.ts';

/** Probes take a fraction of a second; on Windows the first one may take a few. */
const PATIENCE_MS = 8000;
const MEBIBYTE = 2 ** 20;

type Hardware = Pick<ComputerFacts, 'processor' | 'cores' | 'threads' | 'system' | 'graphics'>;

/** What does not change while the process runs is asked once. */
let hardware: Promise<Hardware> | null = null;

/** Facts of this computer; `folder` is the one whose disk counts, `speed` what was measured last. Bytes. */
export async function computerFacts(
  folder: string,
  speed: ComputerFacts['speed'],
): Promise<Omit<ComputerFacts, 'rates' | 'comparison'>> {
  hardware ??= probeHardware();
  const [fixed, freeDisk, onBattery] = await Promise.all([hardware, freeDiskOf(folder), batteryInUse()]);
  return { ...fixed, totalMemory: totalMemory(), freeMemory: freeMemory(), freeDisk, onBattery, speed };
}

/** Bytes that programs can still get, within the limits that this process has (a container's, for example). */
export function freeMemory(): number {
  return Math.min(os.freemem(), process.availableMemory());
}

/** Free bytes on the disk of `folder`; null where the system does not tell. */
export async function freeDiskOf(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return null;
  }
}

/** Gives what is free now at each call, and the load of all cores since the call before. */
export function loadMeter(): () => ComputerNow {
  let before = coreTimes();
  return () => {
    const now = coreTimes();
    const all = now.all - before.all;
    const load = all > 0 ? 1 - (now.idle - before.idle) / all : 0;
    before = now;
    return { freeMemory: freeMemory(), load: Math.min(1, Math.max(0, load)) };
  };
}

function coreTimes(): { all: number; idle: number } {
  const times = os.cpus().map((core) => core.times);
  const all = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { all, idle: times.reduce((sum, { idle }) => sum + idle, 0) };
}

function totalMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(os.totalmem(), limit) : os.totalmem();
}

async function probeHardware(): Promise<Hardware> {
  const [cpu, system, graphics] = await Promise.all([
    patiently(() => si.cpu()),
    patiently(() => si.osInfo()),
    patiently(() => si.graphics()),
  ]);
  const brand = `${cpu?.manufacturer ?? ''} ${cpu?.brand ?? ''}`.trim();
  return {
    processor: brand || os.cpus()[0]?.model.trim() || 'unknown processor',
    cores: cpu?.physicalCores || os.availableParallelism(),
    threads: os.availableParallelism(),
    system: `${system?.distro || os.type()} ${system?.release || os.release()} (${os.arch()})`,
    graphics: (graphics?.controllers ?? []).map(({ vendor, model, vram, vramDynamic }) => ({
      name: model || vendor || 'unknown graphics card',
      memory: typeof vram === 'number' && vram > 0 && !vramDynamic ? vram * MEBIBYTE : null,
    })),
  };
}

async function batteryInUse(): Promise<boolean | null> {
  const battery = await patiently(() => si.battery());
  return battery?.hasBattery ? !battery.acConnected : null;
}

/** What `probe` finds; null where it fails or does not end. */
async function patiently<T>(probe: () => Promise<T>): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, PATIENCE_MS, null);
  try {
    return await Promise.race([probe(), promise]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
