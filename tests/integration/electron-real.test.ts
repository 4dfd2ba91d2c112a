/**
 * The desktop app under the real Electron, through Playwright, where its program is installed and there is a screen.
 * tests/integration/electron.test.ts holds the same and more without it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ElectronApplication, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findElectron } from '../../main/serve/electron-program.ts';
import { type BuiltHome, buildHome } from '../helpers/built-home.ts';
import { openPageApi, trainAllWeights } from '../helpers/electron-page.ts';
import { WAIT_MS } from '../helpers/limits.ts';
import { launchElectron, writeHeld } from '../helpers/real-electron.ts';
import { tinyRows, writeRows, writeTinyModel } from '../helpers/tiny-model.ts';
import type { Api } from '../helpers/web-client.ts';

const found = findElectron(path.resolve(import.meta.dirname, '../..'));

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The title in a PDF of Chromium's, whose texts are packed otherwise: plain, or in UTF-16 where it has more than ASCII. */
function titleOf(pdf: Buffer): string {
  const [, plain, hex = ''] =
    /\/Title (?:\(((?:\\.|[^\\)])*)\)|<FEFF([0-9A-F]+)>)/i.exec(pdf.toString('latin1')) ?? [];
  return plain ?? Buffer.from(hex, 'hex').swap16().toString('utf16le');
}

