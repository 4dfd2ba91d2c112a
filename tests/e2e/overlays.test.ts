/**
 * Whatever opens over a page leaves it as it was: it closes in each of its ways in a real Chromium, and then something beneath is clicked
 * with the mouse. That Esc closes it on every screen is in accessibility.test.ts.
 */
import type { Page } from 'playwright-core';
import { describe, test } from 'vitest';
import { clickAt, clickBeneath, closeWithEsc, nothingOver } from '../helpers/layers.ts';
import { screenNamed, staged } from '../helpers/staged.ts';

const { hasBrowser, show } = await staged();
/** For one screen on a computer that does much else. */
const MOST_MS = 300_000;

async function at(name: string, look: (page: Page) => Promise<unknown>): Promise<void> {
  const shown = await show(screenNamed(name));
  try {
    await look(shown.page);
    await nothingOver(shown.page);
    await clickBeneath(shown.page);
  } finally {
    await shown.close();
  }
}

describe.skipIf(!hasBrowser)('the mouse still clicks after', () => {
  const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first();
  const WAYS: Readonly<Record<string, readonly [screen: string, act: (page: Page) => Promise<unknown>]>> = {
    'a choice in a menu, and the dialog that it opened': [
      'run-menu',
      async (page) => {
        await page.getByRole('menuitem', { name: 'Rename' }).click();
        await button(page, 'Close').click();
      },
    ],
    'a click outside a menu': ['run-menu', (page) => clickAt(page, page.locator('h1'))],
    'a second click on what opened a menu': [
      'run-menu',
      (page) => clickAt(page, page.locator('button[aria-haspopup=menu]').first()),
    ],
    'a menu twice': [
      'run-menu',
      async (page) => {
        await closeWithEsc(page);
        await button(page, 'More about this run').click();
        await page.getByRole('menu').waitFor();
        await page.keyboard.press('Escape');
      },
    ],
    'a choice in a list': [
      'settings',
      async (page) => {
        await page.getByRole('combobox', { name: 'Theme' }).click();
        await page.getByRole('option', { name: 'Dark' }).click();
      },
    ],
    'the last button of the tour': [
      'welcome-tour',
      (page) => page.getByRole('dialog').getByRole('button').last().click(),
    ],
    'a choice in the palette': [
      'palette',
      async (page) => {
        await page.getByRole('option').first().click();
      },
    ],
    'a tooltip': [
      'plan',
      async (page) => {
        await page.locator('main a.term, main a.mark').first().hover();
        await page.locator('.tooltip').waitFor();
        await page.mouse.move(0, 0);
        await page.locator('.tooltip').waitFor({ state: 'detached' });
      },
    ],
    'a message that is closed': ['undo', (page) => button(page, 'Close').click()],
  };
  test.each(Object.entries(WAYS))('%s', (_, [screen, act]) => at(screen, act), MOST_MS);
});
