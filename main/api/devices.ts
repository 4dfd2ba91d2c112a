/** What is got afterwards to compute on a device. */
import type { Parts } from './parts.ts';
import type { Implementer } from './router.ts';

export function deviceCalls(os: Implementer, { packs }: Parts) {
  return {
    nvidia: os.devices.nvidia.handler(async function* ({ signal }) {
      yield* packs.nvidia(signal);
    }),
    getNvidia: os.devices.getNvidia.handler(() => packs.getNvidia()),
    stopNvidia: os.devices.stopNvidia.handler(() => packs.stopNvidia()),
    removeNvidia: os.devices.removeNvidia.handler(async () => ({ freedBytes: await packs.removeNvidia() })),
  };
}
