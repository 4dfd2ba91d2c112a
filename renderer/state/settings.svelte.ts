/** The person's settings. A change shows at once and is taken back, with the reason, where it cannot be kept. */
import type { Settings } from '../../common/api/contract.ts';
import { api } from '../api.ts';
import { theme } from '../theme/theme.svelte.ts';
import { toasts } from './toasts.svelte.ts';

/** What is shown until the kept settings are here. */
const BEFORE: Settings = {
  theme: 'system',
  allSettings: false,
  pricePerKwh: 0.3,
  currency: 'EUR',
  watts: null,
  keepAwake: true,
  notify: true,
  hubMirror: null,
  proxy: null,
  offline: false,
};

class SettingsState {
  value = $state.raw<Settings>(BEFORE);
  loaded = $state(false);

  async refresh(): Promise<void> {
    this.#show(await api.settings.get());
    this.loaded = true;
  }

  /** Keeps a change; resolves with whether it was kept. */
  async set(change: Partial<Settings>): Promise<boolean> {
    const before = this.value;
    this.#show({ ...before, ...change });
    try {
      this.#show(await api.settings.set(change));
      return true;
    } catch (error) {
      this.#show(before);
      toasts.problem(error);
      return false;
    }
  }

  #show(value: Settings): void {
    this.value = value;
    theme.show(value.theme);
  }
}

export const settings = new SettingsState();
