/** Every screen and state of the application in a real browser over the fake API, for pictures and for the check of accessibility. */
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { languageOf } from '../../common/words/language.ts';
import { sampleSets } from '../../main/app/samples.ts';
import { readCatalog, withLocal } from '../../main/hub/catalog.ts';
import { resourcesFolder } from '../../main/paths.ts';
import type { WebServer } from '../../main/serve/serve.ts';
import * as extras from '../extras/screens.ts';
import { fakeWorld } from './fake-api/world.ts';
import { serveFake } from './fake-app.ts';
import { pagesIn } from './in-language.ts';
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
  'Everything else': [...pageScreens, ...Object.values<readonly Screen[]>(extras).flat()],
};

/** A Saturday morning on which it is always the same time. */
const NOW = Date.parse('2026-03-14T09:41:00Z');
const WORLD = { now: NOW, still: true };
/** Playwright's clock would take over the timers too, and be compiled for every document. */
const STOPPED_CLOCK = `{
  const given = (values) => (values.length > 0 ? values : [${NOW}]);
  Date.now = () => ${NOW};
  Date = new Proxy(Date, {
    construct: (Real, values, target) => Reflect.construct(Real, given(values), target),
    apply: () => String(new Date()),
  });
}`;
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
 * and nothing moves. Host and tab stay: each screen is a new document, whose code the browser has read and compiled already, and the
 * world is made again. An address of another origin between two screens, `about:blank` too, would end the process that knows the code.
 */
export class Stage {
  readonly #renderer: string;
  readonly #context: BrowserContext;
  /** The page, asked for English words in whatever language it is. */
  readonly #askedInEnglish: (page: Page) => Page;
  readonly #world = fakeWorld(WORLD);
  #server: WebServer | null = null;
  #tab: Page | null = null;
  /** Of the screen that is shown. */
  #errors: string[] = [];

  private constructor(renderer: string, context: BrowserContext, askedInEnglish: (page: Page) => Page) {
    this.#renderer = renderer;
    this.#context = context;
    this.#askedInEnglish = askedInEnglish;
  }

  /** A stage for the pages in the folder `renderer`, in a browser of that language. */
  static async open(browser: Browser, renderer: string, locale = 'en-GB'): Promise<Stage> {
    const context = await browser.newContext({
      ...{ viewport: SMALL, locale, timezoneId: 'Europe/Berlin' },
      reducedMotion: 'reduce',
    });
    await context.addInitScript(STOPPED_CLOCK);
    return new Stage(renderer, context, await pagesIn(languageOf(locale)));
  }

  /** Opens a screen and waits until it is complete. Close it before the next one. */
  async show(screen: Screen): Promise<OpenScreen> {
    const { catalog, ...others } = await real;
    const world = Object.assign(this.#world, fakeWorld(WORLD), others);
    world.catalog = withLocal(catalog, world.local);
    screen.world?.(world);
    const server = await this.#serve();
    const page = await this.#emptyTab();
    const errors: string[] = [];
    this.#errors = errors;
    const close = () => this.#leave(page, server, screen.endsHost);
    try {
      await page.goto(`${server.address}#/${screen.at}`);
      const asked = this.#askedInEnglish(page);
      await screen.act?.(asked, server);
      await screen.ready(asked).waitFor();
      // what lies under the pointer by chance would open its tooltip
      await page.mouse.move(0, 0);
      await settled(page);
    } catch (cause) {
      await this.#leave(page, server, true);
      throw new Error(`The screen ${screen.name} does not come: ${cause}`, { cause });
    }
    return { page, errors, close };
  }

  async close(): Promise<void> {
    await this.#context.close();
    await this.#stop();
  }

  async #emptyTab(): Promise<Page> {
    this.#tab ??= await this.#newTab();
    await this.#tab.setViewportSize(SMALL);
    await this.#tab.emulateMedia({ colorScheme: null });
    return this.#tab;
  }

  async #newTab(): Promise<Page> {
    const tab = await this.#context.newPage();
    tab.on('pageerror', (error) => this.#errors.push(String(error)));
    tab.on('console', (message) => {
      if (message.type() === 'error') this.#errors.push(message.text());
    });
    return tab;
  }

  /** Ends the page, so that nothing of it reaches the next world; with `isLast` its tab and its host too. */
  async #leave(page: Page, server: WebServer, isLast = false): Promise<void> {
    this.#errors = [];
    if (!isLast) return void (await page.goto(new URL('nothing', server.address).href));
    this.#tab = null;
    await page.close();
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
  await page.evaluate(`document.fonts.ready
    .then(() => new Promise((passed) => setTimeout(passed, ${ms})))
    .then(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn()))))`);
}
