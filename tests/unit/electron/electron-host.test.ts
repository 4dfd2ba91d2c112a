/** Secrets in the system's keyring, and what happens where there is none, or another one than before; reports as PDF. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { printPdf, systemEncrypts, systemSecrets } from '../../../main/electron/electron-host.ts';
import { fileSecrets } from '../../../main/serve/web-host.ts';

const { keyring } = vi.hoisted(() => ({ keyring: { works: true, backend: 'gnome_libsecret', key: 'k1' } }));
const { windows } = vi.hoisted(() => ({ windows: [] as FakeWindow[] }));

interface FakeWindow {
  readonly options: { readonly webPreferences: object };
  before(details: { url: string }, callback: (answer: { cancel: boolean }) => void): void;
  destroyed: boolean;
}

vi.mock('electron', () => ({
  BrowserWindow: class {
    destroyed = false;
    page = '';
    before: FakeWindow['before'] = () => {};
    readonly webContents = {
      session: { webRequest: { onBeforeRequest: (before: FakeWindow['before']) => (this.before = before) } },
      printToPDF: async () => Buffer.from(`%PDF of ${this.page}`),
    };
    readonly options: FakeWindow['options'];
    constructor(options: FakeWindow['options']) {
      this.options = options;
      windows.push(this);
    }
    async loadFile(page: string) {
      if (page.includes('gone')) throw new Error('no such file');
      this.page = page;
    }
    destroy() {
      this.destroyed = true;
    }
  },
  safeStorage: {
    isEncryptionAvailable: () => keyring.works,
    getSelectedStorageBackend: () => keyring.backend,
    encryptString: (text: string) => Buffer.from(keyring.key + [...text].reverse().join('')),
    decryptString(bytes: Buffer) {
      const text = bytes.toString();
      if (!text.startsWith(keyring.key)) throw new Error('wrong key');
      return [...text.slice(keyring.key.length)].reverse().join('');
    },
  },
}));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fettle-secrets-'));
  Object.assign(keyring, { works: true, backend: 'gnome_libsecret', key: 'k1' });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const open = () => systemSecrets(() => folder);
const fileText = (name: string) => readFileSync(path.join(folder, name), 'utf8');

test('a secret comes back, and stands nowhere as it is', async () => {
  await open().set('hubToken', 'hf_secret');
  expect(await open().get('hubToken')).toBe('hf_secret');
  expect(fileText('secrets-encrypted.json') + fileText('secrets.json')).not.toContain('hf_secret');
});

test('one that is taken away is gone', async () => {
  await open().set('hubToken', 'hf_secret');
  await open().set('hubToken', null);
  expect(await open().get('hubToken')).toBeNull();
  expect(fileText('secrets-encrypted.json')).toBe('{}');
});

test('one that the web host has kept is encrypted when it is read', async () => {
  await fileSecrets(() => folder).set('hubToken', 'hf_secret');
  expect(await open().get('hubToken')).toBe('hf_secret');
  expect(fileText('secrets.json')).not.toContain('hf_secret');
  expect(await open().get('hubToken')).toBe('hf_secret');
});

test.each([{ works: false }, { backend: 'basic_text' }])(
  'without a keyring (%o) they are kept as the web host does',
  async (state) => {
    Object.assign(keyring, state);
    expect(systemEncrypts('linux')).toBe(false);
    if (process.platform !== 'linux') keyring.works = false;
    await open().set('hubToken', 'hf_secret');
    expect(await fileSecrets(() => folder).get('hubToken')).toBe('hf_secret');
    expect(await open().get('hubToken')).toBe('hf_secret');
  },
);

test('one that was encrypted for another login is refused with what to do', async () => {
  await open().set('hubToken', 'hf_secret');
  keyring.key = 'k2';
  await expect(open().get('hubToken')).rejects.toMatchObject({
    code: 'secrets-unreadable',
    hint: expect.stringContaining('again'),
  });
});

test('a report is printed by a window without scripts and network, which goes in any case', async () => {
  const out = path.join(folder, 'report.pdf');
  await printPdf('/runs/report.html', out);
  expect(readFileSync(out, 'utf8')).toBe('%PDF of /runs/report.html');
  const [window] = windows;
  expect(window?.options.webPreferences).toMatchObject({ javascript: false, sandbox: true });
  const isStopped = (url: string) => {
    let stopped = false;
    window?.before({ url }, ({ cancel }) => (stopped = cancel));
    return stopped;
  };
  expect(['file:///runs/report.html', 'https://example.org/'].map(isStopped)).toEqual([false, true]);
  await expect(printPdf('/runs/gone.html', out)).rejects.toThrow('no such file');
  expect(windows.map(({ destroyed }) => destroyed)).toEqual([true, true]);
});
