/**
 * The built main process with a real engine under the fake Electron: what it asks of Electron and in which order, each item of
 * Electron's security checklist (docs/security.md names these tests), and what becomes of jobs when a person closes the window.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltHome, buildHome } from '../helpers/built-home.ts';
import { type ElectronUnderTest, startElectron } from '../helpers/electron-app.ts';
import type { FakeSettings } from '../helpers/fake-electron/state.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

const PAGE = 'app://fettle/';

let built: BuiltHome;
let main: string;
let workspace: Workspace;
const running: ElectronUnderTest[] = [];

beforeAll(async () => {
  [built, workspace] = await Promise.all([buildHome({ pages: true }), openWorkspace()]);
  main = path.join(built.folder, 'dist', 'main.js');
});
afterEach(async () => {
  for (const app of running.splice(0)) await app.close();
});
afterAll(() => {
  built?.remove();
  workspace?.remove();
});

async function start(settings: FakeSettings = {}, home?: string): Promise<ElectronUnderTest> {
  const app = await startElectron({ main, settings, ...(home !== undefined && { home }) });
  running.push(app);
  return app;
}

async function opened(settings: FakeSettings = {}): Promise<ElectronUnderTest> {
  const app = await start(settings);
  await app.until('window.show');
  return app;
}

const named = (app: ElectronUnderTest) => app.asked.map(({ what }) => what);
const preferencesOf = async (app: ElectronUnderTest) =>
  ((await app.until('new BrowserWindow')) as { webPreferences: Record<string, unknown> }).webPreferences;

describe('security', () => {
  let app: ElectronUnderTest;
  beforeAll(async () => {
    app = await startElectron({ main });
    await app.until('window.show');
  });
  afterAll(() => app?.close());

  test('only the app’s own content is loaded', async () => {
    expect(await app.until('loadURL')).toBe(PAGE);
    for (const [address, isAllowed] of [
      [`${PAGE}assets/a.js`, true],
      ['blob:app://fettle/1234', true],
      ['http://example.com/a.js', false],
      ['https://example.com/a.js', false],
      ['ws://127.0.0.1:4886/api', false],
      ['file:///etc/passwd', false],
      ['app://other/a.js', false],
    ] as const)
      expect(await app.act('request', address), address).toBe(isAllowed);
  });

  test('pages have no Node', async () => {
    expect(await preferencesOf(app)).toMatchObject({
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
    });
  });

  test('the preload script lives in a context of its own', async () => {
    const { contextIsolation, preload } = await preferencesOf(app);
    expect(contextIsolation).toBe(true);
    expect(existsSync(preload as string)).toBe(true);
  });

  test('every page is sandboxed', async () => {
    expect((await preferencesOf(app)).sandbox).toBe(true);
    expect(named(app).indexOf('app.enableSandbox')).toBeGreaterThanOrEqual(0);
    expect(named(app).indexOf('app.enableSandbox')).toBeLessThan(named(app).indexOf('ready'));
  });

  test('permissions are refused, but for copying text by the app’s own page', async () => {
    const copying = 'clipboard-sanitized-write';
    const ask = (permission: string, requestingUrl: string) => app.act('ask', { permission, requestingUrl });
    const check = (permission: string, origin: string) => app.act('check', { permission, origin });
    expect(await ask(copying, PAGE)).toBe(true);
    expect(await check(copying, PAGE)).toBe(true);
    expect(await ask(copying, 'https://example.com/')).toBe(false);
    expect(await check(copying, 'https://example.com/')).toBe(false);
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
      'fileSystem',
    ]) {
      expect(await ask(permission, PAGE), permission).toBe(false);
      expect(await check(permission, PAGE), permission).toBe(false);
    }
    expect(await app.act('device')).toBe(false);
  });

  test('the same-origin policy is on', async () => {
    expect((await preferencesOf(app)).webSecurity).toBe(true);
  });

  test('every answer carries the content policy', async () => {
    for (const address of [PAGE, `${PAGE}nothing`, `${PAGE}../../package.json`]) {
      const { headers } = await app.act<{ headers: Record<string, string> }>('fetch', { url: address });
      const policy = headers['content-security-policy'] ?? '';
      for (const rule of ["default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"])
        expect(policy.split('; '), address).toContain(rule);
      expect(policy).not.toMatch(/unsafe-(inline|eval)|\*/);
    }
  });

  test('no insecure content', async () => {
    expect((await preferencesOf(app)).allowRunningInsecureContent).toBe(false);
  });

  test('no experimental features', async () => {
    expect((await preferencesOf(app)).experimentalFeatures).toBe(false);
  });

  test('no features of Blink are switched on', async () => {
    expect(await preferencesOf(app)).not.toHaveProperty('enableBlinkFeatures');
  });

  test('there are no webviews, and none can be attached', async () => {
    expect((await preferencesOf(app)).webviewTag).toBe(false);
    expect(await app.act('contentsEvent', { name: 'will-attach-webview' })).toBe(true);
  });

  test('the page cannot be left', async () => {
    const goes = async (name: string, url: string, isMainFrame = true) =>
      !(await app.act('contentsEvent', { name, url, isMainFrame }));
    expect(await goes('will-navigate', PAGE)).toBe(true);
    expect(await goes('will-navigate', `${PAGE}#/history`)).toBe(true);
    for (const url of [
      'https://example.com/',
      'file:///etc/passwd',
      `${PAGE}assets/a.js`,
      'app://other/',
      'data:text/html,x',
    ]) {
      expect(await goes('will-navigate', url), url).toBe(false);
      expect(await goes('will-frame-navigate', url), url).toBe(false);
    }
    expect(await goes('will-frame-navigate', PAGE, false)).toBe(false);
    expect(await goes('will-redirect', PAGE)).toBe(false);
  });

  test('no window can be opened, and only https links reach the browser', async () => {
    for (const url of [
      'https://huggingface.co/settings/tokens',
      'file:///etc/passwd',
      'javascript:1',
      'http://example.com',
      'https://user@example.com/',
    ])
      expect(await app.act('openWindow', url)).toEqual({ action: 'deny' });
    await app.until('shell.openExternal');
    const opened = app.asked.filter(({ what }) => what === 'shell.openExternal');
    expect(opened.map((each) => each.with)).toEqual(['https://huggingface.co/settings/tokens']);
  });

  test('a message is taken from the page itself alone', async () => {
    const from = (frame: unknown) =>
      app.act<{ taken: boolean; channels: string[] }>('ipc', { channel: 'fettle:port', frame });
    const top = { url: `${PAGE}#/new`, parent: null };
    expect(await from(top)).toEqual({ taken: true, channels: ['fettle:port'] });
    for (const frame of [
      { url: 'https://example.com/', parent: null },
      { url: 'app://other/', parent: null },
      { url: PAGE, parent: top },
      null,
    ])
      expect((await from(frame)).taken, JSON.stringify(frame)).toBe(false);
  });

  test('pages come by app://, out of one folder', async () => {
    const schemes = (await app.until('protocol.registerSchemesAsPrivileged')) as { scheme: string }[];
    expect(schemes).toEqual([
      {
        scheme: 'app',
        privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
      },
    ]);
    const status = async (url: string, method = 'GET') =>
      (await app.act<{ status: number }>('fetch', { url, method })).status;
    expect(await status(PAGE)).toBe(200);
    for (const url of [
      '..%2f..%2fpackage.json',
      '%2e%2e/%2e%2e/package.json',
      '..%5cmain.js',
      '%00',
      '../main.js',
    ])
      expect(await status(PAGE + url), url).toBe(404);
    expect(await status('app://other/index.html')).toBe(404);
    expect(await status(PAGE, 'POST')).toBe(405);
  });

  test('the bridge exposes three things and nothing of Electron', () => {
    const preload = readFileSync(path.join(built.folder, 'dist', 'preload.cjs'), 'utf8');
    const exposed: Record<string, object> = {};
    const electron = {
      contextBridge: {
        exposeInMainWorld: (name: string, api: object) => Object.assign(exposed, { [name]: api }),
      },
      ipcRenderer: {},
      webUtils: {},
    };
    new Function('require', 'process', preload)((name: string) => (name === 'electron' ? electron : null), {
      platform: 'linux',
    });
    expect(Object.keys(exposed)).toEqual(['fettle']);
    expect(Object.keys(exposed.fettle!).sort()).toEqual(['pathOf', 'platform', 'port']);
  });

  test('only what the page itself made can be saved', async () => {
    expect(await app.act('download', 'blob:app://fettle/1-2')).toBe(true);
    expect(await app.act('download', 'https://example.com/a.exe')).toBe(false);
    expect(await app.act('download', `${PAGE}index.html`)).toBe(false);
  });

  test('developer tools are there for developers alone', async () => {
    expect((await preferencesOf(app)).devTools).toBe(true);
    const packaged = await opened({ packaged: true });
    expect((await preferencesOf(packaged)).devTools).toBe(false);
    expect(JSON.stringify(await packaged.until('Menu.setApplicationMenu'))).not.toMatch(
      /toggleDevTools|reload/,
    );
  });
});

