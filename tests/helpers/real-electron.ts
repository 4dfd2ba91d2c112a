/** Starts a built home under a real Electron through Playwright, and gives the app and its first window's page. */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { WAIT_MS } from './limits.ts';

/**
 * Writes the script that starts the app of `built` by way of Playwright's module that makes it wait until Playwright has connected: given a
 * program's path, Playwright leaves that out, meets the window at any moment of its first load, and at one of them never learns that the page
 * has come.
 */
export function writeHeld(built: string): string {
  const playwright = path.dirname(createRequire(import.meta.url).resolve('playwright-core/package.json'));
  const loader = path.join(playwright, 'lib', 'server', 'electron', 'loader.js');
  const file = path.join(built, 'dist', 'held.mjs');
  const lines = [
    `import { createRequire } from 'node:module';`,
    `createRequire(import.meta.url)(${JSON.stringify(loader)});`,
    `await import('./main.js');`,
  ];
  writeFileSync(file, lines.join('\n'));
  return file;
}

/** Starts `program` with the script that `writeHeld` wrote. */
export async function launchElectron(
  program: string,
  held: string,
  home: string,
): Promise<{ app: ElectronApplication; page: Page }> {
  const app = await _electron.launch({
    timeout: WAIT_MS,
    executablePath: program,
    args: [held],
    env: { ...(process.env as Record<string, string>), FETTLE_HOME: home },
  });
  app.context().setDefaultTimeout(WAIT_MS);
  const page = await app.firstWindow();
  await page.waitForLoadState();
  // by then the page has its own port, and does not take the next one
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  return { app, page };
}
