/**
 * Electron as the parts see it: what a program with a window can do for the person, with dialogs, notices,
 * progress and secrets.
 */

import { writeFile } from 'node:fs/promises';
import {
  BrowserWindow,
  dialog,
  Menu,
  Notification,
  type OpenDialogOptions,
  powerSaveBlocker,
  safeStorage,
  Tray,
} from 'electron';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import type { Host } from '../app/parts.ts';
import { fileSecrets } from '../serve/web-host.ts';
import { versions } from '../versions.ts';
import { APP_NAME, words } from './desktop-words.ts';
import { forkUtility } from './fork.ts';
import { reveal } from './guards.ts';
import { icon } from './window.ts';

interface ElectronHostOptions {
  /** The data folder, now. */
  readonly folder: () => string;
  readonly window: Parameters<typeof picker>[0];
  readonly notify: Host['notify'];
  readonly showProgress: Host['showProgress'];
  readonly onLanguage: () => void;
}

export function electronHost({
  folder,
  window,
  notify,
  showProgress,
  onLanguage,
}: ElectronHostOptions): Host {
  const { fettle: version, ...others } = versions();
  const { electron = 'unknown', chrome = 'unknown' } = process.versions;
  return {
    kind: 'electron',
    info: () => ({
      kind: 'electron',
      version,
      platform: process.platform,
      versions: { ...others, electron, chrome },
      dialogs: true,
      keepsSecrets: systemEncrypts(),
      notifies: Notification.isSupported(),
    }),
    pick: picker(window),
    reveal,
    printPdf,
    notify,
    showProgress,
    onLanguage,
    keepAwake: awakeKeeper(),
    secrets: systemSecrets(folder),
    fork: forkUtility,
  };
}

/** Switches that on and off. */
export function awakeKeeper(): (on: boolean) => void {
  let blocker: number | null = null;
  return (on) => {
    if (on === (blocker !== null)) return;
    if (on) blocker = powerSaveBlocker.start('prevent-app-suspension');
    else if (blocker !== null) {
      powerSaveBlocker.stop(blocker);
      blocker = null;
    }
  };
}

/** Shows notices, unless `isInFront`: then the person sees the window anyway. */
export function notifier(isInFront: () => boolean, onClick: () => void): Host['notify'] {
  // one that is collected as garbage loses its click
  const shown = new Set<Notification>();
  return (title, body) => {
    if (isInFront() || !Notification.isSupported()) return;
    const notice = new Notification({ title, body });
    shown.add(notice);
    notice.on('click', () => {
      shown.delete(notice);
      onClick();
    });
    notice.on('close', () => shown.delete(notice));
    notice.show();
  };
}

export type Progress = ReturnType<typeof openProgress>;

/** Shows progress of one job at a time; `open` and `quit` are what a person finds in the tray. */
export function openProgress(window: () => BrowserWindow | null, open: () => void, quit: () => void) {
  let tray: Tray | null = null;
  let fraction: number | null = null;
  const describe = () => {
    const { tray: texts, menu } = words();
    tray?.setToolTip(fraction === null ? APP_NAME : texts.working(Math.floor(fraction * 100)));
    tray?.setContextMenu(
      Menu.buildFromTemplate([
        { label: menu.open, click: open },
        { type: 'separator' },
        { label: menu.quit, click: quit },
      ]),
    );
  };
  return {
    /** Says the same again, in another language. */
    describe,
    /** 0 to 1; null takes it away. */
    show(given: number | null) {
      fraction = given;
      window()?.setProgressBar(given ?? -1);
      describe();
    },
    /** Puts the icon into the tray, where the system has one: a Mac has its dock. */
    showTray() {
      if (tray || process.platform === 'darwin') return;
      tray = new Tray(icon('tray'));
      tray.on('click', open);
      describe();
    },
    close() {
      tray?.destroy();
      tray = null;
    },
  };
}

