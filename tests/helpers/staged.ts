/** The pages over the fake API in a real Chromium, for a file of tests: opened before the first and closed after the last. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchBrowser } from './browser.ts';
import { type BuiltPages, builtPages } from './built-pages.ts';
import { type OpenScreen, SCREENS, type Screen, Stage } from './screens.ts';

/** Building the pages and starting a browser, on a computer that does much else. */
const MOST_MS = 300_000;

export interface Staged {
  /** Whether there is a browser here; tests are skipped without one, but not where all checks run. */
  readonly hasBrowser: boolean;
  /** Shows a screen; close it before the next one. */
  show(screen: Screen): Promise<OpenScreen>;
}

/** To be called once, at the head of a file of tests. */
export async function staged(): Promise<Staged> {
  const browser: Browser | null = await launchBrowser().catch((error: unknown) => {
    if (process.env.CI && process.platform === 'linux' && process.arch === 'x64') throw error;
    return null;
  });
  let pages: BuiltPages | undefined;
  let stage: Stage | undefined;
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
  return { hasBrowser: browser !== null, show: (screen) => stage!.show(screen) };
}

/** The screen of that name. */
export function screenNamed(name: string): Screen {
  const found = Object.values(SCREENS)
    .flat()
    .find((screen) => screen.name === name);
  if (!found) throw new Error(`No screen is called ${name}.`);
  return found;
}
