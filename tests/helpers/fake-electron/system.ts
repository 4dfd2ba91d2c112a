/** What of Electron reaches into the system: dialogs, notices, tray, menu, shell, power, the keyring. Kept, and answered by the test. */
import { EventEmitter, once } from 'node:events';
import { dialogs, needReady, note, settings } from './state.ts';

interface Item {
  readonly label?: string;
  readonly role?: string;
  readonly accelerator?: string;
  readonly submenu?: readonly Item[];
  click?(): void;
}

async function ask(kind: string, args: readonly unknown[]): Promise<unknown> {
  needReady(`dialog.${kind}`);
  note(`dialog.${kind}`, args.at(-1));
  const [answer] = await once(dialogs, 'answer');
  return answer;
}

export const dialog = {
  showMessageBox: (...args: unknown[]) => ask('showMessageBox', args),
  showOpenDialog: (...args: unknown[]) => ask('showOpenDialog', args),
  showSaveDialog: (...args: unknown[]) => ask('showSaveDialog', args),
  showErrorBox: (title: string, content: string) => note('dialog.showErrorBox', { title, content }),
};

export class Menu {
  static application: Menu | null = null;
  readonly items: readonly Item[];
  constructor(items: readonly Item[]) {
    this.items = items;
  }
  static buildFromTemplate(items: readonly Item[]): Menu {
    return new Menu(items);
  }
  static setApplicationMenu(menu: Menu): void {
    Menu.application = menu;
    note('Menu.setApplicationMenu', menu.items);
  }
  /** Clicks the first item of that label, wherever it is. */
  click(label: string, items: readonly Item[] = this.items): boolean {
    for (const item of items) {
      if (item.label === label && item.click) {
        item.click();
        return true;
      }
      if (item.submenu && this.click(label, item.submenu)) return true;
    }
    return false;
  }
}

export class Tray extends EventEmitter {
  static current: Tray | null = null;
  menu: Menu | null = null;
  constructor(image: { readonly file: string }) {
    super();
    needReady('new Tray');
    note('new Tray', image);
    Tray.current = this;
  }
  setToolTip = (text: string) => note('tray.setToolTip', text);
  setContextMenu(menu: Menu): void {
    this.menu = menu;
  }
  destroy = () => note('tray.destroy');
}

export class Notification extends EventEmitter {
  static last: Notification | null = null;
  readonly #content: object;
  constructor(content: object) {
    super();
    needReady('new Notification');
    this.#content = content;
  }
  static isSupported = () => settings.notices ?? true;
  show(): void {
    Notification.last = this;
    note('notification.show', this.#content);
  }
}

export const shell = {
  openExternal: async (url: string) => note('shell.openExternal', url),
  openPath: async (path: string) => note('shell.openPath', path),
  showItemInFolder: (path: string) => note('shell.showItemInFolder', path),
};

export const nativeImage = { createFromPath: (file: string) => ({ file }) };
export const nativeTheme = { shouldUseDarkColors: false };
export const powerMonitor = new EventEmitter();

let blockers = 0;
export const powerSaveBlocker = {
  start(kind: string): number {
    note('powerSaveBlocker.start', kind);
    return ++blockers;
  },
  stop: (id: number) => note('powerSaveBlocker.stop', id),
};

const MARK = 'encrypted:';
const flip = (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 0x5a));

export const safeStorage = {
  isEncryptionAvailable() {
    needReady('safeStorage');
    return settings.keyring !== 'none';
  },
  getSelectedStorageBackend: () => settings.keyring ?? 'gnome_libsecret',
  encryptString: (text: string) => flip(Buffer.from(MARK + text)),
  decryptString(bytes: Buffer): string {
    const text = flip(bytes).toString();
    if (!text.startsWith(MARK)) throw new Error('Error while decrypting the ciphertext');
    return text.slice(MARK.length);
  },
};
