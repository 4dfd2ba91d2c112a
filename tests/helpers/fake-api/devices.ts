/** A made-up NVIDIA pack that comes in a few steps. Never shipped. */
import { implement } from '@orpc/server';
import type { NvidiaPack } from '../../../common/api/contract.ts';
import { contract } from '../../../common/api/contract.ts';
import type { FakeWorld } from './world.ts';

const DOWNLOAD = 729e6;

const absent: NvidiaPack = {
  ...{ state: 'absent', bytes: 0, downloadBytes: DOWNLOAD, diskBytes: 1e9 },
  ...{ bytesPerSecond: null, secondsLeft: null, problem: null },
  ...{ onnxruntime: '1.30.0', cuda: '13.0', oldestDriver: '580.65.06' },
  licences: [
    { name: 'MIT', url: 'https://github.com/microsoft/onnxruntime/blob/main/LICENSE' },
    { name: 'NVIDIA CUDA Toolkit EULA', url: 'https://docs.nvidia.com/cuda/eula/' },
  ],
};

/** `wait` is that of the fake API; in a world that stands still, the download stops where it is seen best. */
export function fakeDevices(world: FakeWorld, wait: (ms: number, signal?: AbortSignal) => Promise<void>) {
  const os = implement(contract);
  let pack = absent;
  let wake = () => {};
  const set = (change: Partial<NvidiaPack>) => {
    pack = { ...pack, ...change };
    wake();
  };

  async function come(): Promise<void> {
    while (pack.state === 'downloading' && pack.bytes < DOWNLOAD) {
      const bytes = Math.min(DOWNLOAD, pack.bytes + 60e6);
      set({ bytes, bytesPerSecond: 24e6, secondsLeft: (DOWNLOAD - bytes) / 24e6 });
      if (world.still && bytes > DOWNLOAD / 3) return;
      await wait(200);
    }
    if (pack.state === 'downloading') set({ state: 'ready', bytesPerSecond: null, secondsLeft: null });
  }

  return {
    nvidia: os.devices.nvidia.handler(async function* ({ signal }) {
      while (!signal?.aborted) {
        const seen = pack;
        yield seen;
        if (seen === pack)
          await new Promise<void>((resolve) => {
            wake = resolve;
            signal?.addEventListener('abort', () => resolve(), { once: true });
          });
      }
    }),
    getNvidia: os.devices.getNvidia.handler(() => {
      set({ state: 'downloading' });
      void come();
    }),
    stopNvidia: os.devices.stopNvidia.handler(() => set({ state: 'absent', bytesPerSecond: null })),
    removeNvidia: os.devices.removeNvidia.handler(() => {
      set({ state: 'absent', bytes: 0 });
      return { freedBytes: 1e9 };
    }),
  };
}
