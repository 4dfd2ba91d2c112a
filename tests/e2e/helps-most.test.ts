/** What would help most, as a hand does it: each button of a result leads to where that is done. In a real Chromium, over the fake API. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { screenNamed, staged } from '../helpers/staged.ts';

const { hasBrowser, show } = await staged();
const MOST_MS = 300_000;
const RESULT = screenNamed('result-remedies');

const addressOf = (page: Page) => page.evaluate<string>('location.hash');

describe.skipIf(!hasBrowser)('a result', () => {
  test(
    'shows three ways at most, and opens the rows that were mixed up',
    async () => {
      const { page, close } = await show(RESULT);
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
      const { page, close } = await show(RESULT);
      await page.getByRole('button', { name: /: Mix in general rows$/ }).click();
      await expect.poll(() => addressOf(page)).toBe('#/new/plan');
      await close();
    },
    MOST_MS,
  );

  test(
    'shows the prompt that is enough, to be copied',
    async () => {
      const { page, close } = await show(screenNamed('result-partly'));
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      const verdict = page.getByRole('region', { name: 'Verdict' });
      await verdict.getByText('A better prompt does as well, without training.').waitFor();
      await verdict.getByRole('button', { name: 'Copy the prompt' }).click();
      await verdict.getByRole('button', { name: 'Copied' }).waitFor();
      const copied = await page.evaluate<string>('navigator.clipboard.readText()');
      expect(copied.match(/^Question: /gm)).toHaveLength(3);
      await close();
    },
    MOST_MS,
  );
});

test.skipIf(!hasBrowser)(
  'the data step says what more rows would bring, and where',
  async () => {
    const { page, close } = await show(screenNamed('data-doctor'));
    const words =
      /^With 400 more rows, a sorter would likely get 85% to 94% right; today about 87%\.\s+Most to gain: account, delivery\./;
    await page.getByText(words).waitFor();
    await close();
  },
  MOST_MS,
);

test.skipIf(!hasBrowser)(
  'the data step says it of the fields of JSON answers',
  async () => {
    const screen = screenNamed('data-doctor');
    const { page, close } = await show({
      ...screen,
      world(world) {
        screen.world?.(world);
        const fields = { forecast: ['area', 'food'], others: ['name'] };
        const gains = [{ answer: 'food', rows: 400, wrong: 80 }];
        world.more = { ...world.more, categories: null, fields, gains };
      },
    });
    const words =
      /^With 400 more rows, word counts would likely get 85% to 94% of the fields right; today about 87%\.\s+Most to gain: food\./;
    await page.getByText(words).waitFor();
    await close();
  },
  MOST_MS,
);
