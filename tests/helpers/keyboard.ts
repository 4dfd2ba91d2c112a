/** A person without a mouse: Tab until the thing has the focus, then a key. What cannot be reached that way fails. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** More Tabs than any page has stops on the way to its main action. */
const MOST_TABS = 40;

export interface Keyboard {
  /** Keys pressed so far. */
  keys(): number;
  press(key: string): Promise<void>;
  /** Goes on with Tab until `target` has the focus, which must be visible there, and presses `key`. */
  reach(target: Locator, key?: string): Promise<void>;
}

export function keyboardAt(page: Page): Keyboard {
  let keys = 0;
  const press = async (key: string) => {
    keys += 1;
    await page.keyboard.press(key);
  };
  return {
    keys: () => keys,
    press,
    async reach(target, key = 'Enter') {
      await target.first().waitFor({ state: 'visible' });
      for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
        if (await target.first().evaluate((element) => element === element.ownerDocument.activeElement)) {
          expect(await target.first().evaluate((element) => element.matches(':focus-visible'))).toBe(true);
          return await press(key);
        }
        await press('Tab');
      }
      throw new Error(`${target} was not reached with ${MOST_TABS} times Tab`);
    },
  };
}
