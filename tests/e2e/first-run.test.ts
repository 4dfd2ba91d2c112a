/**
 * A new user at the first screen, who has read nothing: check the computer, choose a goal, the bundled model and a sample,
 * start, and read the verdict. Real host, real engine, real browser; the clicks are counted.
 */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../helpers/browser.ts';
import { type OpenedPage, openPage, startWebApp, type WebAppUnderTest } from '../helpers/web-app.ts';

const MOST_CLICKS = 12;
const WHOLE_RUN_MS = 600_000;

let browser: Browser;
let app: WebAppUnderTest;
let opened: OpenedPage;
let page: Page;
let clicks = 0;

beforeAll(async () => {
  [browser, app] = await Promise.all([launchBrowser(), startWebApp()]);
  opened = await openPage(browser, app);
  page = opened.page;
}, 300_000);

afterAll(async () => {
  await browser?.close();
  await app?.close();
});

async function click(target: Locator): Promise<void> {
  clicks++;
  await target.click({ timeout: 60_000 });
}
const button = (name: string | RegExp) => page.getByRole('button', { name });
const heading = (name: string | RegExp) => page.getByRole('heading', { level: 1, name });
const shown = (target: Locator, timeout = 60_000) => target.waitFor({ state: 'visible', timeout });

describe('from the first screen to a verdict', () => {
  test(
    'with at most twelve clicks, without reading documentation',
    async () => {
      await shown(heading('What can this computer do?'));
      const began = Date.now();
      await click(button('Check this computer'));
      await shown(page.getByText(/This computer can fine-tune/));
      await click(button('Continue'));

      await shown(heading('What should the model do differently?'));
      await click(page.getByText('Sort and extract', { exact: true }).first());
      await click(button('Continue'));

      await shown(heading('Which model do you start from?'));
      await click(button('Practice model'));
      await click(button('Continue'));

      await shown(heading('What should the model learn from?'));
      await click(page.getByRole('button', { name: /Support messages/ }));
      await shown(page.getByText(/rows, all of them readable/));
      await click(button('Continue'));

      await shown(heading('What will it take?'));
      await shown(page.getByText(/of training/).first());
      await click(button('Start training'));

      await shown(page.getByRole('tab', { name: 'Training' }));
      await shown(page.getByText(/step [\d,]+ of [\d,]+/).first());
      await shown(page.getByText(/It learned|Partly|partly|did not learn/).first(), WHOLE_RUN_MS - 60_000);
      console.info(
        `${clicks} clicks and ${Math.round((Date.now() - began) / 1000)} s from the first screen to the verdict`,
      );
      expect(clicks).toBeLessThanOrEqual(MOST_CLICKS);
      expect(opened.errors).toEqual([]);
    },
    WHOLE_RUN_MS,
  );

  test('the run stands in the history, with its verdict', async () => {
    await page.getByRole('link', { name: 'History' }).click();
    await shown(heading('History'));
    await shown(page.getByRole('row', { name: /support-messages with Practice model/ }).first());
    expect(opened.errors).toEqual([]);
  });
});
