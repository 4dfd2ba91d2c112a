/** The desktop app as `npm run package` packs it, under its own Electron with all fuses set, where FETTLE_TEST_PACKED names its program. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPageApi, trainAllWeights } from '../helpers/electron-page.ts';
import { WAIT_MS } from '../helpers/limits.ts';
import { tinyRows, writeRows } from '../helpers/tiny-model.ts';
import type { Api } from '../helpers/web-client.ts';

const program = process.env.FETTLE_TEST_PACKED;

describe.runIf(program)('the packed app', () => {
  let child: ChildProcess;
  let browser: Browser;
  let api: Api;
  let home: string;

  /** Where Chromium listens; the fuses leave no way to Electron's own process. */
  function started(): Promise<string> {
    child = spawn(program!, ['--remote-debugging-port=0'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, FETTLE_HOME: home },
    });
    let words = '';
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => reject(new Error(`ended with ${code}: ${words}`)));
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        words += text;
        const address = /DevTools listening on (ws:\S+)/.exec(words)?.[1];
        if (address) resolve(address);
      });
    });
  }

  beforeAll(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'fettle-packed-'));
    writeRows(path.join(home, 'rows.jsonl'), tinyRows(60));
    browser = await chromium.connectOverCDP(await started());
    const [context] = browser.contexts();
    context!.setDefaultTimeout(WAIT_MS);
    const page = context!.pages()[0] ?? (await context!.waitForEvent('page'));
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    api = await openPageApi(page);
  });
  afterAll(async () => {
    await browser?.close();
    child?.kill();
    if (home) rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  test('trains all weights on two threads', async () => {
    const id = await trainAllWeights(api, path.join(home, 'rows.jsonl'));
    const run = () => api.runs.get({ id });
    await expect.poll(async () => (await run()).state, { timeout: WAIT_MS }).toMatch(/^(done|failed)$/);
    expect(await run()).toMatchObject({ state: 'done', problem: null });
  });
});
