/** Every screen and state of the application in a real browser over the fake API, for pictures and for the check of accessibility. */
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Language, languageOf } from '../../common/words/language.ts';
import { sampleSets } from '../../main/app/data.ts';
import { readCatalog, withLocal } from '../../main/hub/catalog.ts';
import { resourcesFolder } from '../../main/paths.ts';
import type { WebServer } from '../../main/serve/serve.ts';
import { fakeWorld } from './fake-api/world.ts';
import { serveFake } from './fake-app.ts';
import { inGerman } from './in-german.ts';
import { pageScreens } from './screens/pages.ts';
import { runScreens } from './screens/run.ts';
import type { Screen } from './screens/screen.ts';
import { wizardScreens } from './screens/wizard.ts';
import { sessionWith } from './web-client.ts';

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
const WORLD = { now: NOW, still: true };
export const SMALL = { width: 1024, height: 680 };

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

/**
 * A browser profile with a host of its own, which shows one screen after the other. Language, zone and clock are always the same,
 * and nothing moves. The host stays, so that the browser need not read the pages anew for each screen; its world is made anew.
 */
export class Stage {
  readonly #renderer: string;
  readonly #context: BrowserContext;
  readonly #language: Language;
  readonly #world = fakeWorld(WORLD);
  #server: WebServer | null = null;

  private constructor(renderer: string, context: BrowserContext, language: Language) {
    this.#renderer = renderer;
    this.#context = context;
    this.#language = language;
  }

  /** A stage for the pages in the folder `renderer`, in a browser of that language. */
  static async open(browser: Browser, renderer: string, locale = 'en-GB'): Promise<Stage> {
    const context = await browser.newContext({
      ...{ viewport: SMALL, locale, timezoneId: 'Europe/Berlin' },
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.clock.setFixedTime(NOW);
    return new Stage(renderer, context, languageOf(locale));
  }

  /** Opens a screen and waits until it is complete. Close it before the next one. */
  async show(screen: Screen): Promise<OpenScreen> {
    const { catalog, ...others } = await real;
    const world = Object.assign(this.#world, fakeWorld(WORLD), others);
    world.catalog = withLocal(catalog, world.local);
    screen.world?.(world);
    const server = await this.#serve();
    const page = await this.#context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    const close = async () => {
      await page.close();
      if (screen.endsHost) await this.#stop();
    };
    try {
      await page.goto(`${server.address}#/${screen.at}`);
      const asked = this.#language === 'de' ? inGerman(page) : page;
      await screen.act?.(asked, server);
      await screen.ready(asked).waitFor();
      // what lies under the pointer by chance would open its tooltip
      await page.mouse.move(0, 0);
      await settled(page);
    } catch (cause) {
      await close();
      throw new Error(`The screen ${screen.name} does not come: ${cause}`, { cause });
    }
    return { page, errors, close };
  }

  async close(): Promise<void> {
    await this.#context.close();
    await this.#stop();
  }

  async #serve(): Promise<WebServer> {
    if (this.#server) return this.#server;
    const server = await serveFake({ renderer: this.#renderer, world: this.#world });
    const { cookie, key } = await sessionWith(server);
    const [name = '', value = ''] = cookie.split('=');
    await this.#context.addCookies([{ name, value, url: server.address }]);
    const port = JSON.stringify(new URL(server.address).port);
    const content = `location.port === ${port} && sessionStorage.setItem('fettle-key', '${key}')`;
    await this.#context.addInitScript({ content });
    this.#server = server;
    return server;
  }

  async #stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await server?.close().catch(() => {});
  }
}

/** Waits until what has been begun is drawn: fonts, plots, what comes with the next answers within `ms`. */
export async function settled(page: Page, ms = 250): Promise<void> {
  await page.evaluate('document.fonts.ready.then(() => null)');
  await page.waitForTimeout(ms);
  await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
}