describe('starting', () => {
  test('what must be said before Electron is ready is said before', async () => {
    const app = await opened();
    const early = ['app.setPath', 'protocol.registerSchemesAsPrivileged', 'app.requestSingleInstanceLock'];
    const ready = named(app).indexOf('ready');
    for (const what of early) expect(named(app).indexOf(what), what).toBeLessThan(ready);
    expect(named(app).indexOf('protocol.handle')).toBeGreaterThan(ready);
  });

  test('a second instance ends and opens nothing', async () => {
    const app = await start({ second: true }).catch((error: Error) => error);
    if (app instanceof Error) expect(app.message).toMatch(/ended with 0/);
    else {
      expect((await app.ended).code).toBe(0);
      expect(named(app)).not.toContain('new BrowserWindow');
    }
  });

  test('a second start shows the window of the first', async () => {
    const app = await opened();
    await app.act('secondInstance');
    await app.until('window.focus');
    expect(named(app).filter((what) => what === 'new BrowserWindow')).toHaveLength(1);
  });

  test('data that another process has is not touched, and that is said', async () => {
    const first = await opened();
    const second = await start({}, first.home);
    const said = (await second.until('dialog.showErrorBox')) as { content: string };
    expect(said.content).toMatch(/runs already.*in a window/);
    expect((await second.ended).code).toBe(1);
  });

  test.each(['closeWindow', 'quit'])(
    'after %s the window comes back where it was, and on a screen that is there',
    async (ending) => {
      const app = await opened();
      await app.act('bounds', { x: 300, y: 200, width: 1100, height: 700 });
      await app.act(ending);
      await app.ended;
      const again = await start({}, app.home);
      expect(await again.until('new BrowserWindow')).toMatchObject({
        x: 300,
        y: 200,
        width: 1100,
        height: 700,
      });
      await again.act('quit');
      await again.ended;
      const elsewhere = await start({ displays: [{ x: 3000, y: 0, width: 1920, height: 1080 }] }, app.home);
      expect(await elsewhere.until('new BrowserWindow')).not.toHaveProperty('x');
    },
  );
});

