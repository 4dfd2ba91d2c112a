/**
 * The facts of the computer for whoever needs them now. Cards and processor do not change from one look to the next, and asking takes
 * seconds on some systems: so they are asked once, and again in the background when they are a minute old.
 */
import type { Hardware, WebGpuAdapter } from '../../preload/contract.ts';
import { powerOf } from './base.ts';
import { askPower, LONGEST_MS } from './collect.ts';
import { memoryMeter } from './free.ts';
import { realWorld, type World } from './probe/world.ts';
import { probeHardware } from './probe.ts';

/** Facts that are older are asked for again. */
const HOLDS_MS = 60_000;
/** Right after a probe everything of it still holds. */
const FRESH_MS = 2000;

export interface Asking {
  readonly world?: () => World;
  readonly now?: () => number;
}

interface Known {
  readonly folder: string;
  readonly hardware: Hardware;
  readonly at: number;
}

export interface HardwareKeeper {
  /** The facts for `folder`; what changes by the second (memory, disk, power) is of now. */
  now(folder: string): Promise<Hardware>;
  /** What WebGPU said, from a process that can ask it; the next facts are judged with it. */
  tell(adapters: readonly WebGpuAdapter[] | null): void;
  /** The next facts are asked for anew: a driver or a library has come or gone. */
  forget(): void;
}

/** Keeps what was found between the calls. */
export function keepHardware({ world = realWorld, now = Date.now }: Asking = {}): HardwareKeeper {
  const free = memoryMeter(world, now);
  let known: Known | null = null;
  let asking: Promise<Known> | null = null;
  let adapters: readonly WebGpuAdapter[] | null = null;

  async function probe(folder: string): Promise<Known> {
    const hardware = await probeHardware({ folder, world: world(), adapters });
    known = { folder, hardware, at: now() };
    return known;
  }

  function ask(folder: string): Promise<Known> {
    asking ??= probe(folder).finally(() => {
      asking = null;
    });
    return asking;
  }

  return {
    async now(folder) {
      const first = known ?? (await ask(folder));
      const found = first.folder === folder ? first : await probe(folder);
      if (now() - found.at < FRESH_MS) return found.hardware;
      if (now() - found.at > HOLDS_MS) void ask(folder);
      return withNow(found.hardware, world(), await free.settled());
    },
    tell(found) {
      adapters = found;
      known = null;
    },
    forget() {
      known = null;
    },
  };
}

async function withNow(hardware: Hardware, world: World, free: number): Promise<Hardware> {
  const { memory, disk } = hardware;
  const [freeDisk, power] = await Promise.all([world.freeDisk(disk.folder), askPower(world, LONGEST_MS)]);
  return {
    ...hardware,
    memory: { ...memory, available: Math.min(memory.total, free) },
    disk: { ...disk, free: freeDisk },
    power: powerOf(power).value,
  };
}
