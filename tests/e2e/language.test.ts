/** The language of the pages: the browser's, else the one that was chosen in Settings, here or on another visit. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../helpers/browser.ts';
import { type BuiltPages, builtPages } from '../helpers/built-pages.ts';
import type { FakeWorld } from '../helpers/fake-api/world.ts';
import { type Screen, Stage } from '../helpers/screens.ts';

let browser: Browser;
let pages: BuiltPages;

beforeAll(async () => {
  pages = await builtPages();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  pages?.remove();
});

/** Opens Settings as the person with that browser and that choice sees it. */
async function visit(
  locale: string,
  chosen: 'system' | 'en' | 'de',
  look: (page: Page, world: FakeWorld) => Promise<void>,
) {
  const stage = await Stage.open(browser, pages.folder, locale);
  let world: FakeWorld | undefined;
  const settings: Screen = {
    name: 'settings',
    title: 'Settings',
    at: 'settings',
    world(made) {
      world = made;
      made.settings = { ...made.settings, language: chosen };
    },
    ready: (page) => page.locator('h1'),
  };
  const { page, errors, close } = await stage.show(settings);
  await look(page, world!);
  expect(errors).toEqual([]);
  await close();
  await stage.close();
}

const heading = (page: Page, text: string) => page.getByRole('heading', { level: 1, name: text }).waitFor();
const languageOf = (page: Page) => page.evaluate('document.documentElement.lang');

test('is that of the browser', async () => {
  await visit('de-AT', 'system', async (page) => {
    await heading(page, 'Einstellungen');
    expect(await languageOf(page)).toBe('de');
  });
  await visit('nl-NL', 'system', (page) => heading(page, 'Settings'));
});

test('is the one that was chosen, whatever the browser has', async () => {
  await visit('en-GB', 'de', (page) => heading(page, 'Einstellungen'));
  await visit('de-DE', 'en', (page) => heading(page, 'Settings'));
});

test('changes in Settings at once, and stays', async () => {
  await visit('en-GB', 'system', async (page, world) => {
    await heading(page, 'Settings');
    await page.getByRole('combobox', { name: 'Language' }).click();
    await page.getByRole('option', { name: 'Deutsch' }).click();
    await heading(page, 'Einstellungen');
    expect(world.settings.language).toBe('de');
    await page.reload();
    await heading(page, 'Einstellungen');
    await page.getByRole('combobox', { name: 'Sprache' }).click();
    await page.getByRole('option', { name: 'English' }).click();
    await heading(page, 'Settings');
    expect(await languageOf(page)).toBe('en');
  });
});

test('lets an input method compose, and searches only for what it has composed', async () => {
  const stage = await Stage.open(browser, pages.folder, 'ja-JP');
  const glossary: Screen = {
    name: 'glossary',
    title: 'Glossary',
    at: 'glossary',
    ready: (page) => page.getByRole('heading', { level: 1, name: '用語集' }),
  };
  const { page, errors, close } = await stage.show(glossary);
  expect(await languageOf(page)).toBe('ja');
  const shown = () => page.locator('dt').count();
  const all = await shown();
  const keys = await page.context().newCDPSession(page);
  await page.getByLabel('用語を探す').focus();
  await keys.send('Input.imeSetComposition', { text: 'がくしゅうr', selectionStart: 6, selectionEnd: 6 });
  expect(await page.getByLabel('用語を探す').inputValue()).toBe('がくしゅうr');
  expect(await shown()).toBe(all);
  await keys.send('Input.insertText', { text: '学習率' });
  await page.waitForFunction(`document.querySelectorAll('dt').length < ${all}`);
  expect(await shown()).toBeGreaterThan(0);
  expect(errors).toEqual([]);
  await close();
  await stage.close();
});
