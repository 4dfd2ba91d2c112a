/**
 * Accessibility of every screen and state: axe finds nothing, neither in the smallest window in the light theme nor at 200 % zoom in the
 * dark one, where nothing may be cut off or need scrolling sideways in either language. No rule of axe is left out, and the size of targets
 * is checked beside those that are on by themselves. The light theme is asked in English, for whole screens. The dark one is asked for each
 * sort of element once, and for what depends on how long words are on each screen, in English and in French, whose texts are the longest
 * (17 % over the English; German has 14 %, Spanish 12 %); languages.test.ts looks at screens of the others. Every word of the glossary has
 * one link on its English page. In the end each menu, list and dialog of a screen is opened and closed, and the mouse still clicks beneath.
 */

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../helpers/browser.ts';
import { type BuiltPages, builtPages } from '../helpers/built-pages.ts';
import { CUT_OFF } from '../helpers/cut-off.ts';
import { clickBeneath, openAndClose } from '../helpers/layers.ts';
import { SCREENS, type Screen, SMALL, Stage, settled } from '../helpers/screens.ts';
import { nestedLinks, unlinkedTerms } from '../helpers/unlinked-terms.ts';
import { visibleWords } from '../helpers/visible-words.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
/** Where the pages find it: a file of theirs is read and compiled once for all documents. */
const AXE_IN_PAGES = 'assets/axe.js';
/** The smallest window at 200 % has half as many CSS pixels each way. */
const ZOOMED = { width: SMALL.width / 2, height: SMALL.height / 2 };
/** Learning pages say by marks which words lead where; the welcome and what is new have no links, the page of components shows samples. */
const OWN_MARKS = /^($|learn|glossary|components|news)/;
/** Words of Fettle's that a person sees before opening anything, by the beginning of the address. */
const MOST_WORDS: readonly (readonly [beginning: string, words: number])[] = [
  ['new/', 120],
  ['run/', 230],
];
/** Another theme or window asks nobody for anything: what is there is drawn again. */
const REDRAWN_MS = 60;

/** By the language of the browser; each is looked at beside the other, because that takes less time. */
const LANGUAGES = { French: 'fr-FR', English: 'en-GB' } as const;
type LanguageName = keyof typeof LANGUAGES;
const NAMES = Object.keys(LANGUAGES) as LanguageName[];
const EVERY = Object.values(SCREENS).flat();
/** What is scrolled to on the same page has been looked at with it. */
const ALL = EVERY.filter(({ partOf }) => partOf === undefined);

type Barriers = Record<string, string[]>;

const browser = await browserOrNull();
const pages: BuiltPages | null = browser && (await builtPages());
const withAxe = mkdtempSync(path.join(tmpdir(), 'fettle-with-axe-'));
if (pages) {
  cpSync(pages.folder, withAxe, { recursive: true });
  cpSync(AXE, path.join(withAxe, AXE_IN_PAGES));
}
/** Sorts of elements that were looked at in the dark, on any screen. */
const seenInTheDark = new Set<number>();
/** Roles of what was opened and closed, over all screens. */
const opened = new Set<string>();
const found = Object.fromEntries(
  NAMES.map((name) => [name, new Map(ALL.map((screen) => [screen.name, Promise.withResolvers<Barriers>()]))]),
);
const looking = browser && pages ? NAMES.map((name) => lookAtAll(name, browser)) : [];

afterAll(async () => {
  await Promise.allSettled(looking);
  await browser?.close();
  pages?.remove();
  rmSync(withAxe, { recursive: true, force: true });
});

async function lookAtAll(name: LanguageName, of: Browser): Promise<void> {
  const stage = await Stage.open(of, withAxe, LANGUAGES[name]);
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

/** Every rule that is on by itself, and the size of targets. */
const OPTIONS = { resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } };
const OF_ROOM = { resultTypes: ['violations'], runOnly: ['target-size', 'scrollable-region-focusable'] };

/** Run in the page with axe's results: a line for each place. What axe looked at and found good would be much to hand over. */
const LINES = `({ violations }) => violations.flatMap(({ id, nodes }) =>
  nodes.map(({ target, failureSummary }) => id + ': ' + target.join(' ') + ': ' + failureSummary))`;

/** What axe finds on the page, or in what `among` gives there. */
async function violations(page: Page, among = 'document', options: object = OPTIONS): Promise<string[]> {
  return await page.evaluate<string[]>(`axe.run(${among}, ${JSON.stringify(options)}).then(${LINES})`);
}

/** Run in the page: its elements, each with a number for its sort, which is what styles know of it and of all that it stands in. */
const SORTS = `(() => {
  const sorts = new Map();
  for (const element of document.body.querySelectorAll('*')) {
    const around = element.parentElement;
    if (around.closest('svg')) continue;
    const states = element.getAttributeNames().filter((name) => /^(aria-(?!label|describ|control)|data-|disabled|style)/.test(name));
    const own = [element.localName, element.getAttribute('role') ?? '', ...[...element.classList].sort()];
    for (const name of states.sort()) own.push(name + (/-valuenow|-valuetext/.test(name) ? '' : element.getAttribute(name)));
    let sort = sorts.get(around) ?? 0;
    for (const letter of own.join('.')) sort = (Math.imul(sort, 31) + letter.charCodeAt(0)) | 0;
    sorts.set(element, sort);
  }
  return sorts;
})()`;

/** Looks at a screen in the smallest window, light, and at 200 %, dark; gives what is wrong, by where. */
async function barriers(stage: Stage, screen: Screen, language: LanguageName): Promise<Barriers> {
  const { page, errors, close } = await stage.show(screen);
  try {
    await page.evaluate(`import('/${AXE_IN_PAGES}').then(() => null)`);
    const isEnglish = language === 'English';
    const places: Barriers = isEnglish ? { light: await violations(page) } : {};
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize(ZOOMED);
    await settled(page, REDRAWN_MS);
    places['dark, 200 %'] = await violationsInTheDark(page);
    places['cut off at 200 %'] = (await page.evaluate(CUT_OFF)) as string[];
    if (isEnglish) Object.assign(places, await wordsOf(page, screen));
    places.errors = screen.endsHost ? [] : [...errors];
    if (isEnglish && !screen.endsHost) {
      await page.setViewportSize(SMALL);
      if (await openAndClose(page, opened)) await clickBeneath(page);
    }
    return Object.fromEntries(Object.entries(places).filter(([, each]) => each.length > 0));
  } finally {
    await close();
  }
}

/** What depends on how much room words take is asked of the whole page, the rest of those elements whose sort is new. */
async function violationsInTheDark(page: Page): Promise<string[]> {
  const sorts = await page.evaluate<number[]>(`[...new Set(${SORTS}.values())]`);
  const others = sorts.filter((sort) => !seenInTheDark.has(sort));
  for (const sort of others) seenInTheDark.add(sort);
  const anywhere = await violations(page, 'document', OF_ROOM);
  if (others.length === 0) return anywhere;
  await page.evaluate(`(() => {
    const others = new Set(${JSON.stringify(others)});
    window.others = [...${SORTS}].filter(([, sort]) => others.has(sort)).map(([element]) => element);
  })()`);
  return [...new Set([...anywhere, ...(await violations(page, '{ include: window.others }'))])];
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
    test(name, async () => expect(await found[language]!.get(name)?.promise).toEqual({}));
});

test.skipIf(!browser)('what was opened and closed are menus, lists and dialogs', async () => {
  await Promise.allSettled(looking);
  expect([...opened].sort()).toEqual(['dialog', 'listbox', 'menu']);
});
