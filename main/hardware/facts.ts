/**
 * The facts that the wizard shows first, out of the capability check, and what is free while it is looked at. What cannot be found is
 * null; a probe that hangs (some drivers do) holds nothing up.
 */
import os from 'node:os';
import type { ComputerFacts, ComputerNow, Hardware, WebGpuAnswer } from '../../preload/contract.ts';
import { type MemoryMeter, memoryMeter } from './free.ts';
import { keepHardware } from './now.ts';

export { freeDiskOf } from './probe/world.ts';

const keeper = keepHardware();

/** Everything that the probes found; `folder` is the one whose disk counts. */
export function hardwareNow(folder: string): Promise<Hardware> {
  return keeper.now(folder);
}

/** The next facts are asked for anew. */
export const forgetHardware = keeper.forget;

/** Facts of this computer; `folder` is the one whose disk counts, `speed` what was measured last; WebGPU is asked by `askWebgpu`. Bytes. */
export async function computerFacts(
  folder: string,
  speed: ComputerFacts['speed'],
  askWebgpu?: () => Promise<WebGpuAnswer>,
): Promise<Omit<ComputerFacts, 'rates' | 'comparison'>> {
  const hardware = await keeper.now(folder, askWebgpu);
  const { processor, memory, disk, power, system, graphics } = hardware;
  return {
    processor: processor.name,
    cores: processor.physicalCores ?? processor.threads,
    threads: processor.threads,
    totalMemory: memory.total,
    freeMemory: memory.available,
    freeDisk: disk.free,
    system,
    graphics: graphics.map(({ name, totalMemory }) => ({ name, memory: totalMemory })),
    onBattery: power.onBattery,
    speed,
    hardware,
  };
}

/** Bytes that programs can still get, within the limits that this process has (a container's, for example); `settled` for who asks once. */
export const freeMemory: MemoryMeter = memoryMeter();

/** Gives what is free now at each call, and the load of all cores since the call before. */
export function loadMeter(): () => ComputerNow {
  let before = coreTimes();
  // the system's own figure is there by the first look
  freeMemory();
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
