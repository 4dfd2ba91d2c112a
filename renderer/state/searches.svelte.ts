/** Searches of settings: a stream of the whole list, the newest first. */
import type { SettingsSearch } from '../../common/api/contract.ts';
import { api, follow } from '../api.ts';

class Searches {
  all = $state.raw<readonly SettingsSearch[]>([]);
  loaded = $state(false);

  watch(signal: AbortSignal): Promise<void> {
    return follow<readonly SettingsSearch[]>(
      signal,
      () => api.search.watch(undefined, { signal }),
      (all) => {
        this.all = all;
        this.loaded = true;
      },
    );
  }
}

export const searches = new Searches();
