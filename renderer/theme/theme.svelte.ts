/**
 * Which of the two themes is shown. The choice "system" is resolved here once and written as `data-theme`, so that dark values
 * stand in one place of tokens.css; plots, which draw on a canvas, follow `theme.dark`.
 */
export type ThemeChoice = 'system' | 'light' | 'dark';

class Theme {
  dark = $state(false);
  #choice: ThemeChoice = 'system';
  readonly #system = globalThis.matchMedia?.('(prefers-color-scheme: dark)');

  constructor() {
    this.#system?.addEventListener('change', () => this.show(this.#choice));
    this.show('system');
  }

  /** Shows the chosen theme at once. */
  show(choice: ThemeChoice): void {
    this.#choice = choice;
    this.dark = choice === 'dark' || (choice === 'system' && (this.#system?.matches ?? false));
    if (typeof document !== 'undefined')
      document.documentElement.dataset.theme = this.dark ? 'dark' : 'light';
  }
}

export const theme = new Theme();
