/** Every screen and state of the application in a real browser over the fake API, for pictures and for the check of accessibility. */
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { sampleSets } from '../../main/api/samples.ts';
import { settingInfos } from '../../main/engine/session/app-settings.ts';
import { readCatalog, withLocal } from '../../main/hub/catalog.ts';
import { resourcesFolder } from '../../main/paths.ts';
import { serveFake } from './fake-app.ts';
import { pageScreens } from './screens/pages.ts';
import { runScreens } from './screens/run.ts';
import type { Screen } from './screens/screen.ts';
import { wizardScreens } from './screens/wizard.ts';
import { cookieOf } from './web-client.ts';

export type { Screen } from './screens/screen.ts';

/** By the part of the application that they belong to. */
export const SCREENS: Readonly<Record<string, readonly Screen[]>> = {
  'A new run': wizardScreens,
  'A run': runScreens,
  'Everything else': pageScreens,
};

/** A Saturday morning on which it is always the same time. */
const NOW = Date.parse('2026-03-14T09:41:00Z');
/** Much, because a computer that trains beside it is slow to draw. */
const PATIENCE_MS = 60_000;
export const SMALL = { width: 1024, height: 680 };

/** A browser profile whose language, zone and clock are always the same, and which moves nothing. */
export async function openContext(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({
    ...{ viewport: SMALL, locale: 'en-GB', timezoneId: 'Europe/Berlin' },
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.clock.setFixedTime(NOW);
  return context;
}

/** What ships with Fettle and needs no making up. */
const real = Promise.all([
  readCatalog(resourcesFolder()),
  sampleSets(path.join(resourcesFolder(), 'samples')),
]).then(([catalog, samples]) => ({ catalog, samples }));

export interface OpenScreen {
  readonly page: Page;
  /** Errors of the page and its console. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

export interface Pages {
  /** The folder with the built pages. */
  readonly renderer: string;
  readonly context: BrowserContext;
}

/** Opens a screen in a page of its own, over a world of its own, and waits until it is complete. */
export async function openScreen(screen: Screen, { renderer, context }: Pages): Promise<OpenScreen> {
  const { catalog, samples } = await real;
  const server = await serveFake({
    renderer,
    world: { now: NOW, still: true },
    change(world) {
      Object.assign(world, {
        catalog: withLocal(catalog, world.local),
        samples,
        settingInfos: settingInfos(),
      });
      screen.world?.(world);
    },
  });
  const [name = '', value = ''] = (await cookieOf(server)).split('=');
  await context.addCookies([{ name, value, url: server.address }]);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  const close = async () => {
    await page.close();
    await server.close().catch(() => {});
  };
  try {
    await page.goto(`${server.address}#/${screen.at}`);
    await page.locator('main h1').first().waitFor();
    await screen.act?.(page, server);
    await screen.ready(page).waitFor();
    await settled(page);
  } catch (error) {
    await close();
    throw new Error(`The screen ${screen.name} does not come: ${error}`, { cause: error });
  }
  return { page, errors, close };
}

/** Waits until what has been begun is drawn: fonts, plots, what comes with the next answers. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate('document.fonts.ready.then(() => null)');
  await page.waitForTimeout(250);
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
}
