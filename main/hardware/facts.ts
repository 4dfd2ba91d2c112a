/**
 * The facts of the computer for whoever needs them now, and the memory that is free at this moment. Cards and
 * processor do not change from one look to the next, and asking takes seconds on some systems: so they are
 * asked once, and again in the background when they are a minute old. What cannot be found is null; a probe
 * that hangs (some drivers do) holds nothing up.
 */
import os from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { ComputerFacts, ComputerNow, Hardware, WebGpuAnswer } from '../../common/api/contract.ts';
import { askPower, LONGEST_MS } from './collect.ts';
import { powerOf, probeHardware } from './hardware.ts';
import { lookForLimits } from './probe/linux.ts';
import { askVmStat } from './probe/macos.ts';
import { realWorld, type World } from './probe/world.ts';

export { freeDiskOf } from './probe/world.ts';

/** Facts that are older are asked for again. */
const HOLDS_MS = 60_000;
/** A process that hung or was lost may do better when somebody looks again. */
const ASK_AGAIN_MS = 20_000;
/** Right after a probe everything of it still holds. */
const FRESH_MS = 2000;

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

/** Keeps what was found between the calls. */
export function keepHardware({ world = realWorld, now = Date.now } = {}) {
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
    void answer.then(({ isLost = false }) => {
      asked.failed = isLost;
    });
  }

  return {
    /**
     * The facts for `folder`; what changes by the second (memory, disk, power) is of now. WebGPU is asked by
     * `askWebgpu`, once, and its answer kept for those who do not ask.
     */
    async now(folder: string, askWebgpu?: () => Promise<WebGpuAnswer>): Promise<Hardware> {
      const isOld = webgpu?.failed === true && now() - webgpu.at > ASK_AGAIN_MS;
      if (askWebgpu && (webgpu === null || isOld)) askAnew(askWebgpu);
      const first = known ?? (await ask(folder));
      const found = first.folder === folder ? first : await probe(folder);
      if (now() - found.at < FRESH_MS) return found.hardware;
      if (now() - found.at > HOLDS_MS) void ask(folder);
      return withNow(found.hardware, world(), await free.settled());
    },
    /** The next facts are asked for again: a driver or a library has come or gone. */
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

/** Older answers than this are not believed any more. */
const ANSWER_HOLDS_MS = 10_000;
/** So soon after an answer nothing is asked: a plan wants to know several times within a tenth of a second, and asking takes as long as some of its answers. */
const ANSWER_FRESH_MS = 1000;

/** Longer than this nobody waits for it: then the quick figure serves. */
const PATIENCE_MS = 1000;

/**
 * Measures the memory of `world`, which is another computer in tests: gives the bytes that programs can still get, at once, from the second
 * call on better than Node's figure where that is possible. `settled` is for who asks once: where no answer of the system is believed any
 * more, the next one is waited for.
 */
export function memoryMeter(
  world: () => World = realWorld,
  now: () => number = Date.now,
  patienceMs = PATIENCE_MS,
) {
  let answer: { readonly bytes: number | null; readonly at: number } | null = null;
  let asking: Promise<void> | null = null;
  const ageMs = () => (answer === null ? Number.POSITIVE_INFINITY : now() - answer.at);
  const ask = (): Promise<void> => {
    asking ??= betterFigure(world())
      .catch(() => null)
      .then((bytes) => {
        answer = { bytes, at: now() };
        asking = null;
      });
    return asking;
  };
  const known = () => {
    if (answer !== null && answer.bytes !== null && ageMs() < ANSWER_HOLDS_MS) return answer.bytes;
    const { freeMemory, availableMemory } = world().node;
    return Math.min(freeMemory, availableMemory);
  };
  const quick = () => {
    if (ageMs() >= ANSWER_FRESH_MS) void ask();
    return known();
  };
  const settled = async () => {
    if (ageMs() >= ANSWER_HOLDS_MS)
      await Promise.race([ask(), setTimeout(patienceMs, undefined, { ref: false })]);
    return quick();
  };
  return Object.assign(quick, { settled });
}

/** Null where Node's figure is as good as any. */
async function betterFigure(world: World): Promise<number | null> {
  if (world.platform === 'darwin') return (await askVmStat(world)).facts;
  if (world.platform !== 'linux') return null;
  const { available } = await lookForLimits(world);
  return available === null ? null : Math.min(available, world.node.freeMemory);
}

const keeper = keepHardware();

/** Everything that the probes found; `folder` is the one whose disk counts. */
export function hardwareNow(folder: string): Promise<Hardware> {
  return keeper.now(folder);
}

/** The next facts are asked for again. */
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
export const freeMemory = memoryMeter();

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
