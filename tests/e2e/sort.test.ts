/** Sorting rows on the page of a run, in a real Chromium over the fake API: nothing starts before the person says so. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { screenNamed, staged } from '../helpers/staged.ts';

const { hasBrowser, show } = await staged();

test.skipIf(!hasBrowser)(
  'the limit stands above the file, and holds for the rows that are shown',
  async () => {
    const { act: _, ...use } = screenNamed('use-sorted');
    const ready = (page: Page) => page.getByLabel('File with rows to sort').first();
    const { page, errors, close } = await show({ ...use, ready });
    try {
      const limit = page.getByLabel('Ask a person below this score');
      const drop = page.getByRole('group', { name: 'File with rows to sort' });
      const start = page.getByRole('button', { name: 'Start sorting' });
      const [above, below] = [await limit.boundingBox(), await drop.boundingBox()];
      expect(above!.y).toBeLessThan(below!.y);
      expect(await start.count()).toBe(0);

      const content = {
        name: 'mails.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from('text\nWhere is it?\n'),
      };
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
  },
);
