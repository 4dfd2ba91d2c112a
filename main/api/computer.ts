/** The computer: its facts, what is free now, a short measurement, and the libraries that its devices need. */
import { setTimeout } from 'node:timers/promises';
import type { ComputerNow, Measuring } from '../../common/api/contract.ts';
import type { BenchProgress } from '../../common/protocol/protocol.ts';
import { say } from '../../common/words/language.ts';
import { refuseWhileTraining } from '../app/busy.ts';
import { channel } from '../app/channel.ts';
import { defined } from '../app/defined.ts';
import { exampleComputer } from '../app/grounds.ts';
import type { Parts } from '../app/parts.ts';
import type { Prices } from '../app/prices.ts';
import { loadMeter } from '../hardware/facts.ts';
import { knownFacts, measureComputer } from '../hardware/measure.ts';
import { planGrid } from '../plan/example-fit.ts';
import type { Implementer } from './router.ts';

const NOW_MS = 3000;

/** Calls about the computer; `nowMs` is the time between two looks at what is free. */
export function computerCalls(
  os: Implementer,
  { store, engine, supervisor }: Parts,
  prices: Prices,
  nowMs = NOW_MS,
) {
  const facts = () => knownFacts(store, engine);

  /** Beside a training it would measure what that leaves. */
  function requireIdle(): void {
    refuseWhileTraining(
      supervisor,
      say`so its speed can't be measured.`,
      say`Pause it, or measure when it has ended.`,
    );
  }

  async function* measure(
    device: string | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Measuring> {
    requireIdle();
    yield* channel<Measuring>(async (send) => {
      const onProgress = (progress: BenchProgress) => send({ kind: 'progress', ...progress });
      const found = await measureComputer({ store, engine }, onProgress, signal, {
        mayKeep: requireIdle,
        ...defined({ device }),
      });
      send({ kind: 'facts', facts: found });
    });
  }

  return {
    facts: os.computer.facts.handler(facts),
    now: os.computer.now.handler(({ signal }) => everyFew(nowMs, signal)),
    measure: os.computer.measure.handler(({ input, signal }) => measure(input?.device, signal)),
    grid: os.computer.grid.handler(async () => planGrid(await exampleComputer(store), prices.of)),
  };
}

async function* everyFew(ms: number, signal: AbortSignal | undefined): AsyncGenerator<ComputerNow> {
  const look = loadMeter();
  while (!signal?.aborted) {
    yield look();
    await setTimeout(ms, undefined, { signal, ref: false }).catch(() => {});
  }
}

export function deviceCalls(os: Implementer, { packs }: Parts) {
  return {
    pack: os.devices.pack.handler(async function* ({ input: { name }, signal }) {
      yield* packs.watch(name, signal);
    }),
    getPack: os.devices.getPack.handler(({ input }) => packs.get(input.name)),
    stopPack: os.devices.stopPack.handler(({ input }) => packs.stop(input.name)),
    testPack: os.devices.testPack.handler(({ signal }) => packs.test(signal)),
    removePack: os.devices.removePack.handler(async ({ input }) => ({
      freedBytes: await packs.remove(input.name),
    })),
  };
}
