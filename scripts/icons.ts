/** Draws the app's icons from renderer/theme/icon.svg, in a browser: run it when that drawing changes. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { launchBrowser } from '../tests/helpers/browser.ts';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'resources', 'icons');
const SIZES: Readonly<Record<string, number>> = { 'icon.png': 1024, 'tray.png': 16, 'tray@2x.png': 32 };

const drawing = await readFile(path.join(root, 'renderer', 'theme', 'icon.svg'), 'utf8');
const browser = await launchBrowser();
await mkdir(folder, { recursive: true });
// one page for all: the packed Chromium ends with its first one
const page = await browser.newPage();
for (const [name, size] of Object.entries(SIZES)) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<style>body { margin: 0 } svg { display: block; width: ${size}px; height: ${size}px }</style>${drawing}`,
  );
  await writeFile(path.join(folder, name), await page.screenshot({ omitBackground: true }));
}
await browser.close();
console.log(`Drew ${Object.keys(SIZES).join(', ')} in ${path.relative(root, folder)}`);
