/**
 * Memory that is free at this moment. The quick figure, which Node gives, is far too low in two places: on macOS, which fills memory
 * with what it can give up again, and in a container, where files read lately count as used. There the system is asked in the
 * background, and its answer holds until the next one.
 */
import { setTimeout } from 'node:timers/promises';
import { lookForLimits } from './probe/cgroup.ts';
import { askVmStat } from './probe/macos.ts';
import { realWorld, type World } from './probe/world.ts';

/** Older answers than this are not believed any more. */
const HOLDS_MS = 10_000;
/** So soon after an answer nothing is asked: a plan wants to know several times within a tenth of a second, and asking takes as long as some of its answers. */
const FRESH_MS = 1000;

/** Longer than this nobody waits for it: then the quick figure serves. */
const PATIENCE_MS = 1000;

export interface MemoryMeter {
  /** Bytes that programs can still get, at once: better than Node's figure where that is possible, from the second call on. */
  (): number;
  /** The same for who asks once: where no answer of the system is believed any more, the next one is waited for. */
  settled(): Promise<number>;
}

/** Measures the memory of `world`, which is another computer in tests. */
export function memoryMeter(
  world: () => World = realWorld,
  now: () => number = Date.now,
  patienceMs = PATIENCE_MS,
): MemoryMeter {
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
    if (answer !== null && answer.bytes !== null && ageMs() < HOLDS_MS) return answer.bytes;
    const { freeMemory, availableMemory } = world().node;
    return Math.min(freeMemory, availableMemory);
  };
  const quick = () => {
    if (ageMs() >= FRESH_MS) void ask();
    return known();
  };
  const settled = async () => {
    if (ageMs() >= HOLDS_MS) await Promise.race([ask(), setTimeout(patienceMs, undefined, { ref: false })]);
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