const ENCRYPTED = 'secrets-encrypted.json';

/** Whether the system encrypts. Electron must be ready. `basic_text` is a key that stands in Chromium's source. */
export function systemEncrypts(platform: NodeJS.Platform = process.platform): boolean {
  if (!safeStorage.isEncryptionAvailable()) return false;
  return platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text';
}

/** Secrets in the folder that `folder` gives at the moment. */
export function systemSecrets(folder: () => string): Host['secrets'] {
  const plain = fileSecrets(folder);
  const encrypted = fileSecrets(folder, ENCRYPTED);
  const set = async (name: string, value: string | null) => {
    if (value === null || !systemEncrypts()) {
      await encrypted.set(name, null);
      return plain.set(name, value);
    }
    await encrypted.set(name, safeStorage.encryptString(value).toString('base64'));
    await plain.set(name, null);
  };
  return {
    set,
    async get(name) {
      const kept = await encrypted.get(name);
      if (kept !== null && systemEncrypts()) return decrypt(kept);
      const readable = await plain.get(name);
      // kept by the web host, or while there was no keyring
      if (readable !== null && systemEncrypts()) await set(name, readable);
      return readable;
    },
  };
}

function decrypt(kept: string): string {
  try {
    return safeStorage.decryptString(Buffer.from(kept, 'base64'));
  } catch (cause) {
    throw new AppError(
      'secrets-unreadable',
      say`Your saved token can't be decrypted: it belongs to another user or computer.`,
      say`Enter the Hub token again in Settings.`,
      { cause },
    );
  }
}

/** A window that nobody sees draws the page, without scripts and without a network. */
export async function printPdf(page: string, out: string): Promise<void> {
  const webPreferences = { partition: 'report', javascript: false, sandbox: true };
  const window = new BrowserWindow({ show: false, webPreferences });
  try {
    window.webContents.session.webRequest.onBeforeRequest(({ url }, callback) =>
      callback({ cancel: !url.startsWith('file:') }),
    );
    await window.loadFile(page);
    await writeFile(
      out,
      await window.webContents.printToPDF({ preferCSSPageSize: true, printBackground: true }),
    );
  } finally {
    window.destroy();
  }
}

type Pick = NonNullable<Host['pick']>;
type What = Parameters<Pick>[0];

const DATA_TYPES = ['csv', 'tsv', 'json', 'jsonl', 'ndjson', 'parquet', 'xlsx', 'txt', 'md', 'zip', 'gz'];

function openOptions(what: Exclude<What, 'save'>): OpenDialogOptions {
  const { data, gguf, all } = words().files;
  const filters = {
    data: [
      { name: data, extensions: DATA_TYPES },
      { name: all, extensions: ['*'] },
    ],
    gguf: [{ name: gguf, extensions: ['gguf'] }],
  };
  const options: Readonly<Record<typeof what, OpenDialogOptions>> = {
    data: { properties: ['openFile', 'multiSelections'], filters: filters.data },
    'data-folder': { properties: ['openDirectory'] },
    'model-folder': { properties: ['openDirectory'] },
    gguf: { properties: ['openFile'], filters: filters.gguf },
    folder: { properties: ['openDirectory', 'createDirectory'] },
  };
  return options[what];
}

/** Lets the person pick; an empty list when they did not. */
export function picker(parent: () => BrowserWindow | null): Pick {
  return async (what, suggest) => {
    const window = parent();
    if (what === 'save') {
      const options = suggest === undefined ? {} : { defaultPath: suggest };
      const { filePath } = await (window
        ? dialog.showSaveDialog(window, options)
        : dialog.showSaveDialog(options));
      return filePath ? [filePath] : [];
    }
    const options = { ...openOptions(what), ...(suggest !== undefined && { defaultPath: suggest }) };
    const { filePaths } = await (window
      ? dialog.showOpenDialog(window, options)
      : dialog.showOpenDialog(options));
    return filePaths;
  };
}
