/**
 * Which quick ways to compute may be taken by themselves: each is tested once on this computer, before the first plan or training that it
 * could be for.
 */
import { describeError } from '../../common/errors.ts';
import type { QuickWay, SpeedTest } from '../../common/protocol/protocol.ts';
import { gainsByInt8 } from '../../common/settings/memory.ts';
import type { PlanFacts } from '../../common/settings/row.ts';
import { hasSpeedPack } from '../packs/packs.ts';
import { int8Version, keepSpeedTest, keptSpeedTest, speedTestOf } from '../speed-tests.ts';

/** What is left open of a run: the number format, and what computes. */
interface Open extends Pick<PlanFacts, 'method' | 'parameters' | 'settings'> {
  readonly device?: string | undefined;
  readonly executor?: string | undefined;
}

/** The ways that come into question for a run that names no number format. */
function waysFor({ device, executor, ...facts }: Open): QuickWay[] {
  const isUsual = executor === undefined || executor === 'ort';
  const isPack = device === undefined && executor === undefined && hasSpeedPack();
  return [
    ...(isUsual && gainsByInt8(facts) ? (['int8'] as const) : []),
    ...(isPack ? (['openvino'] as const) : []),
  ];
}

/** The version that is known without the library. */
const VERSION = { int8: { version: int8Version() }, openvino: {} } as const;

export interface SpeedTests {
  speedTest(way: QuickWay, signal?: AbortSignal): Promise<SpeedTest>;
}

export interface Testing {
  readonly signal?: AbortSignal | undefined;
  /** Hears of each test before it runs, which takes some seconds. */
  readonly onTest?: ((way: QuickWay) => void) | undefined;
}

/** Has what is open for a run tested, where that has not been done here. */
export async function testWaysFor(open: Open, engine: SpeedTests, testing: Testing = {}): Promise<void> {
  await testWays(waysFor(open), engine, testing);
}

/** All ways that this computer has. */
export const waysHere = (): QuickWay[] => ['int8', ...(hasSpeedPack() ? (['openvino'] as const) : [])];

/** Has each of `ways` tested that was not yet. */
export async function testWays(
  ways: readonly QuickWay[],
  engine: SpeedTests,
  { signal, onTest }: Testing = {},
): Promise<void> {
  for (const way of ways) {
    if (keptSpeedTest(way) !== null) continue;
    onTest?.(way);
    try {
      await engine.speedTest(way, signal);
    } catch (error) {
      signal?.throwIfAborted();
      // a processor that crashes in it would do so each time
      keepSpeedTest(way, speedTestOf({ ...VERSION[way], problem: describeError(error).trim() }));
    }
  }
}
