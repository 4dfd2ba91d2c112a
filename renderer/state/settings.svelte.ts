/** The person's settings, and the theme that follows them. */
import type { Settings } from '../../common/api/contract.ts';
import { DEFAULT_SETTINGS } from '../../common/settings/app.ts';
import { api } from '../api.ts';
import { rememberLanguage } from '../locale.ts';
import { toasts } from './layers.svelte.ts';

/**
 * Which of the two themes is shown. The choice "system" is resolved here once and written as `data-theme`, so
 * that dark values stand in one place of tokens.css; plots, which draw on a canvas, follow `theme.dark`.
 */
class Theme {
  dark = $state(false);
  #choice: Settings['theme'] = 'system';
  readonly #system = globalThis.matchMedia?.('(prefers-color-scheme: dark)');

  constructor() {
    this.#system?.addEventListener('change', () => this.show(this.#choice));
    this.show('system');
  }

  /** Shows the chosen theme at once. */
  show(choice: Settings['theme']): void {
    this.#choice = choice;
    this.dark = choice === 'dark' || (choice === 'system' && (this.#system?.matches ?? false));
    if (typeof document !== 'undefined')
      document.documentElement.dataset.theme = this.dark ? 'dark' : 'light';
  }
}

export const theme = new Theme();

class SettingsState {
  /** Until the kept settings are here, the usual ones. */
  value = $state.raw<Settings>(DEFAULT_SETTINGS);
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

  /** Another language comes with another page. */
  async speak(language: Settings['language']): Promise<void> {
    if ((await this.set({ language })) && rememberLanguage(language)) window.location.reload();
  }

  #show(value: Settings): void {
    this.value = value;
    theme.show(value.theme);
  }
}

export const settings = new SettingsState();
