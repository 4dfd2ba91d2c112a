/**
 * Every language in a real browser: nothing is cut off in the smallest window, nor at 200 % zoom, where its words are long or its signs wide.
 * Every screen, in English and with the French texts, which are the longest, is in accessibility.test.ts.
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LANGUAGE_CODES, LANGUAGES } from '../../common/words/language.ts';
import { launchBrowser } from '../helpers/browser.ts';
import { type BuiltPages, builtPages } from '../helpers/built-pages.ts';
import { CUT_OFF } from '../helpers/cut-off.ts';
import { SCREENS, SMALL, Stage, settled } from '../helpers/screens.ts';

/** Screens that come by their address alone: those that a person sees first, and those with the most words in little room. */
const LOOKED_AT = [
  ...['welcome', 'computer', 'goal', 'model', 'data', 'plan'],
  ...['training', 'result-learned', 'details', 'use-chat', 'history', 'settings', 'learn-cards'],
];
const ZOOMED = { width: SMALL.width / 2, height: SMALL.height / 2 };
const REDRAWN_MS = 60;

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

// side by side: half of the time they wait until something is drawn
test.concurrent.each(LANGUAGE_CODES.filter((code) => code !== 'en'))(
  'nothing is cut off in %s',
  async (code) => {
    const stage = await Stage.open(browser, pages.folder, LANGUAGES[code].locale);
    const found: Record<string, readonly string[]> = {};
    const screens = Object.values(SCREENS)
      .flat()
      .filter(({ name }) => LOOKED_AT.includes(name));
    expect(screens.length).toBe(LOOKED_AT.length);
    for (const { act: _, ...screen } of screens) {
      const ready: typeof screen.ready = (page) => page.locator('h1').first();
      const { page, errors, close } = await stage.show({ ...screen, ready });
      expect(await page.evaluate('document.documentElement.lang')).toBe(code);
      const inSmall = await page.evaluate<string[]>(CUT_OFF);
      await page.setViewportSize(ZOOMED);
      await settled(page, REDRAWN_MS);
      const wrong = [...errors, ...inSmall, ...(await page.evaluate<string[]>(CUT_OFF))];
      if (wrong.length > 0) found[screen.name] = wrong;
      await close();
    }
    await stage.close();
    expect(found).toEqual({});
  },
);
