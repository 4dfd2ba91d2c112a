/**
 * The desktop app under the real Electron, through Playwright, where its program is installed and there is a screen. It has NOT BEEN RUN so
 * far: the machines that Fettle is made on cannot fetch the program. Whoever has it and sees this fail corrects it here.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findElectron } from '../../main/serve/electron.ts';
import { type BuiltHome, buildHome } from '../helpers/built-home.ts';

const found = findElectron(path.resolve(import.meta.dirname, '../..'));

describe.runIf('program' in found)('the real Electron', () => {
  let built: BuiltHome;
  let app: ElectronApplication;
  let page: Page;
  let home: string;

  beforeAll(async () => {
    if (!('program' in found)) return;
    home = mkdtempSync(path.join(tmpdir(), 'fettle-electron-'));
    built = await buildHome({ pages: true });
    app = await _electron.launch({
      executablePath: found.program,
      args: [path.join(built.folder, 'dist', 'main.js')],
      env: { ...(process.env as Record<string, string>), FETTLE_HOME: home },
    });
    page = await app.firstWindow();
  }, 300_000);
  afterAll(async () => {
    await app?.close();
    built?.remove();
    if (home) rmSync(home, { recursive: true, force: true });
  });

  test('shows its first page over app://', async () => {
    await page.getByRole('heading', { level: 1, name: 'What can this computer do?' }).waitFor();
    expect(page.url()).toMatch(/^app:\/\/fettle\//);
  });

  test('has a sandboxed page without Node, and the bridge alone', async () => {
    const seen = await page.evaluate(() => ({
      node: typeof (globalThis as { process?: unknown }).process,
      require: typeof (globalThis as { require?: unknown }).require,
      bridge: Object.keys((globalThis as unknown as { fettle: object }).fettle).sort(),
    }));
    expect(seen).toEqual({ node: 'undefined', require: 'undefined', bridge: ['pathOf', 'platform', 'port'] });
  });

  test('stays where it is, opens no windows, and reaches no network', async () => {
    const before = page.url();
    const { blocked, opened } = await page.evaluate(async () => {
      const answer = await fetch('https://example.com/').catch(() => null);
      const window = globalThis as unknown as { open(url: string): unknown };
      return { blocked: answer === null, opened: window.open('https://example.com/') !== null };
    });
    expect({ blocked, opened }).toEqual({ blocked: true, opened: false });
    expect(page.url()).toBe(before);
  });

  test('starts the engine as a process of its own', async () => {
    await page.getByRole('button', { name: 'Check this computer' }).click();
    // the measurement's process ends with it
    const names = () => app.evaluate(({ app: electron }) => electron.getAppMetrics().map(({ name }) => name));
    await expect.poll(names, { timeout: 30_000 }).toContain('Fettle engine');
    await page.getByText(/This computer can fine-tune/).waitFor({ timeout: 120_000 });
  });
});
