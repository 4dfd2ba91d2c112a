/** Sorting rows on the page of a run, in a real Chromium over the fake API: nothing starts before the person says so. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../helpers/browser.ts';
import { type BuiltPages, builtPages } from '../helpers/built-pages.ts';
import { SCREENS, Stage } from '../helpers/screens.ts';

const browser: Browser | null = await launchBrowser().catch((error: unknown) => {
  if (process.env.CI && process.platform === 'linux' && process.arch === 'x64') throw error;
  return null;
});
let pages: BuiltPages;
let stage: Stage;

beforeAll(async () => {
  if (!browser) return;
  pages = await builtPages();
  stage = await Stage.open(browser, pages.folder);
});
afterAll(async () => {
  await stage?.close();
  await browser?.close();
  pages?.remove();
});

test.skipIf(!browser)('the limit stands above the file, and holds for the rows that are shown', async () => {
  const { act: _, ...use } = Object.values(SCREENS)
    .flat()
    .find(({ name }) => name === 'use-sorted')!;
  const ready = (page: Page) => page.getByLabel('File with rows to sort').first();
  const { page, errors, close } = await stage.show({ ...use, ready });
  try {
    const limit = page.getByLabel('Ask a person below this score');
    const drop = page.getByRole('group', { name: 'File with rows to sort' });
    const start = page.getByRole('button', { name: 'Start sorting' });
    const [above, below] = [await limit.boundingBox(), await drop.boundingBox()];
    expect(above!.y).toBeLessThan(below!.y);
    expect(await start.count()).toBe(0);

    const content = { name: 'mails.csv', mimeType: 'text/csv', buffer: Buffer.from('text\nWhere is it?\n') };
    await drop.locator('input[type=file]').setInputFiles(content);
    await start.waitFor();
    expect(await page.getByText('Loading the model').count()).toBe(0);
    expect(await page.getByRole('progressbar', { name: 'Sorting' }).count()).toBe(0);

    const asked = async (value: string) => {
      await limit.fill(value);
      await start.click();
      const table = page.getByRole('region', { name: 'The first rows, sorted' });
      await table.waitFor();
      expect(await table.locator('tbody tr').count()).toBe(6);
      const marked = table.locator('tr', { hasText: 'Ask a person' });
      const colours = (rows: typeof marked) =>
        rows
          .locator('td:first-child')
          .evaluateAll((cells) =>
            cells.map((cell) => cell.ownerDocument.defaultView!.getComputedStyle(cell).backgroundColor),
          );
      const [plain = ''] = await colours(table.locator('tr', { hasNotText: 'Ask a person' }));
      for (const colour of await colours(marked)) expect(colour).not.toBe(plain);
      return await marked.count();
    };
    expect(await asked('0.5')).toBe(1);
    expect(await asked('0.93')).toBe(4);
    expect(errors).toEqual([]);
  } finally {
    await close();
  }
});
