/** The libraries for NVIDIA's cards: here, on their way, or to be got. */
import type { NvidiaPack } from '../../common/api/contract.ts';
import { api, follow } from '../api.ts';
import { machine } from './host.svelte.ts';

class Nvidia {
  pack = $state.raw<NvidiaPack | null>(null);

  watch(signal: AbortSignal): Promise<void> {
    return follow<NvidiaPack>(
      signal,
      () => api.devices.nvidia(undefined, { signal }),
      (pack) => {
        const before = this.pack?.state;
        this.pack = pack;
        // what the cards can do changes with it
        if (before !== undefined && before !== pack.state) void machine.refresh().catch(() => {});
      },
    );
  }
}

export const nvidia = new Nvidia();
