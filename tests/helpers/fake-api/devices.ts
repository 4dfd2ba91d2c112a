/** Made-up packs that come in a few steps. Never shipped. */
import { implement } from '@orpc/server';
import type { PackNow } from '../../../common/api/contract.ts';
import { contract } from '../../../common/api/contract.ts';
import type { FakeWorld } from './world.ts';

type Name = PackNow['name'];

const TESTED: NonNullable<PackNow['test']> = { gain: 2.1, problem: null };

/** `wait` is that of the fake API; in a world that stands still, the download stops where it is seen best. */
export function fakeDevices(world: FakeWorld, wait: (ms: number, signal?: AbortSignal) => Promise<void>) {
  const os = implement(contract);
  const waiting = new Set<() => void>();
  const set = (name: Name, change: Partial<PackNow>) => {
    world.packs[name] = { ...world.packs[name], ...change };
    for (const wake of [...waiting]) wake();
  };

  async function come(name: Name): Promise<void> {
    const { downloadBytes } = world.packs[name];
    while (world.packs[name].state === 'downloading' && world.packs[name].bytes < downloadBytes) {
      const bytes = Math.min(downloadBytes, world.packs[name].bytes + downloadBytes / 12);
      set(name, { bytes, bytesPerSecond: 24e6, secondsLeft: (downloadBytes - bytes) / 24e6 });
      if (world.still && bytes > downloadBytes / 3) return;
      await wait(200);
    }
    if (world.packs[name].state === 'downloading')
      set(name, { state: 'ready', bytesPerSecond: null, secondsLeft: null });
  }

  return {
    pack: os.devices.pack.handler(async function* ({ input: { name }, signal }) {
      while (!signal?.aborted) {
        const seen = world.packs[name];
        yield seen;
        if (seen !== world.packs[name]) continue;
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.add(resolve);
        signal?.addEventListener('abort', () => resolve(), { once: true });
        await promise;
        waiting.delete(resolve);
      }
    }),
    getPack: os.devices.getPack.handler(({ input: { name } }) => {
      set(name, { state: 'downloading' });
      void come(name);
    }),
    stopPack: os.devices.stopPack.handler(({ input: { name } }) =>
      set(name, { state: 'absent', bytesPerSecond: null }),
    ),
    testPack: os.devices.testPack.handler(async () => {
      await wait(1000);
      set('openvino', { test: TESTED });
    }),
    removePack: os.devices.removePack.handler(({ input: { name } }) => {
      set(name, { state: 'absent', bytes: 0, test: null });
      return { freedBytes: world.packs[name].diskBytes };
    }),
  };
}
