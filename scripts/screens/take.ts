/**
 * Takes a picture of every screen and state into docs/screens/, with an index: `npm run screens`, or `npm run screens -- plan data`
 * for those whose names begin so. The application is the built one, over made-up data whose date is always the same.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../tests/helpers/browser.ts';
import { builtPages } from '../../tests/helpers/built-pages.ts';
import { SCREENS, type Screen, SMALL, Stage, settled } from '../../tests/helpers/screens.ts';
import { smallPng } from './png.ts';

const FOLDER = path.resolve(import.meta.dirname, '..', '..', 'docs', 'screens');
const LARGE = { width: 1440, height: 900 };
const AT_ONCE = 2;

const wanted = process.argv.slice(2);
const isWanted = ({ name }: Screen) =>
  wanted.length === 0 || wanted.some((beginning) => name.startsWith(beginning));

const pages = await builtPages();
const browser = await launchBrowser();
try {
  await mkdir(FOLDER, { recursive: true });
  const screens = Object.values(SCREENS).flat().filter(isWanted);
  await Promise.all(Array.from({ length: AT_ONCE }, () => take(browser, pages.folder, screens)));
  if (wanted.length === 0) await removeOthers();
  await writeFile(path.join(FOLDER, 'README.md'), index());
} finally {
  await browser.close();
  pages.remove();
}

/** Takes pictures until none is left to take. */
async function take(of: Browser, renderer: string, left: Screen[]): Promise<void> {
  const stage = await Stage.open(of, renderer);
  for (let screen = left.shift(); screen; screen = left.shift()) {
    const { page, close } = await stage.show(screen);
    const files = filesOf(screen);
    await picture(page, files.light);
    if (files.dark) {
      await page.emulateMedia({ colorScheme: 'dark' });
      await settled(page);
      await picture(page, files.dark);
    }
    if (files.wide) {
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize(LARGE);
      await settled(page);
      await picture(page, files.wide);
    }
    await close();
    console.log(Object.values(files).filter(Boolean).join(' '));
  }
  await stage.close();
}

async function picture(page: Page, name: string): Promise<void> {
  await writeFile(path.join(FOLDER, name), smallPng(await page.screenshot({ caret: 'hide' })));
}

function filesOf({ name, main, wide }: Screen): {
  readonly light: string;
  readonly dark: string | null;
  readonly wide: string | null;
} {
  return {
    light: `${name}.png`,
    dark: main ? `${name}.dark.png` : null,
    wide: wide ? `${name}.wide.png` : null,
  };
}

/** Removes pictures of screens that are not there any more. */
async function removeOthers(): Promise<void> {
  const known = new Set(
    Object.values(SCREENS)
      .flat()
      .flatMap((screen) => Object.values(filesOf(screen))),
  );
  for (const name of await readdir(FOLDER))
    if (name.endsWith('.png') && !known.has(name)) await rm(path.join(FOLDER, name));
}

function index(): string {
  const size = ({ width, height }: typeof SMALL) => `${width} x ${height}`;
  const parts = Object.entries(SCREENS).map(
    ([title, screens]) => `## ${title}\n\n${screens.map(entry).join('\n\n')}`,
  );
  return `# Screens

Every screen and state at ${size(SMALL)}, the smallest window; the main ones in the dark theme too, some at ${size(LARGE)}.
What is shown is made up. Written by \`npm run screens\`; a test looks for barriers on each of them, also at 200 % zoom.

${parts.join('\n\n')}
`;
}

function entry(screen: Screen): string {
  const { light, dark, wide } = filesOf(screen);
  const more = [dark && `[dark](${dark})`, wide && `[large window](${wide})`].filter(Boolean);
  const others = more.length === 0 ? '' : `\n\nAlso: ${more.join(', ')}`;
  return `### ${screen.title}\n\n![${screen.title}](${light})${others}`;
}