describe('the system', () => {
  test.each([
    ['en-GB', 'History', 'Show the data folder'],
    ['de-AT', 'Verlauf', 'Datenordner anzeigen'],
  ])('the menu goes to pages, and shows the data folder (%s)', async (locale, history, folder) => {
    const app = await opened({ locale });
    await app.act('menu', history);
    await app.until('loadURL', (url) => url === `${PAGE}#/history`);
    await app.act('menu', folder);
    expect(await app.until('shell.openPath')).toBe(path.join(app.home, 'data'));
  });

  test('files are picked with the system’s dialog', async () => {
    const app = await opened();
    const picked = app.api().files.pick({ what: 'data' });
    await app.until('dialog.showOpenDialog');
    await app.act('answer', { canceled: false, filePaths: ['/data/rows.csv'] });
    expect(await picked).toEqual(['/data/rows.csv']);
    const info = await app.api().host.info();
    expect(info).toMatchObject({ kind: 'electron', dialogs: true, keepsSecrets: true });
  });

  test.each([true, false])('whether it shows notifications (%s) is said', async (notices) => {
    const app = await opened({ notices });
    expect((await app.api().host.info()).notifies).toBe(notices);
  });

  test('a token is kept encrypted', async () => {
    const app = await opened();
    await app.api().settings.setHubToken({ token: 'hf_thisIsASecret' });
    expect(await app.api().settings.hubToken()).toEqual({ kept: true });
    const folder = path.join(app.home, 'data');
    const kept = readFileSync(path.join(folder, 'secrets-encrypted.json'), 'utf8');
    expect(kept).not.toContain('hf_thisIsASecret');
    expect(readFileSync(path.join(folder, 'secrets.json'), 'utf8')).toBe('{}');
  });

  test.each(['none', 'basic_text'])('where the system has no keyring (%s), that is said', async (keyring) => {
    const app = await opened({ keyring });
    await app.api().settings.setHubToken({ token: 'hf_thisIsASecret' });
    expect(await app.api().settings.hubToken()).toEqual({ kept: true });
    expect((await app.api().host.info()).keepsSecrets).toBe(false);
  });
});

