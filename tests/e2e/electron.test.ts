/**
 * The desktop app with a real Chromium as its window: the built main process and preload script under the fake Electron, the built
 * pages, the real engine. Where Electron's program is installed, electron-real.test.ts does the same with that.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../helpers/browser.ts';
import { type BuiltHome, buildHome } from '../helpers/built-home.ts';
import { type ElectronUnderTest, startElectron } from '../helpers/electron-app.ts';
import { pageScript } from '../helpers/fake-electron/page.ts';
import { WAIT_MS } from '../helpers/limits.ts';

let built: BuiltHome;
let app: ElectronUnderTest;
let browser: Browser;
let page: Page;
let folder: string;
const errors: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'fettle-window-'));
  built = await buildHome({ pages: true });
  [browser, app] = await Promise.all([
    launchBrowser(),
    startElectron({ main: path.join(built.folder, 'dist', 'main.js'), settings: { notices: false } }),
  ]);
  const context = await browser.newContext({ viewport: { width: 1024, height: 680 } });
  const rows = path.join(folder, 'rows.csv');
  writeFileSync(rows, 'question,answer\nwhat is it,a row\n');
  await context.addInitScript(pageScript(built.folder, { 'rows.csv': rows }));
  page = await context.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(app.address);
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
  built?.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('the first page opens over the port, and the computer is looked at', async () => {
  await page.getByRole('heading', { level: 1, name: 'Welcome to Fettle' }).waitFor();
  await page.getByRole('link', { name: 'Tune a model on my data' }).click();
  await page.getByRole('button', { name: 'Check this computer' }).click();
  // measured by the engine, in a process that Electron started
  await page.getByText(/This computer can tune/).waitFor({ timeout: WAIT_MS });
  expect(await app.until('utilityProcess.fork')).toBeTruthy();
});

test('a menu item of the system shows its page', async () => {
  await app.act('menu', 'History');
  const address = (await app.until('loadURL', (url: string) => url.endsWith('#/history'))) as string;
  await page.goto(app.address + new URL(address).hash);
  await page.getByRole('heading', { level: 1, name: 'History' }).waitFor();
});

test('a reloaded page gets a new port', async () => {
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'History' }).waitFor();
  await page.goto(`${app.address}#/settings`);
  await page.getByText(path.join(app.home, 'data')).first().waitFor();
});

test('Settings say where the system shows no notifications', async () => {
  await page.goto(`${app.address}#/settings`);
  await page.getByText(/^Your system can't show notifications/).waitFor();
  expect(await page.getByRole('switch', { name: 'Notify me when it ends' }).isDisabled()).toBe(true);
});

test('a dropped file is known by its path, and nothing of it is sent', async () => {
  const known = await page.evaluate(() =>
    (globalThis as unknown as { fettle: { pathOf(file: File): string } }).fettle.pathOf(
      new File(['x'], 'rows.csv'),
    ),
  );
  expect(known).toBe(path.join(folder, 'rows.csv'));
});

test('the page found nothing to complain about', () => {
  expect(errors).toEqual([]);
});
