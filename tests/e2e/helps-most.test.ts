/** What would help most, as a hand does it: each button of a result leads to where that is done. In a real Chromium, over the fake API. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../helpers/browser.ts';
import { type BuiltPages, builtPages } from '../helpers/built-pages.ts';
import { SCREENS, Stage } from '../helpers/screens.ts';

const browser: Browser | null = await launchBrowser().catch((error: unknown) => {
  if (process.env.CI && process.platform === 'linux' && process.arch === 'x64') throw error;
  return null;
});
const MOST_MS = 300_000;
const RESULT = Object.values(SCREENS)
  .flat()
  .find(({ name }) => name === 'result-remedies')!;
let pages: BuiltPages;
let stage: Stage;

beforeAll(async () => {
  if (!browser) return;
  pages = await builtPages();
  stage = await Stage.open(browser, pages.folder);
}, MOST_MS);
afterAll(async () => {
  await stage?.close();
  await browser?.close();
  pages?.remove();
});

const addressOf = (page: Page) => page.evaluate<string>('location.hash');

describe.skipIf(!browser)('a result', () => {
  test(
    'shows three ways at most, and opens the rows that were mixed up',
    async () => {
      const { page, close } = await stage.show(RESULT);
      const ways = page.getByRole('region', { name: 'What would help most' });
      expect(await ways.getByRole('listitem').count()).toBeLessThanOrEqual(3);
      const look = ways.getByRole('button', { name: /^Look at \d+ rows/ });
      const rows = Number(/\d+/.exec((await look.textContent())!)![0]);
      await look.click();
      const dialog = page.getByRole('dialog', { name: 'Rows that were mixed up' });
      await dialog.waitFor();
      expect(await addressOf(page)).toBe('#/new/data');
      const table = dialog.getByRole('table');
      await expect.poll(() => table.getAttribute('aria-rowcount')).toBe(String(rows + 1));
      expect(await dialog.getByRole('columnheader').last().textContent()).toContain('Taken for');
      // all others are there, too
      await dialog.getByRole('button', { name: 'Show all rows' }).click();
      await page.getByRole('dialog', { name: 'Edit rows' }).waitFor();
      await page.getByRole('button', { name: 'Done' }).click();
      await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
      await close();
    },
    MOST_MS,
  );

  test(
    'prepares a run with general rows',
    async () => {
      const { page, close } = await stage.show(RESULT);
      await page.getByRole('button', { name: /: Mix in general rows$/ }).click();
      await expect.poll(() => addressOf(page)).toBe('#/new/plan');
      await close();
    },
    MOST_MS,
  );
});
