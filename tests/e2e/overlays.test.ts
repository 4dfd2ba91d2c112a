/**
 * Whatever opens over a page leaves it as it was: on every screen each menu, list and dialog is opened and closed in a real Chromium,
 * and then something beneath is clicked with the mouse.
 */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { SCREENS } from '../helpers/screens.ts';
import { screenNamed, staged } from '../helpers/staged.ts';

const { hasBrowser, show } = await staged();
/** For one screen on a computer that does much else. */
const MOST_MS = 300_000;
/** A click arrives at once, or never. */
const PATIENCE_MS = 20_000;
const ALL = Object.values(SCREENS)
  .flat()
  .filter(({ partOf, endsHost }) => partOf === undefined && !endsHost);
const LAYERS = '[role=dialog], [role=menu], [role=listbox]:not([role=dialog] *)';
const OPENERS = 'button[aria-haspopup=menu], button[aria-haspopup=listbox]';

/** Waits until nothing lies over the page. */
const nothingOver = (page: Page) =>
  expect.poll(() => page.locator(LAYERS).count(), { timeout: PATIENCE_MS }).toBe(0);

async function closeWithEsc(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await nothingOver(page);
}

/** Clicks where a thing stands, as a hand does: without waiting until it can be hit. */
async function clickAt(page: Page, place: Locator): Promise<void> {
  const box = (await place.boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}

/** Goes to another page with the mouse alone; the address says whether the click arrived. */
async function clickBeneath(page: Page): Promise<void> {
  const isThere = await page.evaluate(`location.hash.startsWith('#/help')`);
  const to = isThere ? 'settings' : 'help';
  await clickAt(page, page.locator(`nav a[href="#/${to}"]`));
  await expect.poll(() => page.evaluate('location.hash'), { timeout: PATIENCE_MS }).toBe(`#/${to}`);
}

/** The kinds of what has been opened and closed, over all screens. */
const kinds = new Set<string>();

/** Opens and closes what a screen has; whether that was anything. */
async function openAndClose(page: Page): Promise<boolean> {
  const seen = new Set<string>();
  const close = async () => {
    kinds.add((await page.locator(LAYERS).first().getAttribute('role'))!);
    await closeWithEsc(page);
  };
  if ((await page.locator(LAYERS).count()) > 0) {
    seen.add('');
    await close();
  }
  for (const opener of await page.locator(OPENERS).all()) {
    // the menus of a table's rows are one menu
    const name = (await opener.ariaSnapshot()).replace(/".*"/, '');
    if (seen.has(name) || !(await opener.isEnabled())) continue;
    seen.add(name);
    await opener.click();
    await page.locator(LAYERS).first().waitFor();
    await close();
  }
  return seen.size > 0;
}

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

describe.skipIf(!hasBrowser)('the mouse still clicks after Esc has closed everything on', () => {
  test.each(ALL.map(({ name }) => name))(
    '%s',
    async (name) => {
      const shown = await show(screenNamed(name));
      try {
        if (await openAndClose(shown.page)) await clickBeneath(shown.page);
      } finally {
        await shown.close();
      }
    },
    MOST_MS,
  );
  test('which are menus, lists and dialogs', () =>
    expect([...kinds].sort()).toEqual(['dialog', 'listbox', 'menu']));
});

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
