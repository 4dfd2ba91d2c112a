/**
 * Counts the words that a person sees on each screen, over its whole height at 1280 x 800, and prints a table: `npm run bench:words`, or
 * with the beginnings of names for some of them.
 */
import { launchBrowser } from '../helpers/browser.ts';
import { builtPages } from '../helpers/built-pages.ts';
import { SCREENS, Stage, settled } from '../helpers/screens.ts';
import { visibleWords } from '../helpers/visible-words.ts';

const wanted = process.argv.slice(2);
const pages = await builtPages();
const browser = await launchBrowser();
const stage = await Stage.open(browser, pages.folder);
try {
  for (const screen of Object.values(SCREENS).flat()) {
    if (wanted.length > 0 && !wanted.some((beginning) => screen.name.startsWith(beginning))) continue;
    const { page, close } = await stage.show(screen);
    await page.setViewportSize({ width: 1280, height: 800 });
    await settled(page);
    console.log(`${screen.name.padEnd(30)} ${(await visibleWords(page)).length}`);
    await close();
  }
} finally {
  await stage.close();
  await browser.close();
  pages.remove();
}