describe('a training', () => {
  /** Starts one, usually of so many steps that it goes on until it is ended. */
  async function training(app: ElectronUnderTest, maxSteps = 100_000): Promise<string> {
    const api = app.api();
    await api.files.open({ what: 'data', paths: [workspace.at()] });
    const model = await api.models.add({ path: workspace.model });
    const { runId } = await api.jobs.train({
      request: {
        ...{ name: 'Practice', modelId: model.id, data: { paths: [workspace.data] } },
        settings: { maxSteps, maxLength: 64, tokensPerMicroBatch: 128, threads: 1, assess: false },
      },
    });
    await app.until('window.setProgressBar', (fraction: number) => fraction >= 0);
    return runId;
  }
  const stateOf = async (app: ElectronUnderTest, id: string) => (await app.api().runs.get({ id })).state;

  test('runs in a process of Electron’s own, which keeps the computer awake; paused on closing, it is there the next time', async () => {
    const app = await opened();
    const id = await training(app);
    expect(await app.until('utilityProcess.fork')).toMatchObject({
      file: path.join(built.folder, 'dist', 'engine.js'),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    expect(await app.until('powerSaveBlocker.start')).toBe('prevent-app-suspension');
    expect(named(app)).not.toContain('utilityProcess.message-without-process');
    await app.act('closeWindow');
    const asked = (await app.until('dialog.showMessageBox')) as { buttons: string[]; message: string };
    expect(asked.message).toContain('“Practice”');
    await app.act('answer', { response: asked.buttons.findIndex((label) => /^Pause/.test(label)) });
    expect((await app.ended).code).toBe(0);
    const again = await start({}, app.home);
    await again.until('window.show');
    expect(await stateOf(again, id)).toBe('paused');
  });

  test('is told to have ended where the person looks elsewhere, and not where they see it', async () => {
    const app = await opened();
    const done = (id: string) => expect.poll(() => stateOf(app, id)).toBe('done');
    await done(await training(app, 2));
    expect(named(app)).not.toContain('notification.show');
    await app.act('lookElsewhere');
    await done(await training(app, 2));
    expect(await app.until('notification.show')).toMatchObject({ title: '“Practice” is trained' });
    expect(named(app)).not.toContain('window.focus');
    await app.act('clickNotice');
    await app.until('window.focus');
  });

  test('goes on without a window when the person wants that, with a way back', async () => {
    const app = await opened();
    const id = await training(app);
    await app.act('closeWindow');
    await app.until('dialog.showMessageBox');
    await app.act('answer', { response: 0 });
    await app.until('window.hide');
    await app.until('new Tray');
    expect(await stateOf(app, id)).toBe('running');
    await app.act('tray', 'Open Fettle');
    await app.until('window.focus');
    await app.act('shutdown');
    expect((await app.ended).code).toBe(0);
  });

  test('stopped on quitting, it ends at once; cancelled, nothing ends', async () => {
    const app = await opened();
    const id = await training(app);
    await app.act('quit');
    await app.until('dialog.showMessageBox');
    await app.act('answer', { response: 3 });
    expect(await stateOf(app, id)).toBe('running');
    await app.act('quit');
    await app.until(
      'app.quit',
      () => app.asked.filter(({ what }) => what === 'dialog.showMessageBox').length === 2,
    );
    await app.act('answer', { response: 2 });
    expect((await app.ended).code).toBe(0);
    const again = await start({}, app.home);
    await again.until('window.show');
    expect(await stateOf(again, id)).toBe('stopped');
  });
});
