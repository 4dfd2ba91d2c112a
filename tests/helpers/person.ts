/** What a person does at a page: looks for words, clicks, types; when something is not there, the error tells what is. */
import type { Locator, Page } from 'playwright-core';

export interface Person {
  readonly page: Page;
  /** Clicks so far. */
  clicks(): number;
  click(target: Locator): Promise<void>;
  button(name: string | RegExp): Locator;
  heading(name: string | RegExp): Locator;
  /** Waits until it can be seen. */
  sees(what: string | RegExp | Locator): Promise<void>;
}

export function personAt(page: Page): Person {
  let clicks = 0;
  const telling = async <T>(doing: Promise<T>): Promise<T> => {
    try {
      return await doing;
    } catch (error) {
      const text = await page.locator('body').ariaSnapshot();
      throw new Error(
        `${error instanceof Error ? error.message : error}\nThe page at ${page.url()} says:\n${text}`,
      );
    }
  };
  return {
    page,
    clicks: () => clicks,
    async click(target) {
      clicks++;
      await telling(target.click());
    },
    button: (name) => page.getByRole('button', { name }),
    heading: (name) => page.getByRole('heading', { level: 1, name }),
    async sees(what) {
      const target = typeof what === 'string' || what instanceof RegExp ? page.getByText(what) : what;
      await telling(target.first().waitFor({ state: 'visible' }));
    },
  };
}
