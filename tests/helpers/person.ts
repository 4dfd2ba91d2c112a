/** What a person does at a page: looks for words, clicks, types; when something is not there, the error tells what is. */
import { errors, type Locator, type Page } from 'playwright-core';
import { SCREEN_MS, WAIT_MS } from './limits.ts';

export interface Person {
  readonly page: Page;
  /** Clicks so far. */
  clicks(): number;
  click(target: Locator): Promise<void>;
  button(name: string | RegExp): Locator;
  heading(name: string | RegExp): Locator;
  /** A step of a new run, where the wizard lists them. */
  step(name: RegExp): Locator;
  /** Drops a table on the data step. */
  drop(name: string, content: string): Promise<void>;
  /** Waits until it can be seen. */
  sees(what: string | RegExp | Locator): Promise<void>;
}

export function personAt(page: Page): Person {
  let clicks = 0;
  const saysNow = () => page.locator('body').ariaSnapshot();
  /** Waits as long as the page goes on changing, as it does while it shows work. */
  const patiently = async (act: () => Promise<void>): Promise<void> => {
    const end = Date.now() + WAIT_MS;
    for (let before = ''; ; ) {
      try {
        return await act();
      } catch (error) {
        const now = await saysNow();
        if (!(error instanceof errors.TimeoutError) || now === before || Date.now() > end) throw error;
        before = now;
      }
    }
  };
  const telling = async (act: () => Promise<void>): Promise<void> => {
    try {
      await patiently(act);
    } catch (error) {
      const text = await saysNow();
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
      await telling(() => target.click({ timeout: SCREEN_MS / 2 }));
    },
    button: (name) => page.getByRole('button', { name }),
    heading: (name) => page.getByRole('heading', { level: 1, name }),
    step: (name) => page.getByRole('navigation', { name: 'Steps of a new run' }).getByRole('link', { name }),
    async drop(name, content) {
      const dataTransfer = await page.evaluateHandle(`(() => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([${JSON.stringify(content)}], ${JSON.stringify(name)}, { type: 'text/csv' }));
        return transfer;
      })()`);
      await page.getByRole('group', { name: 'Drop files here' }).dispatchEvent('drop', { dataTransfer });
    },
    async sees(what) {
      const target = typeof what === 'string' || what instanceof RegExp ? page.getByText(what) : what;
      await telling(() => target.first().waitFor({ state: 'visible', timeout: SCREEN_MS / 2 }));
    },
  };
}
