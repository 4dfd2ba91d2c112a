/**
 * Memory that is free at this moment. The quick figure, which Node gives, is far too low in two places: on macOS, which fills memory
 * with what it can give up again, and in a container, where files read lately count as used. There the system is asked in the
 * background, and its answer holds until the next one.
 */
import { lookForLimits } from './probe/cgroup.ts';
import { askVmStat } from './probe/macos.ts';
import { realWorld, type World } from './probe/world.ts';

/** Older answers than this are not believed any more. */
const HOLDS_MS = 10_000;
/** So soon after an answer nothing is asked: a plan wants to know several times within a tenth of a second, and asking takes as long as some of its answers. */
const FRESH_MS = 1000;

/** Gives bytes that programs can still get, better than Node's figure where that is possible, from the second call on. */
export function memoryMeter(world: () => World = realWorld, now: () => number = Date.now): () => number {
  let better: { readonly bytes: number; readonly at: number } | null = null;
  let asking = false;
  const ask = async () => {
    asking = true;
    const bytes = await betterFigure(world()).catch(() => null);
    better = bytes === null ? null : { bytes, at: now() };
    asking = false;
  };
  return () => {
    const age = better === null ? Number.POSITIVE_INFINITY : now() - better.at;
    if (!asking && age >= FRESH_MS) void ask();
    if (better !== null && age < HOLDS_MS) return better.bytes;
    const { freeMemory, availableMemory } = world().node;
    return Math.min(freeMemory, availableMemory);
  };
}

/** Null where Node's figure is as good as any. */
async function betterFigure(world: World): Promise<number | null> {
  if (world.platform === 'darwin') return (await askVmStat(world)).facts;
  if (world.platform !== 'linux') return null;
  const { available } = await lookForLimits(world);
  return available === null ? null : Math.min(available, world.node.freeMemory);
}
