/** The card of a sample in a browser: what each model learned from it, and answers before and after on opening one. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser } from '../helpers/browser.ts';
import { type BuiltPages, builtPages } from '../helpers/built-pages.ts';
import { SCREENS, Stage } from '../helpers/screens.ts';

let pages: BuiltPages;
let browser: Browser;
let stage: Stage;
beforeAll(async () => {
  pages = await builtPages();
  browser = await launchBrowser();
  stage = await Stage.open(browser, pages.folder);
});
afterAll(async () => {
  await stage?.close();
  await browser?.close();
  pages?.remove();
});

it('shows a result of each model that was measured', async () => {
  const plain = Object.values(SCREENS)
    .flat()
    .find(({ name }) => name === 'data-source')!;
  const screen: typeof plain = {
    ...plain,
    world: (world) => {
      plain.world?.(world);
      world.samples = world.samples.map((sample) => ({
        ...sample,
        results: sample.results.flatMap((small) => [small, { ...small, model: 'Larger-1B' }]),
      }));
    },
  };
  const { page, errors, close } = await stage.show(screen);
  await page.getByRole('button', { name: /^Show all/ }).click();
  const card = page.getByRole('listitem').filter({ hasText: 'Product descriptions' });
  const learned = card.getByText(/learned this in/);
  await learned.first().waitFor();
  expect(await learned.allTextContents()).toEqual([
    expect.stringMatching(/^SmolLM2-135M-Instruct learned this in/),
    expect.stringMatching(/^Larger-1B learned this in/),
  ]);
  await learned.last().click();
  await card.getByText('After', { exact: true }).first().waitFor();
  expect(errors).toEqual([]);
  await close();
});
