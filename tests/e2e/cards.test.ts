/** The plan's choice of one of several graphics cards, by hand in a real Chromium, on a made-up computer with two. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { settled } from '../helpers/screens.ts';
import { screenNamed, staged } from '../helpers/staged.ts';

const { hasBrowser, show } = await staged();
/** A draft is saved a moment after a change. */
const SAVED_MS = 2000;
const CARDS = ['NVIDIA GeForce RTX 4070', 'NVIDIA GeForce RTX 3060'];

describe.skipIf(!hasBrowser)('a run on one of several cards', () => {
  const card = (page: Page, name: string) =>
    page.getByRole('radio', { name: new RegExp(`^${name} \\(ggml\\)`) });

  test('is chosen in the plan by its name, and stays chosen', async () => {
    const shown = await show(screenNamed('plan-device-cards'));
    const { page, errors } = shown;
    try {
      for (const name of CARDS) expect(await card(page, name).isChecked()).toBe(false);
      await page.getByText(`${CARDS[1]} (ggml)`).click();
      expect(await card(page, CARDS[1]!).isChecked()).toBe(true);
      expect(await card(page, CARDS[0]!).isChecked()).toBe(false);
      await settled(page, SAVED_MS);
      await page.reload();
      await page.locator('summary', { hasText: 'More options' }).click();
      await card(page, CARDS[1]!).waitFor();
      expect(await card(page, CARDS[1]!).isChecked()).toBe(true);
      await page.getByText('Processor', { exact: true }).click();
      expect(await card(page, CARDS[1]!).isChecked()).toBe(false);
      expect(errors).toEqual([]);
    } finally {
      await shown.close();
    }
  });
});