describe.runIf('program' in found)('the real Electron', () => {
  let built: BuiltHome;
  let app: ElectronApplication;
  let page: Page;
  let api: Api;
  let home: string;
  let held: string;

  async function launch(): Promise<void> {
    if (!('program' in found)) return;
    ({ app, page } = await launchElectron(found.program, held, home));
    api = await openPageApi(page);
  }

  /** Trains the tiny model in the home for so many steps; gives the run. */
  async function train(maxSteps: number): Promise<string> {
    await api.files.open({ what: 'model-folder', paths: [path.join(home, 'model')] });
    await api.files.open({ what: 'data', paths: [path.join(home, 'rows.jsonl')] });
    const model = await api.models.add({ path: path.join(home, 'model') });
    const { runId } = await api.jobs.train({
      request: {
        ...{ name: 'Practice', modelId: model.id, data: { paths: [path.join(home, 'rows.jsonl')] } },
        settings: { maxSteps, saveEverySteps: 5, maxLength: 64, tokensPerMicroBatch: 128, threads: 1 },
      },
    });
    return runId;
  }

  beforeAll(async () => {
    home = mkdtempSync(path.join(tmpdir(), 'fettle-electron-'));
    await writeTinyModel(path.join(home, 'model'));
    writeRows(path.join(home, 'rows.jsonl'), tinyRows(60));
    built = await buildHome({ pages: true });
    held = writeHeld(built.folder);
    await launch();
  });
  afterAll(async () => {
    await app?.close();
    built?.remove();
    if (home) rmSync(home, { recursive: true, force: true });
  });

  test('shows its first page over app://', async () => {
    await page.getByRole('heading', { level: 1, name: 'Welcome to Fettle' }).waitFor();
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

  test('has what the security checklist asks of a window and its page', async () => {
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      const { webContents } = window as unknown as { webContents: { getLastWebPreferences(): object } };
      return webContents.getLastWebPreferences();
    });
    expect(preferences).toMatchObject({
      ...{ contextIsolation: true, sandbox: true, webSecurity: true, webviewTag: false },
      ...{ nodeIntegration: false, nodeIntegrationInSubFrames: false },
      ...{ allowRunningInsecureContent: false, experimentalFeatures: false },
    });
    // what is off may be left out there
    expect(preferences).not.toMatchObject({ nodeIntegrationInWorker: true });
    expect(preferences).not.toMatchObject({ enableBlinkFeatures: expect.stringMatching(/./) });
    const seen = await page.evaluate(async () => {
      const { document, navigator } = globalThis as unknown as {
        document: { body: { append(element: object): void }; createElement(name: string): object };
        navigator: { permissions: { query(of: object): Promise<{ state: string }> } };
      };
      const add = (name: string, what: object) => {
        try {
          document.body.append(Object.assign(document.createElement(name), what));
        } catch {
          // refused by Trusted Types
        }
      };
      add('script', { textContent: 'globalThis.ranInline = true' });
      add('webview', { src: 'https://example.com/' });
      const read = (address: string) =>
        fetch(address)
          .then((answer) => answer.text())
          .catch(() => 'refused');
      const state = (name: string) => navigator.permissions.query({ name }).then((found) => found.state);
      return {
        ranInline: 'ranInline' in globalThis,
        file: await read('file:///etc/passwd'),
        outside: await read('app://fettle/../package.json'),
        permissions: await Promise.all(
          ['camera', 'microphone', 'geolocation', 'notifications', 'midi'].map(state),
        ),
      };
    });
    expect(seen).toEqual({
      ...{ ranInline: false, file: 'refused', outside: 'Not found' },
      permissions: Array(5).fill('denied'),
    });
    const contents = await app.evaluate(({ webContents }) => webContents.getAllWebContents().length);
    expect(contents).toBe(1);
  });

  test('starts the engine as a process of its own', async () => {
    await page.getByRole('link', { name: 'Tune a model on my data' }).click();
    await page.getByRole('button', { name: 'Check this computer' }).click();
    // the measurement's process ends with it
    const names = () => app.evaluate(({ app: electron }) => electron.getAppMetrics().map(({ name }) => name));
    await expect.poll(names).toContain('Fettle engine');
    await page.getByText(/This computer can tune/).waitFor();
  });

  test('proves an export by llama.cpp', async () => {
    const id = await train(4);
    const run = () => api.runs.get({ id });
    await expect.poll(async () => (await run()).state, { timeout: WAIT_MS }).toBe('done');
    await api.jobs.export({ runId: id, as: 'gguf', adapterOnly: false });
    await expect.poll(async () => (await run()).exports.length, { timeout: WAIT_MS }).toBe(1);
    expect((await run()).exports[0]?.result.proof).toMatchObject({ by: 'llama.cpp', tokenizerTexts: 20 });
  });

  test('trains all weights on two threads', async () => {
    const runId = await trainAllWeights(api, path.join(home, 'rows.jsonl'));
    const state = async () => (await api.runs.get({ id: runId })).state;
    await expect.poll(state, { timeout: WAIT_MS }).toMatch(/^(done|failed)$/);
    expect(await state()).toBe('done');
  });

  test('makes the report of a run a PDF that names it', async () => {
    const [last] = (await api.runs.list({ limit: 1 })).rows;
    const id = last?.id ?? (await train(4));
    const { name } = await api.runs.get({ id });
    await expect.poll(() => api.runs.assessment({ id }), { timeout: WAIT_MS }).not.toBeNull();
    const out = path.join(home, 'report.pdf');
    await api.files.open({ what: 'save', paths: [out] });
    expect(await api.runs.pdf({ id, out })).toEqual({ path: out });
    const bytes = readFileSync(out);
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(bytes.length).toBeGreaterThan(1000);
    expect(titleOf(bytes)).toContain(name);
  });

  // Playwright waits for the end of a navigation that was refused, so nothing else is asked of this page
  test('does not leave for another address', async () => {
    const before = page.url();
    await page.evaluate(() => {
      (globalThis as unknown as { location: { href: string } }).location.href = 'https://example.com/';
    });
    await expect.poll(() => page.url()).toBe(before);
  });

  test('opens its window where it was when the person quits', async () => {
    const place = { x: 150, y: 90, width: 1100, height: 700 };
    await app.evaluate(
      ({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]?.setBounds(bounds),
      place,
    );
    const closed = app.waitForEvent('close');
    await app.evaluate(({ app: electron }) => electron.quit());
    await closed;
    await launch();
    const now = () => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds());
    await expect.poll(now).toEqual(place);
  });

  test('goes on with a training after it was killed, and leaves no engine behind', async () => {
    const id = await train(100_000);
    const step = async () => (await api.runs.get({ id })).step;
    await expect.poll(step).toBeGreaterThan(5);
    const engines = await app.evaluate(({ app: electron }) =>
      electron.getAppMetrics().flatMap(({ name, pid }) => (name === 'Fettle engine' ? pid : [])),
    );
    expect(engines.length).toBeGreaterThan(0);
    const closed = app.waitForEvent('close');
    app.process().kill('SIGKILL');
    await closed;
    await expect.poll(() => engines.filter(isAlive)).toEqual([]);
    await launch();
    expect(await api.runs.get({ id })).toMatchObject({ state: 'interrupted' });
    const before = await step();
    expect(before).toBeGreaterThanOrEqual(5);
    const job = await api.jobs.resumeRun({ runId: id });
    await expect.poll(step).toBeGreaterThan(before + 5);
    const { step: steps } = await api.runs.curves({ id });
    expect(steps).toEqual(steps.map((_, i) => i + 1));
    await api.jobs.cancel({ id: job.id });
  });
});
