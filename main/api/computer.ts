/** The computer: its facts, what is free now, a short measurement, the libraries that its devices need; and the settings. */
import { setTimeout } from 'node:timers/promises';
import type { ComputerNow, Measuring, Settings } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
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
import { HUB_TOKEN, isSafeAddress } from '../hub/connection.ts';
import { usePacksOf } from '../packs/pack.ts';
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

interface Moved {
  readonly fraction: number;
  readonly done: boolean;
  readonly folder: string;
}

export function settingsCalls(os: Implementer, { store, host, engine, supervisor, allowed }: Parts) {
  const hubToken = async () => ({ kept: (await host.secrets.get(HUB_TOKEN)) !== null });
  return {
    get: os.settings.get.handler(() => store.settings.get()),
    set: os.settings.set.handler(({ input }) => {
      if (input.hubMirror && !isSafeAddress(new URL(input.hubMirror))) throw unsafeMirror(input.hubMirror);
      return store.settings.set(given(input));
    }),
    hubToken: os.settings.hubToken.handler(hubToken),
    setHubToken: os.settings.setHubToken.handler(async ({ input }) => {
      const token = input.token?.trim() ?? '';
      await host.secrets.set(HUB_TOKEN, token === '' ? null : token);
      return hubToken();
    }),
    // not cut off when the page goes: half a move would help nobody
    moveData: os.settings.moveData.handler(async ({ input }) => {
      const going = supervisor.list().find(({ state }) => ['starting', 'running', 'pausing'].includes(state));
      if (going)
        throw new AppError(
          'move-forbidden',
          say`“${going.name}” is writing to the data folder.`,
          say`Pause it, or move the data when it has ended.`,
        );
      await allowed.write(input.to);
      return channel<Moved>(async (send) => {
        await engine.closeModels();
        const folder = await store.move(input.to, (fraction) =>
          send({ fraction, done: false, folder: input.to }),
        );
        usePacksOf(folder);
        send({ fraction: 1, done: true, folder });
      });
    }),
  };
}

function unsafeMirror(address: string): AppError {
  return new AppError(
    'unsafe-mirror',
    say`The mirror ${address.slice(0, 200)} is not an https address.`,
    say`Enter one such as https://example.org. Plain http works only for a mirror on this computer.`,
  );
}

/** Without what was left out. */
function given(change: { [Name in keyof Settings]?: Settings[Name] | undefined }): Partial<Settings> {
  const entries = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<Settings>;
}
