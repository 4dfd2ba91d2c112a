/** The page for the web in a real browser: it is what the documents say, reads on a phone, asks for nothing but its film, and the film moves. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sitePage } from '../../scripts/site/write.ts';
import { launchBrowser } from '../helpers/browser.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const PAGE = path.join(ROOT, 'docs/site/index.html');
const FILM = path.join(ROOT, 'docs/site/fettle.webp');
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const MOST_FILM_BYTES = 3e6;
const PHONE = { width: 360, height: 740 };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe('the page for the web', () => {
  it('is what `npm run site` writes', async () => {
    expect(readFileSync(PAGE, 'utf8')).toBe(await sitePage());
  });

  it('reads on a phone, in both themes, and asks for its film alone', async () => {
    const page = await browser.newPage({ viewport: PHONE, bypassCSP: true });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(PAGE).href);
    await page.addScriptTag({ path: AXE });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const found = await page.evaluate<string[]>(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html))',
      );
      expect(found).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(PHONE.width);
    }
    expect(asked.map((url) => path.basename(url))).toEqual(['index.html', 'fettle.webp']);
    await page.close();
  });

  it('links to files that are there', () => {
    const links = [...readFileSync(PAGE, 'utf8').matchAll(/href="[^"]*\/blob\/main\/([^"#]*)/g)];
    const files = links.map(([, file]) => file!);
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([]);
  });
});

describe('the film', () => {
  it('moves for about 20 seconds in less than 3 MB', async () => {
    const film = readFileSync(FILM);
    expect(film.length).toBeLessThan(MOST_FILM_BYTES);
    const page = await browser.newPage();
    await page.goto(pathToFileURL(PAGE).href);
    const { pictures, seconds } = await page.evaluate<{ pictures: number; seconds: number }>(`(async () => {
      const bytes = Uint8Array.from(atob('${film.toString('base64')}'), (letter) => letter.charCodeAt(0));
      const decoder = new ImageDecoder({ data: bytes, type: 'image/webp' });
      await decoder.tracks.ready;
      const pictures = decoder.tracks.selectedTrack.frameCount;
      let micro = 0;
      for (let frameIndex = 0; frameIndex < pictures; frameIndex += 1) {
        const { image } = await decoder.decode({ frameIndex });
        micro += image.duration;
        image.close();
      }
      return { pictures, seconds: micro / 1e6 };
    })()`);
    expect(pictures).toBeGreaterThan(20);
    expect(seconds).toBeGreaterThan(15);
    expect(seconds).toBeLessThan(30);
    await page.close();
  });
});
