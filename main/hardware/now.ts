/**
 * The facts of the computer for whoever needs them now. Cards and processor do not change from one look to the next, and asking takes
 * seconds on some systems: so they are asked once, and again in the background when they are a minute old.
 */
import type { Hardware, WebGpuAnswer } from '../../preload/contract.ts';
import { powerOf } from './base.ts';
import { askPower, LONGEST_MS } from './collect.ts';
import { memoryMeter } from './free.ts';
import { realWorld, type World } from './probe/world.ts';
import { probeHardware } from './probe.ts';

/** Facts that are older are asked for again. */
const HOLDS_MS = 60_000;
/** A process that hung or was lost may do better when somebody looks again. */
const ASK_AGAIN_MS = 20_000;
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

interface Asked {
  readonly answer: Promise<WebGpuAnswer>;
  readonly at: number;
  failed: boolean;
}

export interface HardwareKeeper {
  /**
   * The facts for `folder`; what changes by the second (memory, disk, power) is of now. WebGPU is asked by `askWebgpu`, once, and its
   * answer kept for those who do not ask.
   */
  now(folder: string, askWebgpu?: () => Promise<WebGpuAnswer>): Promise<Hardware>;
  /** The next facts are asked for anew: a driver or a library has come or gone. */
  forget(): void;
}

/** Keeps what was found between the calls. */
export function keepHardware({ world = realWorld, now = Date.now }: Asking = {}): HardwareKeeper {
  const free = memoryMeter(world, now);
  let known: Known | null = null;
  let asking: Promise<Known> | null = null;
  let webgpu: Asked | null = null;

  async function probe(folder: string): Promise<Known> {
    const before = webgpu;
    const hardware = await probeHardware({ folder, world: world(), webgpu: before?.answer ?? null });
    const found = { folder, hardware, at: now() };
    // what was found without WebGPU's answer does not replace what waits for it
    if (before === webgpu) known = found;
    return found;
  }

  function ask(folder: string): Promise<Known> {
    if (asking === null) {
      const own = probe(folder).finally(() => {
        if (asking === own) asking = null;
      });
      asking = own;
    }
    return asking;
  }

  function askAnew(askWebgpu: () => Promise<WebGpuAnswer>): void {
    const answer = askWebgpu();
    const asked: Asked = { answer, at: now(), failed: false };
    webgpu = asked;
    known = null;
    asking = null;
    // that there is no adapter is an answer; a process that hung or was lost gave none
    void answer.then(({ problem, adapters }) => {
      asked.failed = problem !== null && adapters === null;
    });
  }

  return {
    async now(folder, askWebgpu) {
      const isOld = webgpu?.failed === true && now() - webgpu.at > ASK_AGAIN_MS;
      if (askWebgpu && (webgpu === null || isOld)) askAnew(askWebgpu);
      const first = known ?? (await ask(folder));
      const found = first.folder === folder ? first : await probe(folder);
      if (now() - found.at < FRESH_MS) return found.hardware;
      if (now() - found.at > HOLDS_MS) void ask(folder);
      return withNow(found.hardware, world(), await free.settled());
    },
    forget() {
      webgpu = null;
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
