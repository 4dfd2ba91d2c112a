/**
 * Accessibility of every screen and state, in English and in German: axe finds nothing, neither in the smallest window in the light
 * theme nor at 200 % zoom in the dark one, where nothing may be cut off or need scrolling sideways. On English pages no rule of axe is
 * left out, and the size of targets is checked beside those that are on by themselves. German pages have the elements and colours of
 * the English ones: they are asked once, at 200 %, for what words change. Every word of the glossary has one link on its English page.
 */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../helpers/browser.ts';
import { type BuiltPages, builtPages } from '../helpers/built-pages.ts';
import { SCREENS, type Screen, SMALL, Stage, settled } from '../helpers/screens.ts';
import { nestedLinks, unlinkedTerms } from '../helpers/unlinked-terms.ts';
import { visibleWords } from '../helpers/visible-words.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The smallest window at 200 % has half as many CSS pixels each way. */
const ZOOMED = { width: SMALL.width / 2, height: SMALL.height / 2 };
/** Learning pages say by marks which words lead where; the welcome and what is new have no links, the page of components shows samples. */
const OWN_MARKS = /^($|learn|components|news)/;
/** Words of Fettle's that a person sees before opening anything, by the beginning of the address. */
const MOST_WORDS: readonly (readonly [beginning: string, words: number])[] = [
  ['new/', 120],
  ['run/', 200],
];
/** Another theme or window asks nobody for anything: what is there is drawn again. */
const REDRAWN_MS = 60;
/** For one screen on a computer that does much else. */
const MOST_MS = 300_000;

/** By the language of the browser; each is looked at beside the other, because that takes less time. */
const LANGUAGES = { English: 'en-GB', German: 'de-DE' } as const;
type LanguageName = keyof typeof LANGUAGES;
const NAMES = Object.keys(LANGUAGES) as LanguageName[];
const EVERY = Object.values(SCREENS).flat();
/** What is scrolled to on the same page has been looked at with it. */
const ALL = EVERY.filter(({ partOf }) => partOf === undefined);

type Barriers = Record<string, string[]>;

const browser = await browserOrNull();
const pages: BuiltPages | null = browser && (await builtPages());
const found = Object.fromEntries(
  NAMES.map((name) => [name, new Map(ALL.map((screen) => [screen.name, Promise.withResolvers<Barriers>()]))]),
);
const looking = browser && pages ? NAMES.map((name) => lookAtAll(name, browser, pages.folder)) : [];

afterAll(async () => {
  await Promise.allSettled(looking);
  await browser?.close();
  pages?.remove();
}, MOST_MS);

async function lookAtAll(name: LanguageName, of: Browser, renderer: string): Promise<void> {
  const stage = await Stage.open(of, renderer, LANGUAGES[name]);
  for (const screen of ALL) {
    const { promise, resolve, reject } = found[name]!.get(screen.name)!;
    // its test hears of it, perhaps later
    promise.catch(() => {});
    await barriers(stage, screen, name).then(resolve, reject);
  }
  await stage.close();
}

/** Null where no Chromium can run; on the computer that has to find out, that is an error. */
async function browserOrNull(): Promise<Browser | null> {
  try {
    return await launchBrowser();
  } catch (error) {
    if (process.env.CI && process.platform === 'linux' && process.arch === 'x64') throw error;
    console.warn(`Accessibility was not checked, because no Chromium can run here: ${error}`);
    return null;
  }
}

const ALL_RULES = { rules: { 'target-size': { enabled: true } } };
/** What axe is asked on a page of a language, by how it is looked at. */
const RULES = {
  English: { light: ALL_RULES, dark: ALL_RULES },
  German: { light: null, dark: { rules: { ...ALL_RULES.rules, 'color-contrast': { enabled: false } } } },
} as const;

/** Puts axe into the page as a script that V8 keeps compiled for the next one; what `page.evaluate` gets it compiles each time. */
async function addAxe(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: AXE });
  await session.detach();
}

/** What axe finds by these rules, a line for each place. */
async function violations(page: Page, rules: object): Promise<string[]> {
  const options = { resultTypes: ['violations'], ...rules };
  const found = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults;
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

/** Run in the page: what reaches beyond the window to the side, where nobody can scroll to it. */
const CUT_OFF = `(() => {
  const root = document.documentElement;
  const found = root.scrollWidth > root.clientWidth ? ['the page scrolls sideways'] : [];
  if (root.scrollHeight > root.clientHeight + 1) found.push('the whole page scrolls, and not its content');
  const main = document.querySelector('main');
  if (main && main.scrollWidth > main.clientWidth + 1) found.push('the content scrolls sideways');
  const scrolls = (element) => {
    for (let at = element.parentElement; at; at = at.parentElement)
      if (/auto|scroll/.test(getComputedStyle(at).overflowX) && at !== main) return true;
    return false;
  };
  for (const element of document.querySelectorAll('h1, h2, h3, p, a, button, input, select, textarea, label, td, dd')) {
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || element.closest('.visually-hidden, .skip')) continue;
    if ((box.right > root.clientWidth + 1 || box.left < -1) && !scrolls(element))
      found.push(element.tagName.toLowerCase() + ': ' + element.textContent.trim().slice(0, 60));
  }
  return found;
})()`;

/** Looks at a screen in the smallest window, light, and at 200 %, dark; gives what is wrong, by where. */
async function barriers(stage: Stage, screen: Screen, language: LanguageName): Promise<Barriers> {
  const { page, errors, close } = await stage.show(screen);
  try {
    await addAxe(page);
    const rules = RULES[language];
    const places: Barriers = rules.light ? { light: await violations(page, rules.light) } : {};
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize(ZOOMED);
    await settled(page, REDRAWN_MS);
    places['dark, 200 %'] = await violations(page, rules.dark);
    places['cut off at 200 %'] = (await page.evaluate(CUT_OFF)) as string[];
    if (language === 'English') Object.assign(places, await wordsOf(page, screen));
    places.errors = screen.endsHost ? [] : [...errors];
    return Object.fromEntries(Object.entries(places).filter(([, each]) => each.length > 0));
  } finally {
    await close();
  }
}

/** What is wrong with the words of an English page. */
async function wordsOf(page: Page, screen: Screen): Promise<Barriers> {
  const words = await visibleWords(page);
  const [, usual = Number.POSITIVE_INFINITY] =
    MOST_WORDS.find(([beginning]) => screen.at.startsWith(beginning)) ?? [];
  const most = screen.words ?? usual;
  const html = await page.locator('main').evaluate((main) => main.outerHTML);
  return {
    'too many words': words.length > most ? [`${words.length}, at most ${most}`] : [],
    'words without a link, or with two': OWN_MARKS.test(screen.at) ? [] : unlinkedTerms(html),
    'links in controls': nestedLinks(html),
  };
}

test('a screen that shows a part of another one has its address and its world', () => {
  const apart = EVERY.filter(({ partOf, at, world, endsHost }) => {
    const whole = ALL.find(({ name }) => name === partOf);
    return partOf !== undefined && (whole?.at !== at || whole.world !== world || endsHost);
  });
  expect(apart).toEqual([]);
});

describe.skipIf(!browser).each(NAMES)('no barrier on any screen in %s', (language) => {
  for (const { name } of ALL)
    test(name, async () => expect(await found[language]!.get(name)?.promise).toEqual({}), MOST_MS);
});
